// SPDX-License-Identifier: MIT

#include "base/log_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "base/unique_fd.h"

namespace uwsgi {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Holds 4096 bytes.
struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
  }
  std::string Read() const {
    std::array<char, 65536> buffer;
    const ssize_t size = read(read_end.get(), buffer.data(), buffer.size());
    return {buffer.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

std::string Lost(int count) {
  return "warning: process " + std::to_string(getpid()) + " has lost " + std::to_string(count) +
         (count == 1 ? " line" : " lines") + " of the log: nobody read it\n";
}

TEST(LogOutputTest, WaitsForAReaderThatIsLate) {
  const Pipe pipe;
  LogOutput output(10s);
  const std::string full(4096, 'x');
  output.Write(pipe.write_end.get(), full);
  std::thread reader([&] { EXPECT_EQ(pipe.Read(), full); });
  output.Write(pipe.write_end.get(), "line\n");
  reader.join();
  EXPECT_EQ(pipe.Read(), "line\n");
}

TEST(LogOutputTest, DropsAndCountsWhatNobodyReadsAndWaitsOnce) {
  const Pipe pipe;
  LogOutput output(50ms);
  const std::string full = std::string(4095, 'x') + "\n";
  output.Write(pipe.write_end.get(), full);
  const auto start = Clock::now();
  output.Write(pipe.write_end.get(), "one\ntwo\n");
  EXPECT_GE(Clock::now() - start, 50ms);
  for (int i = 0; i < 100; ++i) output.Write(pipe.write_end.get(), "line\n");
  EXPECT_LT(Clock::now() - start, 50ms * 50);
  EXPECT_EQ(pipe.Read(), full);
  output.Write(pipe.write_end.get(), "here again\n");
  EXPECT_EQ(pipe.Read(), Lost(102) + "here again\n");
}

TEST(LogOutputTest, ALineThatWasCutIsEndedBeforeTheNext) {
  const Pipe pipe;
  LogOutput output(0ms);
  output.Write(pipe.write_end.get(), std::string(8000, 'x') + "\n");
  const std::string begun = pipe.Read();
  EXPECT_EQ(begun, std::string(begun.size(), 'x'));
  output.Write(pipe.write_end.get(), "line\n");
  EXPECT_EQ(pipe.Read(), "\n" + Lost(1) + "line\n");
}

TEST(LogOutputTest, GivesAPipeWholeLinesOnly) {
  const Pipe pipe;
  LogOutput output(0ms);
  std::string lines;
  for (int i = 0; i < 50; ++i) lines += std::string(99, static_cast<char>('a' + i % 26)) + "\n";
  output.Write(pipe.write_end.get(), lines);
  EXPECT_EQ(pipe.Read(), lines.substr(0, 4000));
  output.Write(pipe.write_end.get(), "line\n");
  EXPECT_EQ(pipe.Read(), Lost(10) + "line\n");
}

TEST(LogOutputTest, SaysWhyAFileTookNothing) {
  const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  LogOutput output(0ms);
  output.Write(full.get(), "one\ntwo\n");
  const Pipe pipe;
  output.Write(pipe.write_end.get(), "line\n");
  EXPECT_EQ(pipe.Read(), "warning: process " + std::to_string(getpid()) +
                             " has lost 2 lines of the log: No space left on device\nline\n");
}

TEST(LogOutputTest, EachLineIsADatagramOfItsOwn) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  LogOutput output(0ms);
  output.Write(writer.get(), "one\ntwo\n" + std::string(100'000, 'x') + "\n");
  std::array<char, 65536> buffer;
  const auto next = [&] {
    return std::string(buffer.data(),
                       static_cast<std::size_t>(read(reader.get(), buffer.data(), buffer.size())));
  };
  EXPECT_EQ(next(), "one\n");
  EXPECT_EQ(next(), "two\n");
  EXPECT_EQ(next(), std::string(60 * 1024, 'x'));
}

}  // namespace
}  // namespace uwsgi
