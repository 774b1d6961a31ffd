// SPDX-License-Identifier: MIT

#include "config/start_facts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <string_view>
#include <utility>

#include "os/read_file.h"

namespace uwsgi::config {

namespace {

// A descriptor is this process's alone, and whatever it is, it is read by reading on.
bool IsDescriptor(std::string_view path) {
  return path == "-" || path == "/dev/stdin" || path.starts_with("/dev/fd/") ||
         path.starts_with("/proc/self/fd/");
}

}  // namespace

Result<std::string> ConfigurationTexts::Read(const std::string& path) {
  if (const auto known = kept_.find(path); known != kept_.end()) return known->second;
  auto text = os::ReadFile(path);
  if (text && IsDescriptor(path)) kept_.emplace(path, *text);
  return text;
}

StartFacts StartFacts::OfThisProcess(const char* const* block, std::string program) {
  StartFacts facts{Environment::FromBlock(block),
                   os::ProcessFacts::OfThisProcess(std::time(nullptr), std::move(program))};
  struct stat input {};
  facts.inherits_socket = facts.environment.Find("LISTEN_FDS").has_value() ||
                          (::fstat(STDIN_FILENO, &input) == 0 && S_ISSOCK(input.st_mode));
  return facts;
}

}  // namespace uwsgi::config
