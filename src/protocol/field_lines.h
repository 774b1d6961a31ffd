// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

#include "protocol/scan.h"

namespace uwsgi::protocol {

// One of ResponseHead::fields.
struct FieldLine {
  std::string_view line;  // With its end.
  std::string_view name;
  std::string_view value;  // Without blanks around it.
};

// Takes the next of "Name: value\r\n" lines, which are well-formed. False at the end.
inline bool NextFieldLine(std::string_view& fields, FieldLine& field) {
  if (fields.empty()) return false;
  const std::size_t end = fields.find("\r\n");
  field.line = fields.substr(0, end + 2);
  const std::size_t colon = field.line.find(':');
  field.name = field.line.substr(0, colon);
  field.value = TrimBlanks(fields.substr(colon + 1, end - colon - 1));
  fields.remove_prefix(end + 2);
  return true;
}

}  // namespace uwsgi::protocol
