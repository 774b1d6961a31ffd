// SPDX-License-Identifier: MIT

#include "log/log_pipe.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "base/log.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

constexpr int kWriters = 4;
constexpr int kLines = 20'000;

// Whole lines of many lengths, none of them like another.
std::string Line(int writer, int number) {
  return fmt::format("{}:{}:{}\n", writer, number,
                     std::string(static_cast<std::size_t>(number * 7 % 300), 'x'));
}

void WriteLines(int fd, int writer) {
  for (int number = 0; number < kLines; ++number) {
    const std::string line = Line(writer, number);
    if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(1);
  }
  ::_exit(0);
}

// What a master does: writes the log until all writers have ended.
int RelayUntilTheEnd(const TempDir& directory) {
  auto files = LogFiles::Open({{directory / "log", {200'000}, {}}});
  if (!files) return 1;
  os::EventLoop loop;
  auto pipe = LogPipe::Open(loop, *files);
  if (!pipe) return 2;
  for (int writer = 0; writer < kWriters; ++writer) {
    if (::fork() == 0) WriteLines((*pipe)->write_end(), writer);
  }
  int running = kWriters;
  os::Timer look(loop);
  using std::chrono::milliseconds;
  look.Start(milliseconds(5), milliseconds(5), [&] {
    LogInfo("of the master");
    while (::waitpid(-1, nullptr, WNOHANG) > 0) --running;
    if (running == 0) loop.Stop();
  });
  loop.Run();
  pipe->reset();
  SetLogRoutes({});
  return 0;
}

TEST(LogPipeTest, NoLineIsLostOrTornWhenFilesAreRotated) {
  const TempDir directory;
  ASSERT_EQ(RunInChild([&] { return RelayUntilTheEnd(directory); }), 0);
  std::multiset<std::string> missing;
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int number = 0; number < kLines; ++number) missing.insert(Line(writer, number));
  }
  int files = 0;
  int own = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    ++files;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("logsize: ")) continue;
      if (line == "of the master") {
        ++own;
        continue;
      }
      const auto found = missing.find(line + "\n");
      ASSERT_NE(found, missing.end()) << "torn or twice: " << line;
      missing.erase(found);
    }
  }
  EXPECT_TRUE(missing.empty()) << missing.size();
  EXPECT_GE(files, 2);
  EXPECT_GT(own, 0);
}

}  // namespace
}  // namespace uwsgi
