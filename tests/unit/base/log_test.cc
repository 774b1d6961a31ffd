// SPDX-License-Identifier: MIT

#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/early_log.h"
#include "base/lasting_log.h"
#include "base/unique_fd.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

// What a child writes to its standard error while it runs `body`.
std::string LogOf(const std::function<void()>& body) {
  const TempDir directory;
  const UniqueFd file(open((directory / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  RunInChild([&] {
    dup2(file.get(), 2);
    body();
    return 0;
  });
  return directory.Read("log");
}

TEST(LogTest, MarksWhatAnOperatorActsOn) {
  EXPECT_EQ(LogOf([] {
              LogInfo("spawned {} workers", 2);
              LogNotice("reloading");
              LogWarning("slow");
              LogError("lost");
            }),
            "spawned 2 workers\nreloading\nwarning: slow\nerror: lost\n");
}

TEST(LogTest, DropsWhatIsBelowTheLevel) {
  const auto debug_and_info = [] {
    LogDebug("detail");
    LogInfo("event");
  };
  EXPECT_EQ(LogOf(debug_and_info), "event\n");
  EXPECT_EQ(LogOf([&] {
              SetLogLevel(LogLevel::kDebug);
              debug_and_info();
            }),
            "detail\nevent\n");
}

TEST(LogTest, PutsTheDateInFrontAsStrftimeDoes) {
  const std::time_t before = std::time(nullptr);
  const std::string line = LogOf([] {
    SetLogDate("[%F %T %%]");
    LogError("lost");
  });
  std::vector<std::string> possible;
  for (std::time_t time = before; time <= std::time(nullptr); ++time) {
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "[%F %T %%]", std::localtime(&time));
    possible.push_back(std::string(text.data()) + " - error: lost\n");
  }
  EXPECT_THAT(possible, testing::Contains(line));
}

TEST(LogTest, PercentSignsInALineAreText) {
  EXPECT_EQ(LogOf([] { LogLine(LogLevel::kInfo, "100%v {} %@"); }), "100%v {} %@\n");
}

TEST(LastingLogTest, SaysWhatLastsOnce) {
  EXPECT_EQ(LogOf([] {
              for (int i = 0; i < 3; ++i) {
                LogLasting(LogLevel::kError, "the disk is full: {}", i);
                LogLasting(LogLevel::kWarning, "there is no directory: {}", i);
              }
            }),
            "error: the disk is full: 0\nwarning: there is no directory: 0\n");
}

TEST(EarlyLogTest, RepeatsWhatWasSaidBeforeTheLogWasOpen) {
  EXPECT_EQ(LogOf([] {
              LogWarning("before");
              KeepLogLines();
              LogWarning("early");
              SetLogDate("%%");
              RepeatKeptLogLines();
              LogInfo("late");
              RepeatKeptLogLines();
              ForgetKeptLogLines();
              RepeatKeptLogLines();
            }),
            "warning: before\nwarning: early\n% - warning: early\n% - late\n% - warning: early\n");
}

TEST(LogTest, KeepsLinesOfThreadsWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  const std::string log = LogOf([] {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([i] {
        const std::string text(100, static_cast<char>('a' + i));
        for (int line = 0; line < kLines; ++line) LogLine(LogLevel::kInfo, text);
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  std::istringstream lines(log);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_EQ(line, std::string(100, line.empty() ? '?' : line[0]));
  }
  EXPECT_EQ(count, kThreads * kLines);
}

TEST(CheckTest, SaysWhatDoesNotHoldAndAborts) {
  UWSGI_CHECK(1 + 1 == 2);
  EXPECT_DEATH(UWSGI_CHECK(1 + 1 == 3), "internal error: 1 \\+ 1 == 3 does not hold at .*log_test");
}

}  // namespace
}  // namespace uwsgi
