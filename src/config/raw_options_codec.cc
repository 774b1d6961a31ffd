// SPDX-License-Identifier: MIT
//
// Five fields for each option: name, value, file, line, bare.

#include "config/raw_options_codec.h"

#include <utility>

#include "base/fields.h"

namespace uwsgi::config {

std::string EncodeRawOptions(const std::vector<RawOption>& raw) {
  std::string out;
  for (const RawOption& option : raw) {
    AppendField(out, option.name);
    AppendField(out, option.value);
    AppendField(out, option.file);
    AppendNumber(out, option.line);
    AppendNumber(out, option.bare ? 1 : 0);
  }
  return out;
}

Result<std::vector<RawOption>> DecodeRawOptions(std::string_view text) {
  std::vector<RawOption> raw;
  FieldReader reader(text);
  while (!reader.at_end()) {
    RawOption option;
    option.name = reader.Next();
    option.value = reader.Next();
    option.file = reader.Next();
    option.line = reader.NextNumber<int>();
    option.bare = reader.NextNumber<int>() != 0;
    if (reader.failed()) {
      return Error{ErrorCode::kMalformed, "cannot read the list of options: it is cut short"};
    }
    raw.push_back(std::move(option));
  }
  return raw;
}

}  // namespace uwsgi::config
