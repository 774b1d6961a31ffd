// SPDX-License-Identifier: MIT

#include "ipc/scoreboard.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace uwsgi {
namespace {

// As another process does.
Result<Scoreboard> MapAgain(const Scoreboard& board, int workers, int threads) {
  auto region = Region::Attach(board.region().spec(), UniqueFd(::dup(board.region().fd())));
  if (!region) return region.error();
  return Scoreboard::Over(*std::move(region), workers, threads);
}

TEST(ScoreboardTest, StartsEmpty) {
  auto board = Scoreboard::Create(3, 2);
  ASSERT_TRUE(board);
  EXPECT_EQ(board->workers(), 3);
  EXPECT_EQ(board->threads(), 2);
  EXPECT_EQ(board->process_slots(), 6);
  EXPECT_EQ(board->total_requests(), 0U);
  for (int slot = 0; slot < 6; ++slot) {
    EXPECT_EQ(board->process(slot).state, WorkerState::kFree);
    EXPECT_EQ(board->thread(slot, 1).deadline_ns, 0);
  }
}

TEST(ScoreboardTest, NoTwoSlotsOverlap) {
  auto board = Scoreboard::Create(3, 5);
  ASSERT_TRUE(board);
  std::set<std::pair<std::uintptr_t, std::uintptr_t>> ranges;
  const auto add = [&ranges](const auto& slot) {
    const auto begin = reinterpret_cast<std::uintptr_t>(&slot);
    ranges.insert({begin, begin + sizeof slot});
  };
  add(board->total_requests());
  for (int id = 1; id <= 3; ++id) add(board->counters(id));
  for (int slot = 0; slot < 6; ++slot) {
    add(board->process(slot));
    for (int core = 0; core < 5; ++core) add(board->thread(slot, core));
  }
  EXPECT_EQ(ranges.size(), 1U + 3 + 6 + 30);
  std::uintptr_t end = 0;
  for (const auto& [first, last] : ranges) {
    EXPECT_GE(first, end);
    end = last;
  }
}

TEST(ScoreboardTest, IsSharedWithAProcessThatMapsIt) {
  auto board = Scoreboard::Create(2, 3);
  ASSERT_TRUE(board);
  const pid_t child = ::fork();
  if (child == 0) {
    auto mapped = MapAgain(*board, 2, 3);
    if (!mapped || mapped->region().fd() != -1) ::_exit(1);
    mapped->thread(3, 2).requests = 7;
    mapped->total_requests() += 7;
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(board->thread(3, 2).requests, 7U);
  EXPECT_EQ(board->total_requests(), 7U);
}

TEST(ScoreboardTest, CountsEachApplicationAndThoseBeyondTheLastTogether) {
  auto board = Scoreboard::Create(2, 1);
  ASSERT_TRUE(board);
  board->counters(1).app(0).requests = 3;
  ++board->counters(1).app(kCountedApps - 1).requests;
  ++board->counters(1).app(kCountedApps + 100).requests;
  EXPECT_EQ(board->counters(1).app(0).requests, 3U);
  EXPECT_EQ(board->counters(1).app(1).requests, 0U);
  EXPECT_EQ(board->counters(1).app(kCountedApps).requests, 2U);
  EXPECT_EQ(board->counters(2).app(0).requests, 0U);
}

TEST(ScoreboardTest, RefusesToMapSomethingElse) {
  auto other = Region::Create({.name = "other", .size = 100});
  ASSERT_TRUE(other);
  EXPECT_FALSE(Scoreboard::Over(*std::move(other), 2, 3));
  const auto board = Scoreboard::Create(2, 3);
  ASSERT_TRUE(board);
  EXPECT_FALSE(MapAgain(*board, 2, 30));
  EXPECT_FALSE(MapAgain(*board, -2, -3));
}

TEST(ScoreboardTest, NoBoundIsTakenFromTheMemory) {
  auto board = Scoreboard::Create(2, 3);
  ASSERT_TRUE(board);
  struct stat info {};
  ASSERT_EQ(::fstat(board->region().fd(), &info), 0);
  const std::string rubbish(static_cast<std::size_t>(info.st_size), '\xff');
  ASSERT_EQ(::pwrite(board->region().fd(), rubbish.data(), rubbish.size(), 0), info.st_size);
  EXPECT_EQ(board->workers(), 2);
  EXPECT_EQ(board->threads(), 3);
  for (int slot = 0; slot < board->process_slots(); ++slot) {
    EXPECT_FALSE(DescribeProcess(*board, slot).empty());
    ResetProcess(*board, slot);
    EXPECT_EQ(board->thread(slot, 2).requests, 0U);
  }
}

TEST(ScoreboardTest, AWorkerEntersAndItsSlotIsFreedAgain) {
  auto board = Scoreboard::Create(2, 1);
  ASSERT_TRUE(board);
  EnterSlot(*board, 2, 3);
  EXPECT_EQ(board->process(3).pid, ::getpid());
  EXPECT_EQ(board->process(3).worker_id, 2);
  EXPECT_EQ(board->process(3).state, WorkerState::kStarting);
  EXPECT_EQ(board->counters(2).respawn_count, 1U);
  board->thread(3, 0).deadline_ns = 5;
  ResetProcess(*board, 3);
  EXPECT_EQ(board->process(3).state, WorkerState::kFree);
  EXPECT_EQ(board->thread(3, 0).deadline_ns, 0);
  EXPECT_EQ(board->counters(2).respawn_count, 1U);
}

}  // namespace
}  // namespace uwsgi
