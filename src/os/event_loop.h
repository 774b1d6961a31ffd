// SPDX-License-Identifier: MIT
//
// The libuv loop and its handles, as owners. Only os/ sees uv.h.
//
// Ownership, once for all handles below:
//  1. A handle object owns its libuv handle; its destructor closes it, and libuv's memory is freed
//     in the close callback, on a later turn of the loop.
//  2. No callback runs after the destructor of its handle object began.
//  3. The EventLoop outlives all its handles.
//  4. One thread at a time uses a loop and its handles: in the master the main thread, in a worker
//     whoever owns the loop (see dispatch/dispatcher.h). Wakeup::Send is the one exception.
//  5. A loop never crosses a fork: the child makes its own and drops this one.

#pragma once

#include <chrono>
#include <functional>
#include <memory>

struct uv_loop_s;
struct uv_poll_s;
struct uv_timer_s;
struct uv_signal_s;
struct uv_async_s;
struct uv_prepare_s;

namespace uwsgi::os {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs callbacks, waiting for them, until Stop is called from one.
  void Run();
  void Stop();

  // Runs the callbacks of what is ready now, without waiting. Not re-entrant. The loop is intact.
  void RunOnce();
  // False once somebody has closed the loop's descriptor behind its back; libuv would abort.
  bool is_intact() const;
  // For waiting in an epoll set of one's own: becomes readable when RunOnce has something to do,
  // or when `backend_timeout` milliseconds (-1: none) have passed.
  int backend_fd() const;
  int backend_timeout() const;
  // True when a handle was started or stopped since the last RunOnce: libuv tells the
  // kernel of it only inside of RunOnce.
  bool has_changes() const { return has_changes_; }
  void NoteChange() { has_changes_ = true; }

  // Milliseconds of a monotonic clock, read at the start of the turn.
  std::uint64_t now() const;
  void UpdateTime();

  uv_loop_s* handle() { return loop_.get(); }

 private:
  std::unique_ptr<uv_loop_s> loop_;
  bool has_changes_ = false;
};

// Calls back while a descriptor is ready. The descriptor stays the caller's, who stops
// or destroys the watcher before closing it.
class FdWatcher {
 public:
  enum Events : int { kReadable = 1, kWritable = 2, kDisconnect = 4 };
  // A plain function: connections have one each, and 10,000 of them wait.
  using Callback = void (*)(void* context, int events);

  FdWatcher() = default;
  ~FdWatcher();
  FdWatcher(const FdWatcher&) = delete;
  FdWatcher& operator=(const FdWatcher&) = delete;

  // (Re)starts with this mask. The first call opens the handle. False if the descriptor can not
  // be polled.
  bool Start(EventLoop& loop, int fd, int events, Callback callback, void* context);
  void Stop();
  // Closes the handle; Start may open it again for another descriptor.
  void Close();
  bool is_open() const { return poll_ != nullptr; }

 private:
  EventLoop* loop_ = nullptr;
  uv_poll_s* poll_ = nullptr;
  Callback callback_ = nullptr;
  void* context_ = nullptr;
};

class Timer {
 public:
  explicit Timer(EventLoop& loop);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // `repeat` zero: fires once.
  void Start(std::chrono::milliseconds after, std::chrono::milliseconds repeat,
             std::function<void()> callback);
  void Stop();

 private:
  EventLoop& loop_;  // Outlives the timer.
  uv_timer_s* timer_;
  std::function<void()> callback_;
};

class SignalWatcher {
 public:
  SignalWatcher(EventLoop& loop, int signum, std::function<void()> callback);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  uv_signal_s* signal_;
  std::function<void()> callback_;
};

// Calls back in each turn of the loop, before it waits: for what follows from whatever the turn has
// changed. Run waits no longer than the timers allow that this starts.
class BeforeWait {
 public:
  BeforeWait(EventLoop& loop, std::function<void()> callback);
  ~BeforeWait();
  BeforeWait(const BeforeWait&) = delete;
  BeforeWait& operator=(const BeforeWait&) = delete;

 private:
  uv_prepare_s* prepare_;
  std::function<void()> callback_;
};

// Wakes the loop from any thread. Several Sends may become one callback.
class Wakeup {
 public:
  Wakeup(EventLoop& loop, std::function<void()> callback);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void Send();

 private:
  uv_async_s* async_;
  std::function<void()> callback_;
};

}  // namespace uwsgi::os
