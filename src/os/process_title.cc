// SPDX-License-Identifier: MIT

#include "os/process_title.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace uwsgi::os {
namespace {

// The copies live until the process ends, because getenv may be called until then.
char* Copy(const char* text) { return strdup(text); }

// Arguments and environment as the program got them, one string after the other.
struct StartArea {
  char* begin = nullptr;
  char* end = nullptr;
};

// Empty when the kernel does not tell.
StartArea StartAreaOfThisProcess() {
  std::ifstream file("/proc/self/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');  // The second field may hold blanks.
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  // arg_start, arg_end, env_start and env_end are 48 to 51, counted from 1 (proc(5)).
  std::string skipped;
  for (int i = 3; i < 48; ++i) fields >> skipped;
  std::array<std::uintptr_t, 4> bounds{};
  for (std::uintptr_t& bound : bounds) fields >> bound;
  if (!fields || bounds[0] == 0 || bounds[1] < bounds[0]) return {};
  const bool has_both = bounds[2] == bounds[1] && bounds[3] >= bounds[2];
  // NOLINTBEGIN(performance-no-int-to-ptr): it is how the kernel says it.
  return {reinterpret_cast<char*>(bounds[0]),
          reinterpret_cast<char*>(has_both ? bounds[3] : bounds[1])};
  // NOLINTEND(performance-no-int-to-ptr)
}

std::string NameOf(const ProcessOptions& options, ProcessRole role, int worker_id) {
  if (role == ProcessRole::kMaster && !options.procname_master.empty()) {
    return options.procname_master;
  }
  if (!options.procname.empty()) return options.procname;
  switch (role) {
    case ProcessRole::kMaster:
      return "uWSGI master";
    case ProcessRole::kZygote:
      return "uWSGI zygote";
    case ProcessRole::kWorker:
      return fmt::format("uWSGI worker {}", worker_id);
  }
  return "";
}

}  // namespace

std::optional<std::string> TitleFor(const ProcessOptions& options, ProcessRole role,
                                    int worker_id) {
  const bool is_master = role == ProcessRole::kMaster;
  const bool decorated = !options.procname_prefix.empty() ||
                         !options.procname_prefix_spaced.empty() ||
                         !options.procname_append.empty();
  if (!options.auto_procname && !decorated && options.procname.empty() &&
      (!is_master || options.procname_master.empty())) {
    return std::nullopt;
  }
  std::string title = options.procname_prefix;
  if (!options.procname_prefix_spaced.empty()) title += options.procname_prefix_spaced + " ";
  return title + NameOf(options, role, worker_id) + options.procname_append;
}

ProcessTitle ProcessTitle::OfThisProcess() {
  const StartArea start = StartAreaOfThisProcess();
  if (start.begin == nullptr) return {};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (*entry >= start.begin && *entry < start.end) *entry = Copy(*entry);
  }
  return ProcessTitle({start.begin, static_cast<std::size_t>(start.end - start.begin)});
}

void ProcessTitle::SetFor(const ProcessOptions& options, ProcessRole role, int worker_id) {
  if (const auto title = TitleFor(options, role, worker_id)) Set(*title);
}

void ProcessTitle::Set(std::string_view title) {
  if (area_.size == 0) return;
  const std::size_t size = std::min(title.size(), area_.size - 1);
  std::memcpy(area_.begin, title.data(), size);
  std::memset(area_.begin + size, 0, area_.size - size);
}

}  // namespace uwsgi::os
