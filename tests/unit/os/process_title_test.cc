// SPDX-License-Identifier: MIT

#include "os/process_title.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/child_process.h"

namespace uwsgi::os {
namespace {

std::string CommandLine() {
  std::ifstream file("/proc/self/cmdline");
  return {std::istreambuf_iterator<char>(file), {}};
}

// The arguments of this process where the kernel put them: main's own are gtest's.
std::vector<char*> KernelArguments() {
  std::ifstream file("/proc/self/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  constexpr int kArgStart = 48;  // proc(5) counts from 1; what was cut off has two.
  for (int i = 3; i <= kArgStart; ++i) fields >> field;
  auto* next = reinterpret_cast<char*>(std::strtoull(field.c_str(), nullptr, 10));
  const std::string line = CommandLine();
  std::vector<char*> arguments;
  for (auto count = std::ranges::count(line, '\0'); count > 0; --count) {
    arguments.push_back(next);
    next += std::string_view(next).size() + 1;
  }
  return arguments;
}

TEST(ProcessTitleTest, IsWhatPsReads) {
  const int status = RunInChild([] {
    setenv("AN_ENTRY_OF_THE_HEAP", "stays", 1);
    std::vector<char*> arguments = KernelArguments();
    if (arguments.empty()) return 1;
    const std::string program = arguments[0];
    ProcessTitle title(static_cast<int>(arguments.size()), arguments.data());
    title.Set("uWSGI worker 1");
    if (std::string(CommandLine().c_str()) != "uWSGI worker 1") return 2;
    if (arguments[0] != program) return 3;
    if (std::getenv("PATH") == nullptr || std::string(std::getenv("PATH")).empty()) return 4;
    if (std::string(std::getenv("AN_ENTRY_OF_THE_HEAP")) != "stays") return 5;
    title.Set(std::string(title.capacity() * 2, 'x'));
    if (std::getenv("PATH")[0] == 'x') return 6;
    title.Set("short");
    return std::string(CommandLine().c_str()) == "short" ? 0 : 7;
  });
  EXPECT_EQ(status, 0);
}

struct TitleCase {
  ProcessOptions options;
  std::string master;  // Empty: left alone.
  std::string worker;
};

TEST(TitleForTest, FollowsTheProcnameOptions) {
  const auto with = [](auto set) {
    ProcessOptions options;
    set(options);
    return options;
  };
  const TitleCase cases[] = {
      {{}, "", ""},
      {with([](auto& o) { o.auto_procname = true; }), "uWSGI master", "uWSGI worker 2"},
      {with([](auto& o) { o.procname_prefix = "a-"; }), "a-uWSGI master", "a-uWSGI worker 2"},
      {with([](auto& o) { o.procname_prefix_spaced = "a"; }), "a uWSGI master", "a uWSGI worker 2"},
      {with([](auto& o) { o.procname_append = " z"; }), "uWSGI master z", "uWSGI worker 2 z"},
      {with([](auto& o) { o.procname = "name"; }), "name", "name"},
      {with([](auto& o) { o.procname_master = "boss"; }), "boss", ""},
      {with([](auto& o) {
         o.procname = "name";
         o.procname_master = "boss";
         o.procname_append = " z";
       }),
       "boss z", "name z"},
  };
  for (const TitleCase& expected : cases) {
    EXPECT_EQ(TitleFor(expected.options, ProcessRole::kMaster).value_or(""), expected.master);
    EXPECT_EQ(TitleFor(expected.options, ProcessRole::kWorker, 2).value_or(""), expected.worker);
  }
  EXPECT_EQ(TitleFor(cases[1].options, ProcessRole::kZygote), "uWSGI zygote");
}

}  // namespace
}  // namespace uwsgi::os
