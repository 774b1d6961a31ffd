// SPDX-License-Identifier: MIT

#pragma once

namespace uwsgi::python {

// To be called, with the GIL held, wherever application code has returned or raised, before
// anything is done about it. In a process that the application has forked (see base/app_fork.h)
// it does not return: it flushes Python's standard streams and ends the process as Python would,
// with the status of a pending SystemExit, 1 after the traceback of any other exception, and 0.
// Exit functions do not run: they are the server's. Anywhere else it does nothing and costs
// nothing.
void EndIfForked();

}  // namespace uwsgi::python
