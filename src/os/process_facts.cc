// SPDX-License-Identifier: MIT

#include "os/process_facts.h"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "os/accounts.h"
#include "os/system_info.h"
#include "uwsgi/version.h"

namespace uwsgi::os {

std::string ProgramOfThisProcess() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).string();
}

ProcessFacts ProcessFacts::OfThisProcess(std::time_t started_at, std::string program) {
  ProcessFacts facts;
  std::error_code ignored;
  facts.directory = std::filesystem::current_path(ignored).string();
  facts.host_name = Hostname();
  facts.started_at = started_at;
  facts.cpu_count = UsableProcessors();
  facts.user_id = ::getuid();
  facts.group_id = ::getgid();
  facts.user_name = UserName(facts.user_id);
  facts.group_name = GroupName(facts.group_id);
  facts.binary_path = std::move(program);
  return facts;
}

std::map<char, std::string> ProcessFacts::ByLetter() const {
  const std::string started = std::to_string(started_at);
  return {
      {'v', directory},
      {'h', host_name},
      {'t', started},
      {'T', started + "000000"},
      {'V', std::string(kVersion)},
      {'k', std::to_string(cpu_count)},
      {'[', "\033"},
      {'u', std::to_string(user_id)},
      {'U', user_name},
      {'g', std::to_string(group_id)},
      {'G', group_name},
      {'b', binary_path},
      {'%', "%"},
  };
}

}  // namespace uwsgi::os
