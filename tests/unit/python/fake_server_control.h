// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "uwsgi/server_control.h"

namespace uwsgi {

// A server that answers what the test put in, and remembers what it was asked to do.
class FakeServerControl : public ServerControl {
 public:
  int worker_id() const override { return worker; }
  pid_t master_pid() const override { return master; }
  int worker_count() const override { return workers; }
  int threads() const override { return thread_count; }
  std::time_t started_on() const override { return 1700000000; }
  bool is_a_reload() const override { return false; }
  std::uint64_t total_requests() const override { return 77; }
  std::vector<WorkerSnapshot> Workers() const override { return snapshots; }
  std::vector<int> listening_fds() const override { return fds; }
  std::uint32_t queued_connections(int fd) const override {
    return std::ranges::find(fds, fd) != fds.end() ? 3 : 0;
  }
  std::uint64_t buffer_size() const override { return 65535; }
  std::string program() const override { return "/usr/bin/uwsgi"; }
  bool RequestReload() override { return ++reloads > 0 && master != 0; }
  bool RequestStop() override { return ++stops > 0 && master != 0; }
  void SetAccepting(bool flag) override { accepting = flag; }
  void ShowLockWait(int, std::optional<int>) override {}
  void SetProcessName(const std::string& name) override { process_name = name; }

  int worker = 1;
  pid_t master = 4711;
  int workers = 2;
  int thread_count = 1;
  std::vector<WorkerSnapshot> snapshots;
  std::vector<int> fds;
  int reloads = 0;
  int stops = 0;
  bool accepting = true;
  std::string process_name;
};

}  // namespace uwsgi
