// SPDX-License-Identifier: MIT

#include "python/thread_stacks.h"

#include <gtest/gtest.h>

#include <vector>

namespace uwsgi::python {
namespace {

const std::vector<NamedThread> kThreads = {{0x7f01, 0, "uWSGIWorker1Core0"},
                                           {0x7f02, 1, "uWSGIWorker1Core1"}};

constexpr std::string_view kDump =
    "Thread 0x0000000000007f03 (most recent call first):\n"
    "  File \"own.py\", line 3 in run\n"
    "\n"
    "Thread 0x0000000000007f02 [uWSGIWorker1Cor] (most recent call first):\n"
    "  File \"app.py\", line 2 in stuck\n"
    "  File \"app.py\", line 1 in application\n"
    "\n"
    "Thread 0x0000000000007f01 (most recent call first):\n"
    "  <no Python frame>\n";

constexpr std::string_view kOwn =
    "Thread 0x0000000000007f03 (most recent call first):\n"
    "  File \"own.py\", line 3 in run\n";
constexpr std::string_view kStuck =
    "Thread of core 1 (uWSGIWorker1Core1, most recent call first):\n"
    "  File \"app.py\", line 2 in stuck\n"
    "  File \"app.py\", line 1 in application\n";
constexpr std::string_view kIdle =
    "Thread of core 0 (uWSGIWorker1Core0, most recent call first):\n"
    "  <no Python frame>\n";

std::string Joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all += part;
  return all;
}

TEST(NameStacksTest, PutsTheGuiltyThreadFirst) {
  EXPECT_EQ(NameStacks(kDump, kThreads, 1), Joined({kStuck, kOwn, kIdle}));
  EXPECT_EQ(NameStacks(kDump, kThreads, 0), Joined({kIdle, kOwn, kStuck}));
}

TEST(NameStacksTest, KnowsTheThreadThatHasAsked) {
  EXPECT_EQ(NameStacks("Current thread 0x0000000000007f01 (most recent call first):\n"
                       "  <no Python frame>\n",
                       kThreads, 0),
            kIdle);
}

TEST(NameStacksTest, KeepsTheOrderWhereNobodyIsGuilty) {
  EXPECT_EQ(NameStacks(kDump, kThreads, -1), Joined({kOwn, kStuck, kIdle}));
  EXPECT_EQ(NameStacks(kDump, {}, 1).find("core"), std::string::npos);
}

}  // namespace
}  // namespace uwsgi::python
