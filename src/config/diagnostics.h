// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options/raw_option.h"

namespace uwsgi::config {

// "uwsgi.ini:7: harakiri = 30", or "--harakiri 30": an option as an operator finds it again.
std::string Describe(const RawOption& option);

// Everything that was found wrong or odd, in the order of finding: the operator sees all of
// it at once.
class Diagnostics {
 public:
  void Error(std::string line) { errors_.push_back(std::move(line)); }
  void Warning(std::string line) { warnings_.push_back(std::move(line)); }
  void Notice(std::string line) { notices_.push_back(std::move(line)); }

  // An error or a warning after the description of the option.
  void ErrorAt(const RawOption& option, std::string_view text);
  void WarningAt(const RawOption& option, std::string_view text);

  const std::vector<std::string>& errors() const { return errors_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
  std::vector<std::string> notices_;
};

}  // namespace uwsgi::config
