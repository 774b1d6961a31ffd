// SPDX-License-Identifier: MIT
//
// The executable: wires the configuration, the master, the zygote and the worker together.

#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "app/plan_reader.h"
#include "base/early_log.h"
#include "base/log.h"
#include "config/loader.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"
#include "master/instance.h"
#include "master/master.h"
#include "options/option_docs.h"
#include "os/directory.h"
#include "os/process.h"
#include "os/process_title.h"
#include "os/system_info.h"
#include "os/thread.h"
#include "static_files/paths.h"
#include "tls/server_context.h"
#include "worker/places.h"
#include "worker/worker.h"
#include "wsgi/wsgi_app_host.h"
#include "zygote/process_options.h"
#include "zygote/single_process.h"
#include "zygote/zygote.h"

namespace uwsgi {
namespace {

// Where a worker serves from: its directory after chdir2.
std::string PlaceOf(const ProcessOptions& options) {
  return AbsolutePath(os::CurrentDirectory().path, options.chdir2);
}

// In the process that loads the applications: the runtime and the worker. `leave` ends it.
Result<ZygoteParts> SetUpProcess(const BootedGeneration& generation, os::ProcessTitle& title,
                                 const std::function<void(int)>& leave) {
  auto read = config::Rebuild(generation.texts.options);
  if (!read) return read.error();
  auto tls = tls::ServerContexts::FromText(generation.texts.tls);
  if (!tls) return tls.error();
  auto fixed =
      FixPlaces(PlaceOf(read->options.process), read->options.worker, read->options.static_files);
  if (!fixed) return fixed.error();
  const auto options = std::make_shared<const Options>(std::move(read->options));
  SetLogDate(options->log.log_date);
  title.SetFor(options->process, os::ProcessRole::kZygote);
  if (auto applied = ApplyToApplications(options->process); !applied) return applied.error();
  ZygoteParts parts;
  parts.control = std::make_unique<ProcessControl>(generation.context,
                                                   options->worker.buffer_size.bytes, title);
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

int Serve(PlanReader& reader, const Options& options, GenerationPlan plan, Instance& instance,
          os::ProcessTitle& title) {
  if (!options.master.master && options.master.processes == 1) {
    const auto leave = [&instance](int status) { ::_exit(instance.Finish(status)); };
    const auto set_up = [&](const auto& alone) { return SetUpProcess(alone, title, leave); };
    return RunSingleProcess(instance.open_listeners(), options.worker.threads,
                            std::move(plan.texts), set_up, [&instance] { instance.OnServing(); });
  }
  title.SetFor(options.process, os::ProcessRole::kMaster);
  Master::Settings settings = instance.MasterSettings();
  settings.zygote = {"/proc/self/exe", reader.arguments()};
  settings.read_plan = [&reader] { return reader.Read(); };
  return Master(std::move(settings), instance.listeners(), std::move(plan)).Run();
}

int Print(const Result<std::string>& text) {
  if (!text) LogError("{}", text.error().message);
  if (text) std::fputs(text->c_str(), stdout);
  std::fflush(stdout);  // Before any fork.
  return ToInt(text ? ExitCode::kOk : ExitCode::kFailed);
}

int Run(PlanReader& reader, os::ProcessTitle& title) {
  KeepLogLines();
  const auto read = reader.Load();
  if (!read) return Print(read.error());
  const CommandOptions& command = read->options.command;
  if (const auto answer =
          config::Answer(command, python::Interpreter::ReleaseNumber(), os::TerminalWidth())) {
    return Print(*answer);
  }
  if (!command.stop.empty()) return StopServer(command.stop, command.wait);
  if (!command.reload.empty()) return ReloadServer(command.reload, command.wait);
  if (command.show_config) (void)Print(config::ShowConfig(read->raw));
  auto plan = reader.PlanOf(*read);
  if (!plan) return Print(plan.error());
  if (command.check_config) return Print(std::string("the configuration is valid\n"));
  Instance instance;
  if (const auto ended = instance.Start(read->options)) return *ended;
  return instance.Finish(Serve(reader, read->options, *std::move(plan), instance, title));
}

}  // namespace
}  // namespace uwsgi

int main(int argc, char** argv) {
  using namespace uwsgi;  // NOLINT(google-build-using-namespace): it composes all of it.
  TakeSignals();
  os::IgnoreWriteSignals();
  os::OpenStandardFds();
  os::SetThreadName("uwsgi");  // A zygote is run as /proc/self/exe, and would be called exe.
  const std::vector<std::string> arguments(argv, argv + argc);
  os::ProcessTitle title = os::ProcessTitle::OfThisProcess();
  const auto set_up = [&](const auto& booted) { return SetUpProcess(booted, title, ::_exit); };
  if (TakeZygoteMark()) RunZygote(set_up);
  PlanReader reader(arguments, environ);
  return Run(reader, title);
}
