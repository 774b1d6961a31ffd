// SPDX-License-Identifier: MIT

#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>

#include "base/result.h"

namespace uwsgi::os {

// A thread with a stack of a chosen size and a name that `ps -L` and `top -H` show.
class Thread {
 public:
  Thread() = default;
  ~Thread();  // The thread was joined or abandoned before.
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  // `stack_size` in bytes; 0 takes the system's default. Names are cut at 15 bytes.
  Result<void> Start(const std::string& name, std::size_t stack_size, std::function<void()> body);
  void Join();
  bool joinable() const { return started_; }

 private:
  struct Entry;
  static void* Main(void* entry);

  pthread_t thread_{};
  bool started_ = false;
};

// Names the calling thread. The first thread's name is the process's, as ps and pgrep know it.
void SetThreadName(const std::string& name);
std::string OwnThreadName();

// The calling thread's, as /proc/self/task and tgkill know it.
pid_t OwnThreadId();

}  // namespace uwsgi::os
