// SPDX-License-Identifier: MIT
//
// Reads the cases of the parsers: see data/README.md.

#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace uwsgi::protocol {

struct HttpCase {
  std::string file;
  std::string name;
  std::string outcome;  // "400 reason", "ok keep-alive chunked", "malformed"
  std::vector<std::string> variables;
  std::string bytes;
};

void PrintTo(const HttpCase& test_case, std::ostream* out);

// The cases of all files with this extension.
std::vector<HttpCase> ReadHttpCases(std::string_view extension = ".http");

}  // namespace uwsgi::protocol
