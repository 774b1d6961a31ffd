// SPDX-License-Identifier: MIT
//
// A text made of other texts: each as "<length>:<bytes>", so that they may hold anything.

#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

namespace uwsgi {

void AppendField(std::string& text, std::string_view field);

template <typename Number>
void AppendNumber(std::string& text, Number number) {
  AppendField(text, std::to_string(number));
}

// Takes fields from the front; after the first mistake everything is empty or zero. The views
// are of the text, which outlives them.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  std::string_view Next();

  template <typename Number>
  Number NextNumber() {
    const std::string_view field = Next();
    Number number{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc() || end != field.data() + field.size()) failed_ = true;
    return number;
  }

  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace uwsgi
