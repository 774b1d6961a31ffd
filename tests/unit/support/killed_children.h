// SPDX-License-Identifier: MIT
//
// Processes that are killed at any instruction and started again, as workers are.

#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <random>
#include <thread>
#include <vector>

namespace uwsgi {

// Runs `body` in `count` processes until `is_done`, and kills one of them every few milliseconds.
// Returns how many were killed. `body` runs until it is killed.
inline int KillAtRandom(int count, const std::function<void()>& body,
                        const std::function<bool()>& is_done) {
  std::mt19937 random(4711);  // NOLINT: the same pauses each time.
  std::uniform_int_distribution<int> microseconds(500, 5'000);
  const auto start = [&body] {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    body();
    ::_exit(1);
  };
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) children.push_back(start());
  int killed = 0;
  while (!is_done()) {
    std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
    pid_t& victim = children[random() % children.size()];
    ::kill(victim, SIGKILL);
    ::waitpid(victim, nullptr, 0);
    victim = start();
    ++killed;
  }
  for (const pid_t pid : children) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  return killed;
}

}  // namespace uwsgi
