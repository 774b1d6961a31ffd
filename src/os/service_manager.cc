// SPDX-License-Identifier: MIT

#include "os/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/c_locale.h"
#include "base/log.h"
#include "os/clock.h"

namespace uwsgi::os {
namespace {

// A manager that does not read for so long does without this word.
constexpr timeval kPatience{.tv_sec = 1, .tv_usec = 0};

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

std::uint64_t Number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

// Twice in the time that the manager grants.
std::chrono::milliseconds PingInterval() {
  const std::string_view owner = Variable("WATCHDOG_PID");
  if (!owner.empty() && Number(owner) != static_cast<std::uint64_t>(::getpid())) return {};
  const std::chrono::microseconds granted(Number(Variable("WATCHDOG_USEC")));
  return std::chrono::ceil<std::chrono::milliseconds>(granted / 2);
}

}  // namespace

ServiceManager ServiceManager::FromEnvironment() {
  ServiceManager manager;
  const std::string_view text = Variable("NOTIFY_SOCKET");
  if (text.empty()) return manager;
  auto address = ParseAddress(text);
  if (!address || !(text.starts_with('/') || text.starts_with('@'))) {
    LogWarning("NOTIFY_SOCKET = {} is no address of a service manager: it gets to know nothing",
               text);
    return manager;
  }
  manager.address_ = *Resolve(*address);
  manager.socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!manager.socket_.valid()) return manager;
  ::setsockopt(manager.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  manager.ping_interval_ = PingInterval();
  return manager;
}

void ServiceManager::Reloading(std::string_view status) {
  Send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", MonotonicNs() / 1000), status);
}

void ServiceManager::Ping() { SendText("WATCHDOG=1\n"); }

void ServiceManager::Send(std::string_view words, std::string_view status) {
  SendText(fmt::format("{}MAINPID={}\nSTATUS={}\n", words, ::getpid(), status));
}

void ServiceManager::SendText(const std::string& text) {
  if (!socket_.valid()) return;
  ssize_t sent = 0;
  do {
    sent = ::sendto(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL, address_.get(),
                    address_.size);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) {
    has_failed_ = false;
  } else if (!std::exchange(has_failed_, true)) {
    LogWarning("cannot tell the service manager at NOTIFY_SOCKET: {}", ErrorText(errno));
  }
}

}  // namespace uwsgi::os
