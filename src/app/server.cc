// SPDX-License-Identifier: MIT

#include "app/server.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "app/command_answers.h"
#include "app/command_options.h"
#include "base/early_log.h"
#include "base/log.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"
#include "master/instance.h"
#include "master/master.h"
#include "options/option_docs.h"
#include "os/process.h"
#include "os/system_info.h"
#include "os/thread.h"
#include "worker/options.h"
#include "zygote/single_process.h"

namespace uwsgi {
namespace {

bool IsOfOneProcess(const MasterOptions& options) {
  return !options.master && options.processes == 1;
}

int Serve(PlanReader& reader, const InstanceOptions& options, GenerationPlan plan,
          Instance& instance, os::ProcessTitle& title, const FrontEnd& front_end) {
  if (IsOfOneProcess(options.master)) {
    const auto leave = [&instance](int status) { ::_exit(instance.Finish(status)); };
    const auto set_up = [&](const auto& alone) { return front_end.set_up(alone, leave); };
    return RunSingleProcess(instance.open_listeners(), options.threads, plan.regions,
                            std::move(plan.texts), set_up, [&instance] { instance.OnServing(); });
  }
  title.SetFor(options.process, os::ProcessRole::kMaster);
  Master::Settings settings = instance.MasterSettings();
  settings.read_plan = [&reader] { return reader.Read(); };
  return Master(std::move(settings), instance.listeners(), std::move(plan)).Run();
}

int Print(const Result<std::string>& text) {
  if (!text) LogError("{}", text.error().message);
  if (text) std::fputs(text->c_str(), stdout);
  std::fflush(stdout);  // Before any fork.
  return ToInt(text ? ExitCode::kOk : ExitCode::kFailed);
}

}  // namespace

void PrepareProcess() {
  TakeSignals();
  os::IgnoreWriteSignals();
  os::OpenStandardFds();
  os::SetThreadName("uwsgi");  // A zygote is run as /proc/self/exe, or by Python.
}

int RunServer(PlanReader& reader, os::ProcessTitle& title, const FrontEnd& front_end) {
  KeepLogLines();
  const auto read = reader.Load();
  if (!read) return Print(read.error());
  const config::OptionSet& options = read->options;
  const auto& command = options.Get<CommandOptions>();
  if (const auto answer = Answer(command, front_end.python_version, os::TerminalWidth())) {
    return Print(*answer);
  }
  if (!command.stop.empty()) return StopServer(command.stop, command.wait);
  if (!command.reload.empty()) return ReloadServer(command.reload, command.wait);
  if (command.show_config) (void)Print(config::ShowConfig(read->raw));
  auto plan = reader.PlanOf(*read);
  if (!plan) return Print(plan.error());
  if (command.check_config) return Print(std::string("the configuration is valid\n"));
  if (IsOfOneProcess(options.Get<MasterOptions>()) && !front_end.set_up) {
    return Print(front_end.run_alone(plan->zygote));
  }
  Instance instance;
  const InstanceOptions start{options.Get<MasterOptions>(), options.Get<ProcessOptions>(),
                              options.Get<LogOptions>(),    options.Get<ListenOptions>(),
                              options.Get<TlsOptions>(),    options.Get<WorkerOptions>().threads};
  if (const auto ended = instance.Start(start)) return *ended;
  return instance.Finish(Serve(reader, start, *std::move(plan), instance, title, front_end));
}

}  // namespace uwsgi
