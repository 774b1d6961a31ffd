// SPDX-License-Identifier: MIT

#include "config/start_facts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

namespace uwsgi::config {

StartFacts StartFacts::OfThisProcess(const char* const* block) {
  StartFacts facts{Environment::FromBlock(block),
                   os::ProcessFacts::OfThisProcess(std::time(nullptr))};
  struct stat input {};
  facts.inherits_socket = facts.environment.Find("LISTEN_FDS").has_value() ||
                          (::fstat(STDIN_FILENO, &input) == 0 && S_ISSOCK(input.st_mode));
  return facts;
}

}  // namespace uwsgi::config
