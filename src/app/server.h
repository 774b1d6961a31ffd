// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <string>

#include "app/plan_reader.h"
#include "os/process_title.h"
#include "zygote/zygote.h"

namespace uwsgi {

// How a program that contains the master gets at Python: as it contains CPython, too, or as it
// starts the Python that has installed it.
struct FrontEnd {
  std::string python_version;  // "3.11.2", for --python-version.
  // In a server of one process, puts the runtime and the worker together; `leave` as for
  // SetUpProcess. Null: the program that `run_alone` starts does.
  std::function<Result<ZygoteParts>(const BootedGeneration& generation,
                                    const std::function<void(int)>& leave)>
      set_up;
  // Without `set_up`: becomes the plan's program, which serves in one process. Returns why it can
  // not.
  std::function<Error(const ZygoteCommand& program)> run_alone;
};

// First of all in main, whatever the process has inherited: signals wait, standard descriptors are
// open, and the process is called uwsgi.
void PrepareProcess();

// Carries out what the command line asks for, and serves if that is it. Returns the exit status.
int RunServer(PlanReader& reader, os::ProcessTitle& title, const FrontEnd& front_end);

}  // namespace uwsgi
