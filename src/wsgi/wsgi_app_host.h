// SPDX-License-Identifier: MIT
//
// The AppHost of production: CPython, the configured WSGI applications and the gateway
// to them.

#pragma once

#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "options/raw_option.h"
#include "python/app_loader.h"
#include "python/interpreter.h"
#include "python/server_module.h"
#include "uwsgi/app_host.h"
#include "wsgi/options.h"
#include "wsgi/wsgi_gateway.h"

namespace uwsgi::wsgi {

// What the host is configured by.
struct HostOptions {
  const AppOptions& app;  // Outlives the host.
  int threads = 1;
  std::chrono::milliseconds mercy{60'000};  // A process that is to end is killed after this.
  std::vector<RawOption> raw;               // For uwsgi.opt.
  python::SharedParts shared = {};
};

// Lives in the zygote and, after the fork, in each worker; every method is called on the
// process's main thread.
class WsgiAppHost final : public AppHost {
 public:
  // `control` outlives the host.
  WsgiAppHost(HostOptions options, ServerControl& control);
  ~WsgiAppHost() override;

  // Starts Python, puts the `uwsgi` module in place and runs the shared imports.
  std::string Start() override;
  // Runs the imports, then loads the application of a bare argument, or the module, or the
  // wsgi-file, then the mounts.
  bool LoadApps() override;
  void WritePlace(std::span<char> into) const noexcept override;

  void BeforeFork() override;
  void AfterForkInParent() override;
  void AfterForkInChild() override;
  void RunPostForkHook() override;

  void ReleaseMainThread() override;
  void ReacquireMainThread() override;

  // Leaves the interpreter initialised, because threads of the application may be alive: the
  // process ends with _exit.
  void Shutdown() override;

  Gateway& gateway() override { return *gateway_; }

 private:
  void LoadConfiguredApps();
  bool LoadMounts();
  // False when the target gave no application; what went wrong was logged.
  bool Load(const python::AppTarget& target, const std::vector<python::CallableName>& names,
            const std::string& mountpoint);
  // What a bare argument names.
  void LoadServed(const std::string& text);
  // What `callable` says.
  std::vector<python::CallableName> ConfiguredNames() const;
  void PublishApps();
  // A lock that the import has kept would be nobody's any more: no worker has it.
  void GiveBackLocks() const;
  // Tells the gateway, and the log where Python is free-threaded.
  void FindOutAboutGil();

  const HostOptions options_;
  ServerControl& control_;  // Outlives the host.
  python::Interpreter interpreter_;
  python::ServerModule module_;
  std::unique_ptr<WsgiGateway> gateway_;
  std::vector<std::time_t> startup_;  // Seconds that each application took, by id.
  bool frozen_ = false;               // gc.freeze() has run.
};

}  // namespace uwsgi::wsgi
