// SPDX-License-Identifier: MIT

#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "base/result.h"

namespace uwsgi::config {

// Load() with these arguments and variables ("NAME=value").
inline Result<Configuration> LoadWith(std::vector<std::string> arguments,
                                      std::vector<std::string> variables = {}) {
  arguments.insert(arguments.begin(), "uwsgi");
  std::vector<const char*> block;
  for (const std::string& variable : variables) block.push_back(variable.c_str());
  block.push_back(nullptr);
  StartFacts facts = StartFacts::OfThisProcess(block.data(), "/usr/bin/uwsgi");
  return Load(arguments, facts);
}

// A directory of the test's own, which is gone afterwards.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "config_test.XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string file = (path_ / name).string();
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The first value of a name in the raw list; "<none>" when it is not there.
inline std::string RawValue(const std::vector<RawOption>& raw, const std::string& name) {
  for (const RawOption& option : raw) {
    if (option.name == name) return option.value;
  }
  return "<none>";
}

}  // namespace uwsgi::config
