// SPDX-License-Identifier: MIT

#include "ipc/process_control.h"

#include <unistd.h>

#include <utility>

#include "base/app_fork.h"
#include "base/check.h"
#include "ipc/signals.h"
#include "os/listen_queue.h"

namespace uwsgi {
namespace {

WorkerSnapshot TakeSnapshot(Scoreboard& scoreboard, int worker_id) {
  const WorkerCounters& counters = scoreboard.counters(worker_id);
  WorkerSnapshot snapshot;
  snapshot.id = worker_id;
  snapshot.requests = counters.requests;
  snapshot.exceptions = counters.exceptions;
  snapshot.harakiri_count = counters.harakiri_count;
  snapshot.running_time = counters.running_us;
  snapshot.last_spawn = counters.last_spawn;
  snapshot.respawn_count = counters.respawn_count;
  snapshot.tx = counters.tx;
  snapshot.avg_rt = counters.avg_us;
  for (const AppCounters& app : counters.apps) {
    snapshot.apps.push_back({app.requests, app.exceptions});
  }
  snapshot.status = "cheap";
  // While a worker is being replaced it has two processes: the one that accepts stands for it.
  for (int slot = 0; slot < scoreboard.process_slots(); ++slot) {
    const ProcessSlot& process = scoreboard.process(slot);
    if (process.worker_id != worker_id || process.state == WorkerState::kFree) continue;
    const bool accepting = process.state == WorkerState::kReady;
    if (snapshot.pid != 0 && !accepting) continue;
    snapshot.pid = process.pid;
    snapshot.delta_requests = process.requests;
    snapshot.rss = process.rss;
    snapshot.vsz = process.vsz;
    snapshot.accepting = accepting;
    snapshot.status = process.busy_threads > 0 ? "busy" : "idle";
  }
  return snapshot;
}

}  // namespace

ProcessControl::ProcessControl(const GenerationContext& context, std::uint64_t buffer_size,
                               os::ProcessTitle& title, std::string program)
    : context_(context), buffer_size_(buffer_size), title_(title), program_(std::move(program)) {
  UWSGI_CHECK(context.scoreboard != nullptr);
}

void ProcessControl::EnterWorker(const WorkerIdentity& identity) { identity_ = identity; }

void ProcessControl::OnSetAccepting(std::function<void(bool)> callback) {
  on_set_accepting_ = std::move(callback);
}

pid_t ProcessControl::master_pid() const {
  if (context_.master_pid == 0) return 0;
  return identity_.worker_id == 0 ? ::getpid() : context_.master_pid;
}

int ProcessControl::worker_count() const { return context_.scoreboard->workers(); }

int ProcessControl::threads() const { return context_.scoreboard->threads(); }

std::uint64_t ProcessControl::total_requests() const {
  return context_.scoreboard->total_requests();
}

std::vector<WorkerSnapshot> ProcessControl::Workers() const {
  std::vector<WorkerSnapshot> workers;
  for (int id = 1; id <= worker_count(); ++id) {
    workers.push_back(TakeSnapshot(*context_.scoreboard, id));
  }
  return workers;
}

std::uint32_t ProcessControl::queued_connections(int fd) const {
  return os::ReadListenQueue(fd).value_or(os::ListenQueue{}).waiting +
         context_.scoreboard->waiting_requests();
}

std::vector<int> ProcessControl::listening_fds() const {
  std::vector<int> fds;
  for (const Listener& listener : context_.listeners) fds.push_back(listener.fd);
  return fds;
}

bool ProcessControl::RequestReload() { return SignalMaster(SIGHUP); }

bool ProcessControl::RequestStop() { return SignalMaster(kStopSignal); }

void ProcessControl::SetAccepting(bool accepting) {
  if (on_set_accepting_ && !IsAppFork()) on_set_accepting_(accepting);
}

void ProcessControl::ShowLockWait(int core, std::optional<int> lock) {
  if (identity_.worker_id == 0 || IsAppFork()) return;
  const std::uint32_t shown = lock ? static_cast<std::uint32_t>(*lock) + 1 : 0;
  context_.scoreboard->thread(identity_.slot, core).lock_waited_for = shown;
}

void ProcessControl::SetProcessName(const std::string& name) {
  const std::lock_guard lock(title_mutex_);
  title_.Set(name);
}

// By the link: the master may run as another user, and a pid may be somebody else's by now.
bool ProcessControl::SignalMaster(int signum) const {
  if (context_.link == nullptr || IsAppFork()) return false;
  return context_.link->Send(Message::With(MessageKind::kSignal, Number{signum})).ok();
}

}  // namespace uwsgi
