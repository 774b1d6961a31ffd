// SPDX-License-Identifier: MIT

#include "protocol/http_cases.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "protocol/scan.h"
#include "unit_test_data.h"

namespace uwsgi::protocol {
namespace {

std::string Unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        bytes += '\r';
        break;
      case 'n':
        bytes += '\n';
        break;
      case 't':
        bytes += '\t';
        break;
      case 'x':
        bytes += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
        i += 2;
        break;
      default:
        bytes += text[i];
    }
  }
  return bytes;
}

// Replaces each {N*text} by N times the text.
std::string Repeat(const std::string& text) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t open = 0; (open = text.find('{', done)) != std::string::npos;) {
    const std::size_t star = text.find('*', open);
    const std::size_t close = text.find('}', star);
    out += text.substr(done, open - done);
    for (int count = std::stoi(text.substr(open + 1)); count > 0; --count) {
      out += text.substr(star + 1, close - star - 1);
    }
    done = close + 1;
  }
  return out + text.substr(done);
}

void ReadFile(const std::filesystem::path& path, std::vector<HttpCase>& cases) {
  std::ifstream file(path);
  bool in_bytes = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("== ")) {
      cases.push_back({path.stem().string(), line.substr(3), "", {}, ""});
      in_bytes = false;
    } else if (line == "--") {
      in_bytes = true;
    } else if (line.empty()) {
      continue;
    } else if (in_bytes) {
      cases.back().bytes += Unescape(Repeat(line));
    } else if (cases.back().outcome.empty()) {
      cases.back().outcome = line;
    } else {
      cases.back().variables.push_back(Unescape(line));
    }
  }
}

}  // namespace

void PrintTo(const HttpCase& test_case, std::ostream* out) {
  *out << test_case.file << ": " << test_case.name;
}

std::vector<HttpCase> ReadHttpCases(std::string_view extension) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path directory = std::filesystem::path(kUnitTests) / "protocol/data";
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<HttpCase> cases;
  for (const auto& file : files) ReadFile(file, cases);
  return cases;
}

}  // namespace uwsgi::protocol
