// SPDX-License-Identifier: MIT
//
// What the load generators share: the clock, and the latencies of all requests, of which they
// print requests per second and percentiles as one line of JSON.

#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct Latencies {
  float* seconds;
  size_t count;
  size_t room;
};

static inline double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline void AddLatency(struct Latencies* all, double seconds) {
  if (all->count == all->room) {
    all->room = all->room ? 2 * all->room : 65536;
    all->seconds = (float*)realloc(all->seconds, all->room * sizeof *all->seconds);
    if (!all->seconds) abort();
  }
  all->seconds[all->count++] = (float)seconds;
}

static inline int CompareLatencies(const void* a, const void* b) {
  const float x = *(const float*)a, y = *(const float*)b;
  return (x > y) - (x < y);
}

// In milliseconds; 0 without requests. The latencies must be sorted.
static inline double Percentile(const struct Latencies* all, double share) {
  if (all->count == 0) return 0;
  const size_t index = (size_t)(share * (double)all->count);
  return 1000.0 * all->seconds[index < all->count ? index : all->count - 1];
}

// Sorts the latencies. `requests` were answered well, `errors` were not.
static inline void PrintFigures(struct Latencies* all, double seconds, size_t requests,
                                size_t errors) {
  qsort(all->seconds, all->count, sizeof *all->seconds, CompareLatencies);
  printf("{\"requests\": %zu, \"errors\": %zu, \"rps\": %.2f, \"p50\": %.4f, \"p99\": %.4f}\n",
         requests, errors, (double)requests / seconds, Percentile(all, 0.5), Percentile(all, 0.99));
}
