// SPDX-License-Identifier: MIT

#include "base/pattern.h"

#include <fmt/core.h>

#include <array>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace uwsgi {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<Pattern> Pattern::Compile(std::string_view expression) {
  int error = 0;
  std::size_t offset = 0;
  pcre2_code* code =
      pcre2_compile(Bytes(expression), expression.size(), 0, &error, &offset, nullptr);
  if (code != nullptr) return Pattern({code, pcre2_code_free});
  std::array<unsigned char, 128> text{};
  pcre2_get_error_message(error, text.data(), text.size());
  return Error{ErrorCode::kInvalid,
               fmt::format("`{}` is no regular expression: {} at offset {}", expression,
                           reinterpret_cast<const char*>(text.data()), offset)};
}

bool Pattern::Matches(std::string_view text) const {
  pcre2_match_data* match = pcre2_match_data_create(1, nullptr);
  if (match == nullptr) return false;
  const int found = pcre2_match(code_.get(), Bytes(text), text.size(), 0, 0, match, nullptr);
  pcre2_match_data_free(match);
  return found >= 0;
}

}  // namespace uwsgi
