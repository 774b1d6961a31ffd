// SPDX-License-Identifier: MIT

#include "os/process_title.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace uwsgi::os {
namespace {

// The copies live until the process ends, because getenv may be called until then.
char* Copy(const char* text) { return strdup(text); }

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

ProcessTitle::ProcessTitle(int argc, char** argv) {
  if (argc == 0) return;
  // The kernel lays the strings out one after the other, arguments first. Only what really
  // is contiguous is ours.
  area_.begin = argv[0];
  char* end = argv[0];
  for (int i = 0; i < argc; ++i) {
    if (argv[i] == end) end += std::strlen(argv[i]) + 1;
    argv[i] = Copy(argv[i]);
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (*entry == end) end += std::strlen(*entry) + 1;
    *entry = Copy(*entry);
  }
  area_.size = static_cast<std::size_t>(end - area_.begin);
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
