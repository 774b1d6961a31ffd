// SPDX-License-Identifier: MIT
//
// Reads the parser's cases: see data/README.md.

#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace uwsgi::protocol {

struct HttpCase {
  std::string file;
  std::string name;
  std::string outcome;  // "400 reason", "ok keep-alive chunked"
  std::vector<std::string> variables;
  std::string bytes;
};

void PrintTo(const HttpCase& test_case, std::ostream* out);

// The cases of all files.
std::vector<HttpCase> ReadHttpCases();

}  // namespace uwsgi::protocol
