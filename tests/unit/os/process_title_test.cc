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

TEST(ProcessTitleTest, IsWhatPsReads) {
  const int status = RunInChild([] {
    setenv("AN_ENTRY_OF_THE_HEAP", "stays", 1);
    ProcessTitle title = ProcessTitle::OfThisProcess();
    if (title.capacity() == 0) return 1;
    title.Set("uWSGI worker 1");
    if (std::string(CommandLine().c_str()) != "uWSGI worker 1") return 2;
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
