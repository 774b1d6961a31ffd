// SPDX-License-Identifier: MIT

#include "master/instance.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
#include <utility>

#include "base/c_locale.h"
#include "base/early_log.h"
#include "base/log.h"
#include "base/log_route.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"
#include "master/service_ping.h"
#include "os/daemon.h"
#include "os/privileges.h"
#include "os/process.h"
#include "uwsgi/version.h"

namespace uwsgi {
namespace {

constexpr std::chrono::milliseconds kPoll{20};
// An application that takes longer to import than this hangs.
constexpr std::chrono::minutes kLongestReload{10};
// Enough for the connections of a large site. The usual soft limit of 1024 is there for select(2).
constexpr std::uint64_t kUsefulFiles = 65536;
// What the processes have open before the first connection, and some.
constexpr std::uint64_t kLeastFiles = 40;

void LogBanner(int processes, int threads) {
  std::string date;
  AppendLocalTime(std::time(nullptr), "%c", date);
  LogInfo("*** Starting uWSGI {} on [{}] ***", kVersion, date);
  LogInfo("{} {} x {} {}", processes, processes == 1 ? "process" : "processes", threads,
          threads == 1 ? "thread" : "threads");
}

// The log is not where the first lines went, which the shell still shows; that logto2 takes it away
// is yet to come.
bool IsElsewhere(const InstanceOptions& options) {
  const LogOptions& log = options.log;
  if (!options.master.daemonize.empty() || !options.master.daemonize2.empty()) return true;
  if (!log.logto2.empty()) return !log.logto.empty();
  return std::ranges::any_of(log.targets, [](const LogTarget& each) { return !each.path.empty(); });
}

// A reload has two processes in each seat, and the master a link to each.
std::uint64_t FilesOfMaster(const MasterOptions& options) {
  return kLeastFiles + (options.master ? 2 * static_cast<std::uint64_t>(options.processes) : 0);
}

Result<void> CheckFileLimit(std::uint64_t of_workers, const MasterOptions& options) {
  const std::uint64_t files = os::OpenFileLimit();
  const std::uint64_t least = of_workers == 0 ? files : std::min(files, of_workers);
  if (least < kLeastFiles) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the limit of open files is {}, the server needs {} at least: raise "
                             "it (ulimit -n, max-fd)",
                             least, kLeastFiles)};
  }
  if (files < FilesOfMaster(options)) {
    LogWarning(
        "the limit of open files is {}, a reload of {} processes needs {} or fails: raise it "
        "(ulimit -n, max-fd)",
        files, options.processes, FilesOfMaster(options));
  }
  return {};
}

struct Signalled {
  int exit_status = ToInt(ExitCode::kOk);
  os::ServerRecord server;  // As it was before the signal.
};

Signalled SignalServer(const std::string& pidfile, int signum) {
  const auto server = os::ReadServer(pidfile);
  if (!server) {
    LogError("{}", server.error().message);
    const bool is_gone = server.error().code == ErrorCode::kClosed;
    return {ToInt(is_gone ? ExitCode::kSignalFailed : ExitCode::kFailed), {}};
  }
  if (::kill(server->pid, signum) == 0) return {ToInt(ExitCode::kOk), *server};
  LogError("{}",
           SystemError("cannot signal process " + std::to_string(server->pid), errno).message);
  return {ToInt(ExitCode::kSignalFailed), {}};
}

// Nothing once that server has let go of its pidfile, which it does last of all.
std::optional<os::ServerRecord> ReadAgain(const std::string& pidfile, pid_t pid) {
  const auto server = os::ReadServer(pidfile);
  if (!server || server->pid != pid) return std::nullopt;
  return *server;
}

}  // namespace

Instance::~Instance() {
  if (log_files_) SetLogRoutes({});
}

