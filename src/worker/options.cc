// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "worker/options.h"

#include "options/option_spec.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

constexpr OptionSpec kThreadRows[] = {
    {Group::kProcesses, "threads", "", 0, "N", To<&WorkerOptions::threads, CheckAtMost<65536>>(),
     "Requests that each worker process can run at a time.", kEveryday},
    {Group::kProcesses, "threads-stacksize",
     "thread-stacksize threads-stack-size thread-stack-size", 0, "KIB",
     InKibibytes<&WorkerOptions::thread_stack_size>(),
     "Stack of a request thread in KiB; 0 is the system's default."},
};

constexpr OptionSpec kHarakiriRows[] = {
    {Group::kRequests, "harakiri", "", 't', "SECONDS", To<&WorkerOptions::harakiri>(),
     "Answers 504 and replaces the worker when a request runs longer; 0 turns it off.", kEveryday},
    {Group::kRequests, "harakiri-graceful-timeout", "", 0, "SECONDS",
     To<&WorkerOptions::harakiri_graceful_timeout>(),
     "How long the other requests of that worker may still take."},
};

}  // namespace

OptionRows ThreadRows() { return kThreadRows; }
OptionRows HarakiriRows() { return kHarakiriRows; }

}  // namespace uwsgi::config
