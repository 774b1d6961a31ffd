// SPDX-License-Identifier: MIT

#include "os/exclusive_poller.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace uwsgi::os {
namespace {

int Control(int epoll, int operation, int fd, std::uint32_t events, int tag) {
  epoll_event event{};
  event.events = events;
  event.data.fd = tag;
  return epoll_ctl(epoll, operation, fd, &event);
}

constexpr std::uint32_t kListenerEvents = EPOLLIN | EPOLLEXCLUSIVE;

}  // namespace

Result<ExclusivePoller> ExclusivePoller::Create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return SystemError("cannot make an epoll set", errno);
  return ExclusivePoller(std::move(epoll));
}

Result<void> ExclusivePoller::Add(int fd, int tag) {
  if (Control(epoll_.get(), EPOLL_CTL_ADD, fd, EPOLLIN, tag) == 0) return {};
  return SystemError(fmt::format("cannot wait for descriptor {}", fd), errno);
}

Result<void> ExclusivePoller::AddListener(int fd, int tag) {
  if (applied_ && Control(epoll_.get(), EPOLL_CTL_ADD, fd, kListenerEvents, tag) != 0) {
    return SystemError(fmt::format("cannot wait for connections on descriptor {}", fd), errno);
  }
  listeners_.push_back({fd, tag});
  return {};
}

int ExclusivePoller::Wait(int timeout_ms, std::span<Ready> out) {
  if (applied_ != wanted_) Apply();
  constexpr std::size_t kMost = 32;
  std::array<epoll_event, kMost> events;
  const int most = static_cast<int>(std::min(out.size(), kMost));
  const int count = epoll_wait(epoll_.get(), events.data(), most, timeout_ms);
  broken_ = count < 0 && errno != EINTR;
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    out[index].tag = events[index].data.fd;
  }
  return std::max(count, 0);
}

// The kernel knows no EPOLL_CTL_MOD for exclusive entries: they go and come back.
void ExclusivePoller::Apply() {
  const int operation = wanted_ ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
  for (const Source& listener : listeners_) {
    Control(epoll_.get(), operation, listener.fd, kListenerEvents, listener.tag);
  }
  applied_ = wanted_;
}

}  // namespace uwsgi::os