std::optional<int> Instance::Start(const InstanceOptions& options) {
  vacuum_ = options.master.vacuum;
  service_manager_ = os::ServiceManager::FromEnvironment();
  const auto detached = Detach(options);
  if (!detached) {
    LogError("{}", detached.error().message);
    return ToInt(ExitCode::kFailed);
  }
  if (detached->has_value()) return *detached;
  service_manager_.Starting("starting");
  if (!options.master.master && service_manager_.ping_interval().count() > 0) {
    LogWarning("without a master nobody answers the service manager's watchdog (WATCHDOG_USEC)");
  }
  if (auto done = Take(options); !done) {
    LogError("{}", done.error().message);
    report_.Failed(ToInt(ExitCode::kFailed), done.error().message);
    return Finish(ToInt(ExitCode::kFailed));
  }
  if (options.master.daemonize2.empty()) report_.Started();
  return std::nullopt;
}

// The exit status in the process that the shell waits for.
Result<std::optional<int>> Instance::Detach(const InstanceOptions& options) {
  const MasterOptions& master = options.master;
  const std::string& log = master.daemonize2.empty() ? master.daemonize : master.daemonize2;
  if (log.empty()) return std::optional<int>();
  auto daemon = os::Daemonize(log);
  if (!daemon) return daemon.error();
  if (daemon->is_launcher) return std::optional<int>(daemon->exit_status);
  report_ = std::move(daemon->report);
  return std::optional<int>();
}

Result<void> Instance::Take(const InstanceOptions& options) {
  const LogOptions& log = options.log;
  if (log.logto2.empty()) {
    if (auto done = OpenLog(log); !done) return done.error();
  } else if (!log.logto.empty()) {
    if (auto done = os::RedirectOutput(log.logto); !done) return done.error();
  }
  SetLogDate(log.log_date);
  if (IsElsewhere(options)) RepeatKeptLogLines();
  LogBanner(options.master.processes, options.threads);
  if (!options.master.master && options.master.processes > 1) {
    LogInfo("several processes need the master: it is on");
  }
  if (options.process.umask) ::umask(options.process.umask->bits);
  if (auto done = LimitFiles(options.process.max_fd, options.master); !done) return done.error();
  if (auto done = WritePidfile(options.master.pidfile); !done) return done.error();
  if (auto done = TakePlace(options.process); !done) return done.error();
  if (auto done = OpenSockets(options); !done) return done.error();
  for (const std::string& path :
       {options.master.pidfile2, options.master.safe_pidfile, options.master.safe_pidfile2}) {
    if (auto done = WritePidfile(path); !done) return done.error();
  }
  if (log.logto2.empty()) {
    ForgetKeptLogLines();
    return {};
  }
  auto opened = OpenLog(log);
  RepeatKeptLogLines();
  ForgetKeptLogLines();
  return opened;
}

Result<void> Instance::OpenLog(const LogOptions& options) {
  if (options.targets.empty()) return {};
  if (!options.needs_master()) return os::RedirectOutput(options.targets.front().path);
  auto files = LogFiles::Open(options.targets);
  if (!files) return files.error();
  log_files_ = *std::move(files);
  SetLogRoutes({{.sink = &*log_files_}});
  return {};
}

Result<void> Instance::LimitFiles(std::uint64_t max_fd, const MasterOptions& options) {
  if (max_fd == 0) {
    os::RaiseOpenFileLimit(std::max(kUsefulFiles, FilesOfMaster(options)));
  } else {
    // While root is allowed to; the process that loads the applications sets its own from it.
    if (auto done = os::SetOpenFileLimit(max_fd); !done) return done;
    os::RaiseOpenFileLimit(FilesOfMaster(options));
  }
  return CheckFileLimit(max_fd, options);
}

Result<void> Instance::TakePlace(const ProcessOptions& options) {
  if (options.chdir.empty()) return {};
  LogInfo("chdir() to {}", options.chdir);
  if (::chdir(options.chdir.c_str()) == 0) return {};
  return SystemError("cannot change to the directory " + options.chdir, errno);
}

