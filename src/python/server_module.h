// SPDX-License-Identifier: MIT
//
// The `uwsgi` module that applications import: what they may know of the server and
// ask of it. See docs/python-api.md.
//
// A name is in the module only when the server can do what it promises, because
// libraries choose their behaviour by hasattr. Functions are bound in files by topic:
// server_module.cc (facts), server_module_control.cc (the server), server_module_request.cc (the
// request that the thread serves), server_module_locks.cc and server_module_cache.cc (what
// processes share).

#pragma once

#include <Python.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/cache_set.h"
#include "ipc/lock_table.h"
#include "options/raw_option.h"
#include "python/handle.h"
#include "uwsgi/server_control.h"

namespace uwsgi::python {

// One loaded application, as uwsgi.workers() lists it.
struct LoadedApp {
  int id = 0;
  std::string mountpoint;
  std::time_t startup_seconds = 0;
  std::string chdir;
};

// What the processes of the instance share, as far as the configuration has it.
struct SharedParts {
  std::optional<LockTable> locks;
  std::shared_ptr<CacheSet> caches;  // Shared with the functions of the module.
};

class ServerModule {
 public:
  // Makes the module and puts it into sys.modules. `control` outlives the interpreter.
  // Python's error is set on failure.
  bool Install(ServerControl& control, const std::vector<RawOption>& raw, int threads,
               const SharedParts& shared);

  void SetApps(std::vector<LoadedApp> apps);

  // Calls a hook that the application may have assigned (post_fork_hook, atexit,
  // after_req_hook). What it raises is logged and goes no further.
  void CallHook(const char* name);
  // The hook, or an empty handle.
  Handle Hook(const char* name) const;

 private:
  Handle module_;
  // Shared with uwsgi.workers(), which lives as long as the module does.
  std::shared_ptr<std::vector<LoadedApp>> apps_;
};

}  // namespace uwsgi::python
