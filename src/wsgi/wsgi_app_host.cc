// SPDX-License-Identifier: MIT

#include "wsgi/wsgi_app_host.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "python/app_loader.h"
#include "python/error_text.h"
#include "python/stack_place.h"

namespace uwsgi::wsgi {
namespace {

// How long threads of the application may go on when the process ends.
constexpr std::chrono::milliseconds kExitPatience{5000};

std::string CurrentFolder() {
  std::array<char, 4096> buffer{};
  const char* folder = ::getcwd(buffer.data(), buffer.size());
  return folder != nullptr ? folder : "";
}

}  // namespace

WsgiAppHost::WsgiAppHost(HostOptions options, ServerControl& control)
    : options_(std::move(options)),
      control_(control),
      gateway_(
          std::make_unique<WsgiGateway>(options_.app, options_.threads, control.worker_count())) {}

WsgiAppHost::~WsgiAppHost() = default;

std::string WsgiAppHost::Start() {
  const AppOptions& app = options_.app;
  auto started = interpreter_.Start({.home = app.home,
                                     .executable = app.sys_executable,
                                     .pyargv = app.pyargv,
                                     .python_path = app.python_path,
                                     .no_site = app.no_site,
                                     .optimize = app.optimize});
  if (!started) return started.error().message;
  LogInfo("Python version: {}", python::Interpreter::Version());
  LogInfo("Python environment: {}", interpreter_.DescribeEnvironment());
  if (!module_.Install(control_, options_.raw, options_.threads, options_.shared) ||
      !gateway_->Init()) {
    return "cannot prepare the interpreter: " + python::TakeErrorText();
  }
  for (const std::string& name : app.shared_imports) python::ImportQuietly(name);
  return {};
}

bool WsgiAppHost::LoadApps() {
  for (const std::string& name : options_.app.imports) python::ImportQuietly(name);
  LoadConfiguredApps();
  const bool mounted = LoadMounts();
  gateway_->SetAfterRequestHook(module_.Hook("after_req_hook"));
  PublishApps();
  FindOutAboutGil();
  if (!mounted) return false;
  if (!gateway_->apps().all().empty()) return true;
  if (options_.app.need_app) {
    LogInfo("*** no app loaded. GAME OVER ***");
    return false;
  }
  LogInfo("*** no app loaded. going in full dynamic mode ***");
  return true;
}

void WsgiAppHost::WritePlace(std::span<char> into) const noexcept { python::WriteStackPlace(into); }

void WsgiAppHost::LoadConfiguredApps() {
  const AppOptions& app = options_.app;
  // The first of these alone: each would be the app at "".
  if (!app.serve.empty()) {
    LoadServed(app.serve);
  } else if (!app.module.empty()) {
    Load(python::ParseModuleTarget(app.module), ConfiguredNames(), "");
  } else if (!app.wsgi_file.empty()) {
    Load(python::ParseFileTarget(app.wsgi_file), ConfiguredNames(), "");
  }
}

std::vector<python::CallableName> WsgiAppHost::ConfiguredNames() const {
  return {python::ParseCallableName(options_.app.callable)};
}

void WsgiAppHost::LoadServed(const std::string& text) {
  python::AppTarget target = python::ParseAppTarget(text);
  if (python::IsFolder(text)) {
    const auto found = python::FindAppInFolder(text);
    if (!found) {
      LogError("{}", found.error().message);
      return;
    }
    target = *found;
    python::Interpreter::PrependPath(text);
  }
  const bool has_name = options_.app.callable != AppOptions().callable;
  Load(target, has_name ? ConfiguredNames() : python::UsualCallables(), "");
}

bool WsgiAppHost::LoadMounts() {
  for (const auto& [prefix, app] : options_.app.mounts) {
    LogInfo("mounting {} on {}", app, prefix.empty() ? "/" : prefix);
    if (!Load(python::ParseAppTarget(app), ConfiguredNames(), prefix)) return false;
  }
  return true;
}

bool WsgiAppHost::Load(const python::AppTarget& target,
                       const std::vector<python::CallableName>& names,
                       const std::string& mountpoint) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<python::FoundApp> found = python::LoadTarget(target, names, mountpoint);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  AppTable& apps = gateway_->apps();
  std::size_t added = 0;
  for (python::FoundApp& app : found) {
    if (interpreter_.IsAsgi(app.callable.get())) {
      LogError("the application at {} is an ASGI one; this server runs WSGI applications",
               target.place);
      continue;
    }
    const Application& loaded = apps.Add(app.mountpoint, std::move(app.callable));
    ++added;
    startup_.push_back(static_cast<std::time_t>(taken.count()));
    LogInfo("WSGI app {} (mountpoint='{}') ready in {:.3f} seconds pid: {}{}", loaded.id,
            loaded.mountpoint, taken.count(), ::getpid(),
            apps.default_app() == &loaded ? " (default app)" : "");
  }
  if (added == 0) {
    LogInfo("unable to load app {} (mountpoint='{}') (callable not found or import error)",
            apps.all().size(), mountpoint);
  }
  return added > 0;
}

void WsgiAppHost::PublishApps() {
  std::vector<python::LoadedApp> list;
  const std::string folder = CurrentFolder();
  for (const Application& app : gateway_->apps().all()) {
    list.push_back({.id = app.id,
                    .mountpoint = app.mountpoint,
                    .startup_seconds = startup_[static_cast<std::size_t>(app.id)],
                    .chdir = folder});
  }
  module_.SetApps(std::move(list));
}

void WsgiAppHost::FindOutAboutGil() {
  const bool parallel = python::Interpreter::IsParallel();
  gateway_->SetParallel(parallel);
  if (parallel) {
    LogInfo("Python runs without its GIL: the threads of a worker run in parallel");
  } else if (python::Interpreter::IsFreeThreaded()) {
    LogInfo("this free-threaded Python runs with its GIL: PYTHON_GIL, or a module, asked for it");
  }
}

void WsgiAppHost::GiveBackLocks() const {
  const auto& locks = options_.shared.locks;
  if (!locks || locks->UnlockOwn() == 0) return;
  LogWarning(
      "the application has called uwsgi.lock() while it was imported, and not uwsgi.unlock(): "
      "no worker inherits the lock, and it is free again");
}

void WsgiAppHost::BeforeFork() {
  GiveBackLocks();
  python::ImportQuietly("threading");  // Threads are named by it: imported here, it is shared.
  if (options_.app.gc_freeze && !std::exchange(frozen_, true)) interpreter_.FreezeHeap();
  interpreter_.BeforeFork();
}

void WsgiAppHost::AfterForkInParent() { interpreter_.AfterForkInParent(); }
void WsgiAppHost::AfterForkInChild() { interpreter_.AfterForkInChild(); }

void WsgiAppHost::RunPostForkHook() {
  module_.CallHook("post_fork_hook");
  gateway_->SetAfterRequestHook(module_.Hook("after_req_hook"));
}

void WsgiAppHost::ReleaseMainThread() { interpreter_.ReleaseMainThread(); }
void WsgiAppHost::ReacquireMainThread() { interpreter_.ReacquireMainThread(); }

void WsgiAppHost::Shutdown() {
  if (options_.app.skip_atexit) return;
  module_.CallHook("atexit");
  if (options_.app.skip_atexit_teardown) return;
  interpreter_.RunExitFunctions(std::min(kExitPatience, options_.mercy));
}

}  // namespace uwsgi::wsgi
