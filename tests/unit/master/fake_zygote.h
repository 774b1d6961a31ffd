// SPDX-License-Identifier: MIT
//
// The zygote and the workers that the master's tests run: real processes, started by
// an exec of the test binary, with an application that does what a script says.
//
//   load=MS           the import takes so long
//   fail=STATUS       and then fails
//   lazy              workers load, not the zygote
//   crash-early       workers end by SIGABRT before they are ready
//   ignore-signals    workers do not end when they are told to
//   worker-exit=N     workers exit with N as soon as they are ready
//   counts            workers count themselves in the regions "instance" and "generation"
//   relay             the zygote sends itself SIGHUP once it has loaded
//   forks=N           the zygote hangs when it is to fork more than N workers
//
// A worker that gets SIGUSR2 asks to be recycled.

#pragma once

namespace uwsgi {

// Does not return in a process that a master has started to be its zygote.
void BecomeFakeZygoteIfAsked();

}  // namespace uwsgi
