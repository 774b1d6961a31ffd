// SPDX-License-Identifier: MIT

#include "os/event_loop.h"

#include <fcntl.h>
#include <uv.h>

#include "base/check.h"
#include "base/owned_fds.h"

namespace uwsgi::os {
namespace {

// Detaches a libuv handle from its owner and frees it when libuv is done with it.
template <typename Handle>
void CloseHandle(Handle* handle) {
  handle->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
}

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

}  // namespace

EventLoop::EventLoop() : loop_(std::make_unique<uv_loop_s>()) {
  UWSGI_CHECK(uv_loop_init(loop_.get()) == 0);
  NoteOwnedFd(backend_fd());
}

EventLoop::~EventLoop() {
  // The handles' owners are gone; their close callbacks may still be due.
  uv_run(loop_.get(), UV_RUN_NOWAIT);
  uv_run(loop_.get(), UV_RUN_NOWAIT);
  ForgetOwnedFd(backend_fd());
  UWSGI_CHECK(uv_loop_close(loop_.get()) == 0);
}

void EventLoop::Run() { uv_run(loop_.get(), UV_RUN_DEFAULT); }

void EventLoop::Stop() { uv_stop(loop_.get()); }

void EventLoop::RunOnce() {
  has_changes_ = false;
  uv_run(loop_.get(), UV_RUN_NOWAIT);
}

bool EventLoop::is_intact() const { return IsOpen(backend_fd()); }

int EventLoop::backend_fd() const { return uv_backend_fd(loop_.get()); }

int EventLoop::backend_timeout() const { return uv_backend_timeout(loop_.get()); }

std::uint64_t EventLoop::now() const { return uv_now(loop_.get()); }

void EventLoop::UpdateTime() { uv_update_time(loop_.get()); }

FdWatcher::~FdWatcher() { Close(); }

bool FdWatcher::Start(EventLoop& loop, int fd, int events, Callback callback, void* context) {
  callback_ = callback;
  context_ = context;
  if (poll_ == nullptr) {
    auto* poll = new uv_poll_t;
    if (uv_poll_init(loop.handle(), poll, fd) != 0) {
      delete poll;
      return false;
    }
    loop_ = &loop;
    poll_ = poll;
    poll_->data = this;
  }
  loop.NoteChange();
  return uv_poll_start(poll_, events, [](uv_poll_t* poll, int status, int ready) {
           auto* self = static_cast<FdWatcher*>(poll->data);
           if (self == nullptr) return;
           // An error is for the reader to find: recv and send say what it is.
           self->callback_(self->context_, status < 0 ? kReadable | kDisconnect : ready);
         }) == 0;
}

void FdWatcher::Stop() {
  if (poll_ == nullptr) return;
  uv_poll_stop(poll_);
  loop_->NoteChange();
}

void FdWatcher::Close() {
  if (poll_ == nullptr) return;
  CloseHandle(poll_);
  loop_->NoteChange();
  poll_ = nullptr;
}

Timer::Timer(EventLoop& loop) : loop_(loop), timer_(new uv_timer_t) {
  UWSGI_CHECK(uv_timer_init(loop.handle(), timer_) == 0);
  timer_->data = this;
}

Timer::~Timer() { CloseHandle(timer_); }

void Timer::Start(std::chrono::milliseconds after, std::chrono::milliseconds repeat,
                  std::function<void()> callback) {
  callback_ = std::move(callback);
  loop_.NoteChange();
  uv_timer_start(
      timer_,
      [](uv_timer_t* timer) {
        auto* self = static_cast<Timer*>(timer->data);
        if (self == nullptr) return;
        const auto due = self->callback_;  // It may start the timer anew.
        due();
      },
      static_cast<std::uint64_t>(after.count()), static_cast<std::uint64_t>(repeat.count()));
}

void Timer::Stop() { uv_timer_stop(timer_); }

SignalWatcher::SignalWatcher(EventLoop& loop, int signum, std::function<void()> callback)
    : signal_(new uv_signal_t), callback_(std::move(callback)) {
  UWSGI_CHECK(uv_signal_init(loop.handle(), signal_) == 0);
  signal_->data = this;
  loop.NoteChange();
  UWSGI_CHECK(uv_signal_start(
                  signal_,
                  [](uv_signal_t* signal, int) {
                    auto* self = static_cast<SignalWatcher*>(signal->data);
                    if (self != nullptr) self->callback_();
                  },
                  signum) == 0);
}

SignalWatcher::~SignalWatcher() { CloseHandle(signal_); }

BeforeWait::BeforeWait(EventLoop& loop, std::function<void()> callback)
    : prepare_(new uv_prepare_t), callback_(std::move(callback)) {
  loop.NoteChange();
  UWSGI_CHECK(uv_prepare_init(loop.handle(), prepare_) == 0);
  prepare_->data = this;
  UWSGI_CHECK(uv_prepare_start(prepare_, [](uv_prepare_t* prepare) {
                auto* self = static_cast<BeforeWait*>(prepare->data);
                if (self != nullptr) self->callback_();
              }) == 0);
}

BeforeWait::~BeforeWait() { CloseHandle(prepare_); }

Wakeup::Wakeup(EventLoop& loop, std::function<void()> callback)
    : async_(new uv_async_t), callback_(std::move(callback)) {
  loop.NoteChange();
  UWSGI_CHECK(uv_async_init(loop.handle(), async_, [](uv_async_t* async) {
                auto* self = static_cast<Wakeup*>(async->data);
                if (self != nullptr) self->callback_();
              }) == 0);
  async_->data = this;
}

Wakeup::~Wakeup() { CloseHandle(async_); }

// libuv aborts when the descriptors of a loop were closed; its owner has more to say of that.
void Wakeup::Send() {
  if (IsOpen(uv_backend_fd(async_->loop))) uv_async_send(async_);
}

}  // namespace uwsgi::os
