// SPDX-License-Identifier: MIT

#include "supervise/process_handle.h"

#include <signal.h>

#include <utility>

namespace uwsgi {

ProcessHandle::ProcessHandle(int seat, int slot, Link end, double spread, Clock::time_point now)
    : seat_(seat),
      slot_(slot),
      end_(std::make_unique<End>(std::move(end))),
      spread_(spread),
      started_at_(now) {}

Result<void> ProcessHandle::Watch(os::EventLoop& loop, std::function<void()> on_readable) {
  return end_->watcher.Start(loop, end_->link, std::move(on_readable));
}

void ProcessHandle::Signal(int signum) const {
  if (pid_ > 0) ::kill(pid_, signum);
}

void ProcessHandle::Kill() {
  was_killed_ = true;
  Signal(SIGKILL);
}

bool ProcessHandle::OnStarted(pid_t pid, Clock::time_point now) {
  pid_ = pid;
  started_at_ = now;
  if (state_ != State::kRequested) return false;
  state_ = State::kStarting;
  return true;
}

bool ProcessHandle::OnReady(Clock::time_point now) {
  if (state_ != State::kStarting) return false;
  state_ = State::kReady;
  ready_at_ = now;
  return true;
}

void ProcessHandle::Retire(Clock::time_point now, std::chrono::milliseconds mercy) {
  if (is_live()) retiring_since_ = now;
  state_ = State::kRetiring;
  kill_at_ = now + mercy;
}

bool ProcessHandle::TakeEndOfMercy(Clock::time_point now) {
  if (pid_ == 0 || !kill_at_ || now < *kill_at_) return false;
  kill_at_.reset();
  return true;
}

bool ProcessHandle::TakeLateness(Clock::time_point now, std::chrono::seconds patience) {
  if (state_ != State::kStarting || now - started_at_ < patience) return false;
  return !std::exchange(is_late_, true);
}

}  // namespace uwsgi
