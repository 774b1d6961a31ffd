// SPDX-License-Identifier: MIT
//
// The executable: wires the configuration, the master, the zygote and the worker together.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <system_error>

#include "base/log.h"
#include "base/unique_fd.h"
#include "config/loader.h"
#include "config/option_docs.h"
#include "master/instance.h"
#include "master/master.h"
#include "os/process.h"
#include "os/process_title.h"
#include "shared/exit_code.h"
#include "shared/signals.h"
#include "tls/credentials.h"
#include "tls/server_context.h"
#include "worker/worker.h"
#include "wsgi/wsgi_app_host.h"
#include "zygote/process_options.h"
#include "zygote/single_process.h"
#include "zygote/zygote.h"

namespace uwsgi {
namespace {

struct CommandLine {
  std::vector<std::string> arguments;  // With argv[0].
  std::string directory;               // Where its relative paths start; empty if it is gone.
  UniqueFd open_directory;             // The same.
  tls::MaterialReader certificates = {};
};

Result<config::Configuration> Load(const CommandLine& line) {
  std::vector<std::string> warnings;
  auto loaded = config::Load(line.arguments, environ, &warnings);
  if (!loaded) {
    for (const std::string& text : warnings) LogWarning("{}", text);
    return loaded;
  }
  for (const std::string& text : loaded->notices) LogNotice("{}", text);
  for (const std::string& text : loaded->warnings) LogWarning("{}", text);
  return loaded;
}

Result<GenerationPlan> PlanOf(const config::Configuration& read, CommandLine& line) {
  const TlsOptions& tls = read.options.listen.tls;
  auto texts = line.certificates.Read(tls);
  if (!texts) return texts.error();
  return MakePlan(read.options, line.directory,
                  {config::EncodeRawOptions(read.raw), *std::move(texts)}, tls::FilesOf(tls));
}

// Through /proc, which asks for no permission to search it, as "." does.
UniqueFd OpenCurrentDirectory() {
  return UniqueFd(::open("/proc/self/cwd", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool IsSameDirectory(const UniqueFd& one, const UniqueFd& other) {
  struct stat first {};
  struct stat second {};
  return ::fstat(one.get(), &first) == 0 && ::fstat(other.get(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// Goes to a directory and, at its end, back. By descriptors: a directory may lose its name, and
// its path may have become closed to the server's user.
class InDirectory {
 public:
  explicit InDirectory(const UniqueFd& there)
      : before_(OpenCurrentDirectory()),
        moves_(before_.valid() && !IsSameDirectory(before_, there)) {
    if (moves_ && ::fchdir(there.get()) != 0) {
      LogWarning("cannot go to where the server was started: {}; relative paths may not be found",
                 std::strerror(errno));
    }
  }
  ~InDirectory() {
    if (moves_ && ::fchdir(before_.get()) != 0) {
      LogWarning("cannot go back to the server's directory: {}", std::strerror(errno));
    }
  }
  InDirectory(const InDirectory&) = delete;
  InDirectory& operator=(const InDirectory&) = delete;

  // The process was somewhere else, and will be again.
  bool moves() const { return moves_; }

 private:
  const UniqueFd before_;
  const bool moves_;
};

// For a reload: from where the first reading was done. Whatever goes wrong, what serves goes on.
Result<GenerationPlan> ReadPlan(CommandLine& line) try {
  const InDirectory there(line.open_directory);
  const auto read = Load(line);
  if (!read) return read.error();
  auto plan = PlanOf(*read, line);
  if (plan && plan->working_directory.empty() && there.moves()) {
    plan->working_directory = line.directory;  // It had a chdir when it was started.
  }
  return plan;
} catch (const std::exception& exception) {
  return Error{ErrorCode::kSystem,
               fmt::format("the configuration cannot be read: {}", exception.what())};
}

// In the process that loads the applications: the runtime and the worker. `leave` ends it.
Result<ZygoteParts> SetUpProcess(const BootedGeneration& generation, os::ProcessTitle& title,
                                 const std::function<void(int)>& leave) {
  auto read = config::Rebuild(generation.texts.options);
  if (!read) return read.error();
  auto tls = tls::ServerContexts::FromText(generation.texts.tls);
  if (!tls) return tls.error();
  const auto options = std::make_shared<const Options>(std::move(read->options));
  SetLogDate(options->log.log_date);
  title.SetFor(options->process, os::ProcessRole::kZygote);
  if (auto applied = ApplyToApplications(options->process); !applied) return applied.error();

  ZygoteParts parts;
  const std::uint64_t buffer_size = options->worker.buffer_size.bytes;
  parts.control = std::make_unique<ProcessControl>(generation.context, buffer_size);
  parts.host = std::make_unique<wsgi::WsgiAppHost>(
      wsgi::HostOptions{options->app, options->worker, options->master.need_app,
                        options->master.gc_freeze, std::move(read->raw)},
      *parts.control);
  parts.lazy_apps = options->master.lazy_apps;
  parts.chdir_after_loading = options->process.chdir2;
  parts.worker_main = [options, tls = std::shared_ptr(*std::move(tls)), &title, &generation, leave,
                       host = parts.host.get(),
                       control = parts.control.get()](const WorkerIdentity& identity) {
    title.SetFor(options->process, os::ProcessRole::kWorker, identity.worker_id);
    return RunWorker({options->worker, options->log, options->static_files, *tls,
                      generation.context, *host, leave, *control},
                     identity);
  };
  return parts;
}

int Serve(CommandLine& line, const Options& options, GenerationPlan plan, Instance& instance,
          os::ProcessTitle& title) {
  if (!options.master.master && options.master.processes == 1) {
    const auto leave = [&instance](int status) { ::_exit(instance.Finish(status)); };
    const auto set_up = [&](const auto& alone) { return SetUpProcess(alone, title, leave); };
    return RunSingleProcess(instance.open_listeners(), options.worker.threads,
                            std::move(plan.texts), set_up, [&instance] { instance.OnServing(); });
  }
  title.SetFor(options.process, os::ProcessRole::kMaster);
  Master::Settings settings{
      .zygote = {"/proc/self/exe", line.arguments},
      .read_plan = [&line] { return ReadPlan(line); },
      .on_serving = [&instance] { instance.OnServing(); },
      .on_reload = [&instance](const os::ReloadProgress& progress) { instance.OnReload(progress); },
      .log_files = instance.log_files()};
  return Master(std::move(settings), instance.listeners(), std::move(plan)).Run();
}

int Print(const Result<std::string>& text) {
  if (!text) LogError("{}", text.error().message);
  if (text) std::printf("%s", text->c_str());
  std::fflush(stdout);  // Before any fork.
  return ToInt(text ? ExitCode::kOk : ExitCode::kFailed);
}

int Run(CommandLine& line, os::ProcessTitle& title) {
  const auto read = Load(line);
  if (!read) return Print(read.error());
  const CommandOptions& command = read->options.command;
  if (const auto answer = config::Answer(command)) return Print(*answer);
  if (!command.stop.empty()) return StopServer(command.stop, command.wait);
  if (!command.reload.empty()) return ReloadServer(command.reload, command.wait);
  if (command.show_config) (void)Print(config::ShowConfig(read->raw));
  auto plan = PlanOf(*read, line);
  if (!plan) return Print(plan.error());
  if (command.check_config) return Print(std::string("the configuration is valid\n"));
  Instance instance;
  if (const auto ended = instance.Start(read->options)) return *ended;
  return instance.Finish(Serve(line, read->options, *std::move(plan), instance, title));
}

}  // namespace
}  // namespace uwsgi

int main(int argc, char** argv) {
  using namespace uwsgi;  // NOLINT(google-build-using-namespace): it composes all of it.
  BlockServerSignals();
  os::IgnoreWriteSignals();
  os::OpenStandardFds();
  std::error_code is_gone;
  CommandLine line{
      {argv, argv + argc}, std::filesystem::current_path(is_gone), OpenCurrentDirectory()};
  os::ProcessTitle title(argc, argv);
  const auto set_up = [&](const auto& booted) { return SetUpProcess(booted, title, ::_exit); };
  if (TakeZygoteMark()) RunZygote(set_up);
  return Run(line, title);
}
