// SPDX-License-Identifier: MIT
//
// The executable: wires the configuration, the master, the zygote and the worker together.

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

#include "base/log.h"
#include "config/loader.h"
#include "config/option_docs.h"
#include "master/instance.h"
#include "master/master.h"
#include "os/process.h"
#include "os/process_title.h"
#include "shared/exit_code.h"
#include "shared/signals.h"
#include "uwsgi/version.h"
#include "worker/worker.h"
#include "wsgi/wsgi_app_host.h"
#include "zygote/process_options.h"
#include "zygote/single_process.h"
#include "zygote/zygote.h"

namespace uwsgi {
namespace {

struct CommandLine {
  std::vector<std::string> arguments;  // With argv[0].
  std::string directory;               // Where its relative paths start.
};

Result<config::Configuration> Load(const CommandLine& line) {
  std::vector<const char*> argv;
  for (const std::string& argument : line.arguments) argv.push_back(argument.c_str());
  auto loaded = config::Load(static_cast<int>(argv.size()), argv.data(), environ);
  if (!loaded) return loaded;
  for (const std::string& text : loaded->notices) LogNotice("{}", text);
  for (const std::string& text : loaded->warnings) LogWarning("{}", text);
  return loaded;
}

GenerationPlan PlanOf(const config::Configuration& read, const CommandLine& line) {
  return MakePlan(read.options, line.directory, config::EncodeRawOptions(read.raw));
}

// For a reload: from where the first reading was done.
Result<GenerationPlan> ReadPlan(const CommandLine& line) {
  const std::string serving = std::filesystem::current_path();
  if (auto moved = ChangeDirectory(line.directory); !moved) return moved.error();
  const auto read = Load(line);
  if (auto moved = ChangeDirectory(serving); !moved) return moved.error();
  if (!read) return read.error();
  return PlanOf(*read, line);
}

// In the process that loads the applications: the runtime and the worker.
Result<ZygoteParts> SetUpProcess(const BootedGeneration& generation, os::ProcessTitle& title) {
  auto raw = config::DecodeRawOptions(generation.options);
  if (!raw) return raw.error();
  auto built = config::BuildOptions(*raw);
  if (!built) return built.error();
  // The worker's: it lives as long as the parts.
  const auto options = std::make_shared<const Options>(*std::move(built));
  SetLogDate(options->log.log_date);
  title.SetFor(options->process, os::ProcessRole::kZygote);
  if (auto applied = ApplyToApplications(options->process); !applied) return applied.error();

  ZygoteParts parts;
  parts.control =
      std::make_unique<ProcessControl>(generation.context, options->worker.buffer_size.bytes);
  parts.host = std::make_unique<wsgi::WsgiAppHost>(
      wsgi::HostOptions{options->app, options->worker, options->master.need_app,
                        options->master.gc_freeze, *std::move(raw)},
      *parts.control);
  parts.lazy_apps = options->master.lazy_apps;
  parts.chdir_after_loading = options->process.chdir2;
  parts.worker_main = [options, &title, &generation, host = parts.host.get(),
                       control = parts.control.get()](const WorkerIdentity& identity) {
    title.SetFor(options->process, os::ProcessRole::kWorker, identity.worker_id);
    const WorkerParts worker{
        options->worker, options->log, options->static_files, generation.context, *host,
        ::_exit,         *control};
    return RunWorker(worker, identity);
  };
  return parts;
}

int Serve(const CommandLine& line, const config::Configuration& read, Instance& instance,
          os::ProcessTitle& title) {
  const Options& options = read.options;
  if (!options.master.master && options.master.processes == 1) {
    instance.OnServing();
    return RunSingleProcess(
        instance.open_listeners(), options.worker.threads, config::EncodeRawOptions(read.raw),
        [&](const BootedGeneration& alone) { return SetUpProcess(alone, title); });
  }
  title.SetFor(options.process, os::ProcessRole::kMaster);
  Master::Settings settings;
  settings.zygote = {.program = "/proc/self/exe", .arguments = line.arguments};
  settings.read_plan = [&line] { return ReadPlan(line); };
  settings.on_serving = [&instance] { instance.OnServing(); };
  settings.started_on = std::time(nullptr);
  Master master(std::move(settings), instance.listeners(), PlanOf(read, line));
  return master.Run();
}

int Print(const Result<std::string>& text) {
  if (!text) LogError("{}", text.error().message);
  if (text) std::printf("%s", text->c_str());
  std::fflush(stdout);  // Before any fork.
  return ToInt(text ? ExitCode::kOk : ExitCode::kFailed);
}

int Run(const CommandLine& line, os::ProcessTitle& title) {
  const auto read = Load(line);
  if (!read) return Print(read.error());
  const CommandOptions& command = read->options.command;
  if (command.version) return Print(std::string(kVersion) + "\n");
  if (command.help) return Print(config::Help(command.help_group));
  if (!command.explain.empty()) return Print(config::Explain(command.explain));
  if (!command.dump_options.empty()) return Print(config::OptionsAsMarkdown());
  if (!command.stop.empty()) return StopServer(command.stop, command.wait);
  if (!command.reload.empty()) return ReloadServer(command.reload, command.wait);
  if (command.show_config) (void)Print(config::ShowConfig(read->raw));
  if (command.check_config) return Print(std::string("the configuration is valid\n"));
  Instance instance;
  const auto ended = instance.Start(read->options);
  return ended ? *ended : instance.Finish(Serve(line, *read, instance, title));
}

}  // namespace
}  // namespace uwsgi

int main(int argc, char** argv) {
  using namespace uwsgi;  // NOLINT(google-build-using-namespace): it composes all of it.
  BlockServerSignals();
  ::signal(SIGPIPE, SIG_IGN);
  os::OpenStandardFds();
  const CommandLine line{{argv, argv + argc}, std::filesystem::current_path()};
  os::ProcessTitle title(argc, argv);
  if (TakeZygoteMark()) {
    RunZygote([&](const BootedGeneration& generation) { return SetUpProcess(generation, title); });
  }
  return Run(line, title);
}
