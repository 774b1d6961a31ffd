// SPDX-License-Identifier: MIT
//
// The executable, which embeds CPython: master, zygote, worker and single process in one program.

#include <unistd.h>

#include <string>
#include <vector>

#include "app/process_setup.h"
#include "app/server.h"
#include "os/process_facts.h"
#include "os/process_title.h"
#include "python/interpreter.h"
#include "zygote/zygote.h"

int main(int argc, char** argv) {
  using namespace uwsgi;  // NOLINT(google-build-using-namespace): it composes all of it.
  PrepareProcess();
  const Program program{os::ProgramOfThisProcess(), {argv, argv + argc}};
  os::ProcessTitle title = os::ProcessTitle::OfThisProcess();
  const auto set_up = [&](const auto& booted, const auto& leave) {
    return SetUpProcess(booted, program.path, title, leave);
  };
  if (TakeZygoteMark()) RunZygote([&](const auto& booted) { return set_up(booted, ::_exit); });
  PlanReader reader(program, environ, [&](const config::OptionSet&) -> Result<ZygoteCommand> {
    return ZygoteCommand{"/proc/self/exe", program.arguments, {}, {}};
  });
  return RunServer(reader, title,
                   {.python_version = std::string(python::Interpreter::ReleaseNumber()),
                    .set_up = set_up,
                    .run_alone = nullptr});
}
