// SPDX-License-Identifier: MIT

#include "protocol/request_text.h"

#include <array>

#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

constexpr std::array<bool, 256> kNeedsEscape = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char byte = static_cast<char>(i);
    table[i] = IsControl(byte) || byte == '\t' || byte == '"' || byte == '\\';
  }
  return table;
}();

}  // namespace

void AppendLogText(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!kNeedsEscape[byte]) continue;
    out.append(text, clean, i - clean);
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
    clean = i + 1;
  }
  out.append(text, clean);
}

std::string_view FindVar(const Request& request, std::string_view key) {
  std::string_view value;
  for (const Var& var : request.vars) {
    if (var.key == key) value = var.value;
  }
  return value;
}

}  // namespace uwsgi::protocol
