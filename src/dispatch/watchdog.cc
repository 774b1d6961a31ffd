// SPDX-License-Identifier: MIT

#include "dispatch/watchdog.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace uwsgi {
namespace {

// Where requests block or compute for long it looks every millisecond. Where none has for a while
// it looks less often, since every look costs about 15 us.
constexpr int kAlertTickMs = 1;
constexpr int kCalmTickMs = 4;
constexpr int kAlertForMs = 250;
// A lead that got nothing to do for this long lets the watchdog sleep: less would wake it for every
// request of a half busy worker, more would tick for nothing.
constexpr int kIdleMs = 8;
// A request that computes for this long shares the execution right with others from then on.
constexpr std::int64_t kLongComputation = 5'000'000;
// A lead that waits and has used more since the tick before may wait for a moment only, for the
// file of the log for instance.
constexpr std::int64_t kMomentary = 500'000;
// It runs C++ only.
constexpr std::size_t kStackSize = 256 * 1024;

}  // namespace

Watchdog::Watchdog(LoopBaton& baton, Caretaker& caretaker, std::function<void()> arm_standby)
    : baton_(baton),
      caretaker_(caretaker),
      arm_standby_(std::move(arm_standby)),
      kick_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  UWSGI_CHECK(kick_.valid());
}

Watchdog::~Watchdog() { Stop(); }

Result<void> Watchdog::Start() {
  return thread_.Start("uWSGIWatchdog", kStackSize, [this] { Main(); });
}

void Watchdog::Stop() {
  stopping_.store(true, std::memory_order_relaxed);
  Kick();
  thread_.Join();
}

void Watchdog::Kick() {
  const std::uint64_t one = 1;
  // The counter can not overflow in practice; when it is full the thread is awake anyway.
  static_cast<void>(::write(kick_.get(), &one, sizeof(one)));
}

void Watchdog::Wait(int timeout_ms) {
  pollfd polled{kick_.get(), POLLIN, 0};
  if (::poll(&polled, 1, timeout_ms) > 0) TakeKick();
}

void Watchdog::TakeKick() {
  std::uint64_t kicks = 0;
  static_cast<void>(::read(kick_.get(), &kicks, sizeof(kicks)));
}

void Watchdog::PrepareWait(bool listens) {
  polled_.assign({{kick_.get(), POLLIN, 0}, {caretaker_.care_fd(), POLLIN, 0}});
  if (!listens) return;
  for (const int fd : caretaker_.listening_fds()) polled_.push_back({fd, POLLIN, 0});
}

void Watchdog::WaitForCare(int timeout_ms) {
  if (::poll(polled_.data(), polled_.size(), timeout_ms) <= 0) return;
  if (polled_[0].revents != 0) TakeKick();
  if (polled_[0].revents != 0 || polled_[1].revents != 0) return;
  // There are new connections only. Any worker that is idle has taken them by then.
  Wait(kAlertTickMs);
}

void Watchdog::Main() {
  std::uint32_t seen = baton_.turn();
  int unchanged = 0;
  int idle_ms = 0;
  while (!stopping_.load(std::memory_order_relaxed)) {
    const int tick = alert_ms_ > 0 || caretaker_.holds() ? kAlertTickMs : kCalmTickMs;
    Wait(tick);
    NotePassed(tick);
    caretaker_.SendHeld();
    const std::uint32_t turn = baton_.turn();
    if (!baton_.is_free() || turn != seen) {
      const bool quiet = turn == seen && lead_waiting_.load(std::memory_order_relaxed);
      idle_ms = quiet ? idle_ms + tick : 0;
      seen = turn;
      unchanged = 0;
      if (baton_.is_free()) NoteLeadsCpu();
      if (idle_ms >= kIdleMs) SleepUntilKicked();
      continue;
    }
    idle_ms = 0;
    const bool first_look = unchanged++ == 0;
    const bool asked = NeedsStandby(seen, first_look);
    if (asked) arm_standby_();
    // A standby that the first look has found the need for has had one tick's time.
    if (!first_look) TakeCare(seen, asked);
  }
}

void Watchdog::NoteLeadsCpu() {
  const pid_t lead = lead_.load(std::memory_order_relaxed);
  if (probe_.tid() != lead) probe_ = os::ThreadProbe(lead);
  cpu_when_seen_ = probe_.CpuNs();
}

bool Watchdog::NeedsStandby(std::uint32_t turn, bool first_look) {
  const std::int64_t used = probe_.CpuNs() - cpu_when_seen_;
  const bool is_waiting = probe_.IsWaiting() && (!first_look || used < kMomentary);
  // By now the lead may be back, and wait for events.
  const bool is_away = baton_.is_free() && baton_.turn() == turn;
  const bool needed = is_away && (is_waiting || used >= kLongComputation);
  if (needed) alert_ms_ = kAlertForMs;
  return needed;
}

void Watchdog::NotePassed(int milliseconds) {
  clock_ms_.store(clock_ms() + static_cast<std::uint32_t>(milliseconds), std::memory_order_relaxed);
  alert_ms_ = std::max(0, alert_ms_ - milliseconds);
}

void Watchdog::TakeCare(std::uint32_t turn, bool asked) {
  while (!stopping_.load(std::memory_order_relaxed) && baton_.turn() == turn) {
    if (!baton_.TryTakeAsWatchdog()) return;
    caretaker_.TakeCare(asked);
    const int timeout = caretaker_.care_timeout();
    PrepareWait(asked);
    // From here on whoever takes the loop kicks us, so that we watch over its next turn.
    asleep_.store(true, std::memory_order_seq_cst);
    baton_.GiveAsWatchdog();
    // Once a standby was asked for, or there is none, nothing needs us but an event, and what is
    // held.
    WaitForCare(asked && !caretaker_.holds() ? timeout : kAlertTickMs);
    if (!asked && NeedsStandby(turn, false)) {
      arm_standby_();
      asked = true;
    }
    asleep_.store(false, std::memory_order_relaxed);
    // What woke us may be the first of many pieces.
    if (caretaker_.holds()) {
      Wait(kAlertTickMs);
      NotePassed(kAlertTickMs);
    }
    NotePassed(kAlertTickMs);
  }
}

// Either this thread sees the loop free after it said that it sleeps, or the lead sees it asleep
// after it gave the loop away: both pairs of accesses are sequentially consistent. So it is with
// whoever holds a response, and finds this thread asleep or is found by it.
void Watchdog::SleepUntilKicked() {
  asleep_.store(true, std::memory_order_seq_cst);
  const bool has_work = baton_.is_free() || caretaker_.holds();
  if (!has_work && !stopping_.load(std::memory_order_relaxed)) Wait(-1);
  asleep_.store(false, std::memory_order_relaxed);
}

}  // namespace uwsgi
