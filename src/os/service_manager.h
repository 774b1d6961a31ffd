// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "os/address.h"

namespace uwsgi::os {

// Tells the service manager that started this process how it is: what sd_notify(3) does, for
// systemd's Type=notify, Type=notify-reload and WatchdogSec. Says nothing when no manager asks.
//
// For one process of a server, the master; each word names it, as the manager may know another.
class ServiceManager {
 public:
  // What NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say. They stay in the environment, where
  // applications find them under uWSGI too. To be called before the process detaches, as
  // WATCHDOG_PID is that of the first.
  static ServiceManager FromEnvironment();

  ServiceManager() = default;

  // Each with a sentence for the operator, which `systemctl status` shows.
  void Starting(std::string_view status) { Send("", status); }
  void Ready(std::string_view status) { Send("READY=1\n", status); }
  // With the time, by which the manager tells this reload from an earlier one.
  void Reloading(std::string_view status);
  void Stopping(std::string_view status) { Send("STOPPING=1\n", status); }

  // The process is alive. Due this often; 0: never.
  void Ping();
  std::chrono::milliseconds ping_interval() const { return ping_interval_; }

 private:
  void Send(std::string_view words, std::string_view status);
  void SendText(const std::string& text);

  UniqueFd socket_;  // Invalid: nobody asks.
  SocketAddress address_;
  std::chrono::milliseconds ping_interval_{0};
  bool has_failed_ = false;
};

}  // namespace uwsgi::os
