// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace uwsgi::bench {

// Keeps the optimiser from dropping what made `value`.
template <typename T>
void Keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

// Prints the nanoseconds of one call: the best of nine runs, as the machine's other work only
// ever adds to them.
template <typename Function>
void Measure(const char* name, Function function) {
  using Clock = std::chrono::steady_clock;
  constexpr int kCalls = 20'000;
  double best = 1e12;
  for (int run = 0; run < 9; ++run) {
    const auto start = Clock::now();
    for (int i = 0; i < kCalls; ++i) function();
    const std::chrono::duration<double, std::nano> time = Clock::now() - start;
    best = std::min(best, time.count() / kCalls);
  }
  std::printf("%-48s %7.0f ns\n", name, best);
}

}  // namespace uwsgi::bench
