// SPDX-License-Identifier: MIT
//
//   list   := option*
//   option := text(name) text(value) text(file) text(line) text(bare)
//   text   := decimal-length ':' byte[length]

#include <charconv>
#include <string>
#include <string_view>

#include "config/loader.h"

namespace uwsgi::config {
namespace {

void AddText(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

bool TakeText(std::string_view& from, std::string& text) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), length);
  const auto digits = static_cast<std::size_t>(end - from.data());
  if (error != std::errc{} || digits == from.size() || *end != ':') return false;
  from.remove_prefix(digits + 1);
  if (length > from.size()) return false;
  text = from.substr(0, length);
  from.remove_prefix(length);
  return true;
}

}  // namespace

std::string EncodeRawOptions(const std::vector<RawOption>& raw) {
  std::string out;
  for (const RawOption& option : raw) {
    AddText(out, option.name);
    AddText(out, option.value);
    AddText(out, option.file);
    AddText(out, std::to_string(option.line));
    AddText(out, option.bare ? "1" : "0");
  }
  return out;
}

Result<std::vector<RawOption>> DecodeRawOptions(std::string_view text) {
  std::vector<RawOption> raw;
  while (!text.empty()) {
    RawOption option;
    std::string line;
    std::string bare;
    if (!TakeText(text, option.name) || !TakeText(text, option.value) ||
        !TakeText(text, option.file) || !TakeText(text, line) || !TakeText(text, bare)) {
      return Error{ErrorCode::kMalformed, "cannot read the list of options: it is cut short"};
    }
    std::from_chars(line.data(), line.data() + line.size(), option.line);
    option.bare = bare == "1";
    raw.push_back(std::move(option));
  }
  return raw;
}

}  // namespace uwsgi::config
