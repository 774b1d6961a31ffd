// SPDX-License-Identifier: MIT

#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/app_fork.h"
#include "base/check.h"
#include "base/early_log.h"
#include "base/lasting_log.h"
#include "base/log_route.h"
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
              LogWarning("slow");
              LogError("lost");
            }),
            "spawned 2 workers\nwarning: slow\nerror: lost\n");
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
  EXPECT_EQ(LogOf([] { Log({.text = "100%v {} %@"}); }), "100%v {} %@\n");
}

// Keeps what it gets, each record as its kind, its worker, its request, its level and its text.
class FakeSink final : public LogSink {
 public:
  void Write(const LogRecord& record, std::string_view text) override {
    taken += fmt::format("{}/{}/{}/{}: {}", static_cast<unsigned>(record.kind), record.worker_id,
                         record.request_id, static_cast<int>(record.level), text);
  }
  std::string taken;
};

class Shouter final : public LogEncoder {
 public:
  std::string_view Encode(const LogRecord& record, fmt::memory_buffer& buffer) const override {
    fmt::format_to(std::back_inserter(buffer), "{}!\n", record.text);
    return {buffer.data(), buffer.size()};
  }
};

TEST(LogRouteTest, ARecordGoesByEveryRouteThatTakesItsKind) {
  FakeSink all;
  FakeSink some;
  const Shouter shouter;
  const unsigned wanted =
      static_cast<unsigned>(LogKind::kRequest) | static_cast<unsigned>(LogKind::kTraceback);
  const std::string direct = LogOf([&] {
    LogInfo("early");
    SetLogRoutes({{.sink = &all}, {.kinds = wanted, .encoder = &shouter, .sink = &some}});
    SetLogWorker(3);
    LogWarning("slow");
    Log({.kind = LogKind::kRequest, .form = LogForm::kEncoded, .text = "GET /\n"});
    Log({.kind = LogKind::kTraceback, .request_id = 7, .text = "it:\n  failed"});
    SetLogRoutes({});
    // In the parent nothing of this has happened.
    Log({.text = all.taken});
    Log({.text = some.taken});
  });
  EXPECT_EQ(direct,
            "early\n"
            "1/3/0/1: warning: slow\n2/3/0/0: GET /\n8/3/7/0: it:\n  failed\n\n"
            "2/3/0/0: GET /\n!\n8/3/7/0: it:\n  failed!\n\n");
}

TEST(LogRouteTest, WhatTheApplicationForksLogsDirectly) {
  FakeSink sink;
  const std::string direct = LogOf([&] {
    DisownForks();
    SetLogRoutes({{.sink = &sink}});
    LogInfo("of the server");
    RunInChild([] {
      LogInfo("of the application's child");
      return 0;
    });
  });
  EXPECT_EQ(direct, "of the application's child\n");
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
        for (int line = 0; line < kLines; ++line) Log({.text = text});
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
