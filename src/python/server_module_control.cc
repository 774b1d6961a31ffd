// SPDX-License-Identifier: MIT

#include <pybind11/stl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/log.h"
#include "os/system_info.h"
#include "python/server_module_parts.h"

namespace py = pybind11;

namespace uwsgi::python {
namespace {

AppSnapshot SnapshotOf(int app_id, const WorkerSnapshot& worker) {
  if (worker.apps.empty()) return {};
  return worker.apps[std::min(static_cast<std::size_t>(app_id), worker.apps.size() - 1)];
}

py::tuple AppDicts(const AppList& apps, const WorkerSnapshot& worker) {
  py::tuple dicts(apps.size());
  for (std::size_t i = 0; i < apps.size(); ++i) {
    const LoadedApp& app = apps[i];
    py::dict entry;
    entry["id"] = app.id;
    entry["modifier1"] = 0;
    entry["mountpoint"] = py::bytes(app.mountpoint);
    entry["startup_time"] = static_cast<std::int64_t>(app.startup_seconds);
    const AppSnapshot done = SnapshotOf(app.id, worker);
    entry["requests"] = done.requests;
    entry["exceptions"] = done.exceptions;
    entry["chdir"] = py::bytes(app.chdir);
    dicts[i] = entry;
  }
  return dicts;
}

py::dict WorkerDict(const WorkerSnapshot& worker, const AppList& apps) {
  py::dict entry;
  entry["id"] = worker.id;
  entry["pid"] = worker.pid;
  entry["requests"] = worker.requests;
  entry["delta_requests"] = worker.delta_requests;
  entry["signals"] = 0;
  entry["exceptions"] = worker.exceptions;
  entry["harakiri_count"] = worker.harakiri_count;
  entry["status"] = py::bytes(std::string(worker.status));
  entry["accepting"] = worker.accepting ? 1 : 0;
  entry["rss"] = worker.rss;
  entry["vsz"] = worker.vsz;
  entry["running_time"] = worker.running_time;
  entry["last_spawn"] = static_cast<std::int64_t>(worker.last_spawn);
  // uWSGI counts from 0 here and from 1 in its statistics.
  entry["respawn_count"] = worker.respawn_count > 0 ? worker.respawn_count - 1 : 0;
  entry["tx"] = worker.tx;
  entry["avg_rt"] = worker.avg_rt;
  entry["apps"] = AppDicts(apps, worker);
  return entry;
}

py::tuple Workers(const ServerControl& control, const AppList& apps) {
  const std::vector<WorkerSnapshot> snapshots = control.Workers();
  py::tuple dicts(snapshots.size());
  for (std::size_t i = 0; i < snapshots.size(); ++i) dicts[i] = WorkerDict(snapshots[i], apps);
  return dicts;
}

// Resident and virtual size of this process, in bytes.
py::tuple Memory() {
  const os::MemoryUsage memory = os::ReadMemoryUsage();
  return py::make_tuple(memory.rss, memory.vsz);
}

// Size of the log when it is a file, else 0.
std::int64_t LogSize() {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return status.st_size;
}

// Connections that wait to be accepted.
std::uint32_t ListenQueue(const ServerControl& control, int index) {
  const std::vector<int> fds = control.listening_fds();
  if (index < 0 || static_cast<std::size_t>(index) >= fds.size()) {
    throw py::value_error("unable to find the listen queue of socket " + std::to_string(index));
  }
  return control.queued_connections(fds[static_cast<std::size_t>(index)]);
}

std::int64_t Micros() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

void BindLifecycle(py::module_& module, ServerControl& control) {
  // Both tolerate arguments: they are registered as handlers that get some.
  module.def("reload", [&control](const py::args&) { return TrueOrNone(control.RequestReload()); });
  module.def("stop", [&control](const py::args&) { return TrueOrNone(control.RequestStop()); });
  module.def(
      "accepting", [&control](int flag) { control.SetAccepting(flag != 0); }, py::arg("flag") = 1);
  module.def("ready", [&control] { return TrueOrNone(control.worker_id() > 0); });
  module.def("setprocname", [&control](const std::string& name) { control.SetProcessName(name); });
  module.def("log", [](const py::str& line) {
    std::string text = line;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    Log({.kind = LogKind::kApplication, .text = text});
    return true;
  });
}

}  // namespace

void BindControl(py::module_& module, ServerControl& control,
                 const std::shared_ptr<const AppList>& apps) {
  module.def("worker_id", [&control] { return control.worker_id(); });
  module.def("masterpid", [&control] { return control.master_pid(); });
  module.def("mypid", [] { return ::getpid(); });
  module.def("total_requests", [&control] { return control.total_requests(); });
  module.def("workers", [&control, apps] { return Workers(control, *apps); });
  module.def("mem", &Memory);
  module.def("logsize", &LogSize);
  module.def(
      "listen_queue", [&control](int index) { return ListenQueue(control, index); },
      py::arg("index") = 0);
  module.def("micros", &Micros);
  // There is no spooler yet, so nobody is it.
  module.def("i_am_the_spooler", [] { return py::none(); });
  BindLifecycle(module, control);
}

}  // namespace uwsgi::python
