// SPDX-License-Identifier: MIT
//
// ServerControl for the zygote, for its workers, and for the one process that
// serves without a master.

#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ipc/worker_context.h"
#include "os/process_title.h"
#include "uwsgi/server_control.h"

namespace uwsgi {

// Made in the zygote while it has one thread; a worker inherits it and calls
// EnterWorker before it starts threads. From then on every method is thread-safe.
class ProcessControl final : public ServerControl {
 public:
  // `context` and `title` outlive this; the context has a scoreboard.
  // `program` is the path of the server's.
  ProcessControl(const GenerationContext& context, std::uint64_t buffer_size,
                 os::ProcessTitle& title, std::string program);

  void EnterWorker(const WorkerIdentity& identity);
  // What SetAccepting calls, in whatever thread the application calls it.
  void OnSetAccepting(std::function<void(bool)> callback);

  int worker_id() const override { return identity_.worker_id; }
  pid_t master_pid() const override;
  int worker_count() const override;
  int threads() const override;
  std::time_t started_on() const override { return context_.started_on; }
  bool is_a_reload() const override { return context_.number > 1; }
  std::uint64_t total_requests() const override;
  std::vector<WorkerSnapshot> Workers() const override;
  std::vector<int> listening_fds() const override;
  std::uint32_t queued_connections(int fd) const override;
  std::uint64_t buffer_size() const override { return buffer_size_; }
  std::string program() const override { return program_; }

  bool RequestReload() override;
  bool RequestStop() override;
  void SetAccepting(bool accepting) override;
  void ShowLockWait(int core, std::optional<int> lock) override;
  void SetProcessName(const std::string& name) override;

 private:
  bool SignalMaster(int signum) const;

  const GenerationContext& context_;
  const std::uint64_t buffer_size_;
  os::ProcessTitle& title_;
  const std::string program_;
  std::mutex title_mutex_;
  WorkerIdentity identity_;
  std::function<void(bool)> on_set_accepting_;
};

}  // namespace uwsgi
