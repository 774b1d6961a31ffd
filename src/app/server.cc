// SPDX-License-Identifier: MIT

#include "app/server.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/early_log.h"
#include "base/log.h"
#include "config/loader.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"
#include "master/instance.h"
#include "master/master.h"
#include "options/option_docs.h"
#include "os/process.h"
#include "os/system_info.h"
#include "os/thread.h"
#include "zygote/single_process.h"

namespace uwsgi {
namespace {

bool IsOfOneProcess(const Options& options) {
  return !options.master.master && options.master.processes == 1;
}

int Serve(PlanReader& reader, const Options& options, GenerationPlan plan, Instance& instance,
          os::ProcessTitle& title, const FrontEnd& front_end) {
  if (IsOfOneProcess(options)) {
    const auto leave = [&instance](int status) { ::_exit(instance.Finish(status)); };
    const auto set_up = [&](const auto& alone) { return front_end.set_up(alone, leave); };
    return RunSingleProcess(instance.open_listeners(), options.worker.threads,
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
  const CommandOptions& command = read->options.command;
  if (const auto answer = config::Answer(command, front_end.python_version, os::TerminalWidth())) {
    return Print(*answer);
  }
  if (!command.stop.empty()) return StopServer(command.stop, command.wait);
  if (!command.reload.empty()) return ReloadServer(command.reload, command.wait);
  if (command.show_config) (void)Print(config::ShowConfig(read->raw));
  auto plan = reader.PlanOf(*read);
  if (!plan) return Print(plan.error());
  if (command.check_config) return Print(std::string("the configuration is valid\n"));
  if (IsOfOneProcess(read->options) && !front_end.set_up) {
    return Print(front_end.run_alone(read->options));
  }
  Instance instance;
  if (const auto ended = instance.Start(read->options)) return *ended;
  return instance.Finish(
      Serve(reader, read->options, *std::move(plan), instance, title, front_end));
}

}  // namespace uwsgi
