// SPDX-License-Identifier: MIT
//
// The master's program of a wheel. It contains no Python: see app/python_program.h.

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "app/python_program.h"
#include "app/server.h"
#include "ipc/exit_code.h"
#include "os/process.h"
#include "os/process_title.h"

int main(int argc, char** argv) {
  using namespace uwsgi;  // NOLINT(google-build-using-namespace): it composes all of it.
  PrepareProcess();
  const std::optional<Launcher> launcher = TakeLauncher();
  if (!launcher) {
    std::fputs("error: this is a part of the command `uwsgi`: start that\n", stderr);
    return ToInt(ExitCode::kFailed);
  }
  // The first argument is the script.
  const Program program{argv[0], {argv, argv + argc}};
  os::ProcessTitle title = os::ProcessTitle::OfThisProcess();
  const auto choose = [&](const config::OptionSet& options) {
    auto python = ChoosePython(*launcher, options, program.arguments);
    if (python) python->environment.push_back({.key = kBuildVariable, .value = UWSGI_BUILD_ID});
    return python;
  };
  const auto run_alone = [](const ZygoteCommand& python) {
    return os::Become(python.program, python.arguments, python.environment, python.without);
  };
  PlanReader reader(program, environ, choose);
  return RunServer(
      reader, title,
      {.python_version = launcher->version, .set_up = nullptr, .run_alone = run_alone});
}
