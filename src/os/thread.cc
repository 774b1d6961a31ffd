// SPDX-License-Identifier: MIT

#include "os/thread.h"

#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/check.h"

namespace uwsgi::os {

struct Thread::Entry {
  std::string name;
  std::function<void()> body;
};

Thread::~Thread() { UWSGI_CHECK(!started_); }

void* Thread::Main(void* entry) {
  const std::unique_ptr<Entry> mine(static_cast<Entry*>(entry));
  SetThreadName(mine->name);
  mine->body();
  return nullptr;
}

Result<void> Thread::Start(const std::string& name, std::size_t stack_size,
                           std::function<void()> body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (stack_size > 0) {
    pthread_attr_setstacksize(
        &attributes,
        std::max<std::size_t>(stack_size, static_cast<std::size_t>(PTHREAD_STACK_MIN)));
  }
  auto entry = std::make_unique<Entry>(Entry{name, std::move(body)});
  const int failure = pthread_create(&thread_, &attributes, &Thread::Main, entry.get());
  pthread_attr_destroy(&attributes);
  if (failure != 0) return SystemError("cannot start thread " + name, failure);
  static_cast<void>(entry.release());  // Main owns it now.
  started_ = true;
  return {};
}

void Thread::Join() {
  if (!started_) return;
  pthread_join(thread_, nullptr);
  started_ = false;
}

std::string OwnThreadName() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

void SetThreadName(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

// glibc has a function for it from 2.30 on.
pid_t OwnThreadId() { return static_cast<pid_t>(syscall(SYS_gettid)); }

}  // namespace uwsgi::os