Result<void> Instance::OpenSockets(const InstanceOptions& options) {
  const auto identity = os::ResolveIdentity(options.process);
  if (!identity) return identity.error();
  listeners_.Inherit();
  if (identity->changes_anything()) {
    const auto first =
        listeners_.OpenFor(options.listen, options.tls, ListenerSet::Phase::kBeforePrivileges);
    if (!first) return first.error();
    if (auto done = os::DropPrivileges(*identity); !done) return done.error();
  } else if (::geteuid() == 0) {
    LogInfo("*** WARNING: you are running uWSGI as root !!! (use the --uid flag) ***");
  }
  auto all = listeners_.OpenFor(options.listen, options.tls);
  if (!all) return all.error();
  open_listeners_ = *std::move(all);
  if (!open_listeners_.empty()) return {};
  return Error{ErrorCode::kInvalid, "The -s/--socket option is missing and stdin is not a socket."};
}

Result<void> Instance::WritePidfile(const std::string& path) {
  if (path.empty()) return {};
  LogInfo("writing pidfile to {}", path);
  auto pidfile = os::Pidfile::Create(path);
  if (!pidfile) return pidfile.error();
  pidfiles_.push_back(*std::move(pidfile));
  return {};
}

void Instance::OnServing() {
  report_.Started();
  service_manager_.Ready("serving");
}

Master::Settings Instance::MasterSettings() {
  Master::Settings settings;
  settings.on_serving = [this] { OnServing(); };
  settings.on_reload = [this](const os::ReloadProgress& progress) { OnReload(progress); };
  settings.on_stopping = [this] { service_manager_.Stopping("stopping"); };
  if (service_manager_.ping_interval().count() > 0) {
    settings.chores.push_back(std::make_unique<ServicePing>(service_manager_));
  }
  if (log_files_) settings.log_files = &*log_files_;
  return settings;
}

void Instance::OnReload(const os::ReloadProgress& progress) {
  for (os::Pidfile& pidfile : pidfiles_) pidfile.Publish(progress);
  if (progress.through != progress.begun) return service_manager_.Reloading("reloading");
  service_manager_.Ready(
      progress.has_failed ? "serving as before: the last reload failed, see the log" : "serving");
}

int Instance::Finish(int exit_status) {
  if (vacuum_) {
    for (os::Pidfile& pidfile : pidfiles_) pidfile.Vacuum();
  }
  pidfiles_.clear();
  listeners_.Close(vacuum_);
  if (exit_status == 0) return exit_status;
  service_manager_.Stopping(fmt::format("ended with exit status {}, see the log", exit_status));
  LogError(
      "the server ends with exit status {}{}", exit_status,
      exit_status == ToInt(ExitCode::kAppLoadFailed) ? ": no application could be loaded" : "");
  report_.Failed(exit_status, "the server could not start, see its log");
  return exit_status;
}

int StopServer(const std::string& pidfile, bool wait) {
  const auto [exit_status, server] = SignalServer(pidfile, kStopSignal);
  if (exit_status != 0 || !wait) return exit_status;
  UnblockServerSignals();
  // The server bounds its own end; its parent may reap it later.
  while (ReadAgain(pidfile, server.pid)) std::this_thread::sleep_for(kPoll);
  return exit_status;
}

int ReloadServer(const std::string& pidfile, bool wait) {
  const auto [exit_status, before] = SignalServer(pidfile, SIGHUP);
  if (exit_status != 0 || !wait) return exit_status;
  UnblockServerSignals();
  const auto deadline = std::chrono::steady_clock::now() + kLongestReload;
  while (const auto server = ReadAgain(pidfile, before.pid)) {
    if (server->reloads.through > before.reloads.begun) {
      if (!server->reloads.has_failed) return exit_status;
      LogError("the reload failed, the old generation serves on: the log of the server says why");
      return ToInt(ExitCode::kFailed);
    }
    if (std::chrono::steady_clock::now() > deadline) {
      LogError("the reload is not through after {} minutes, it goes on: see the log of the server",
               kLongestReload.count());
      return ToInt(ExitCode::kFailed);
    }
    std::this_thread::sleep_for(kPoll);
  }
  LogError("the server ended before the reload was through: see its log");
  return ToInt(ExitCode::kFailed);
}

}  // namespace uwsgi
