// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "master/options.h"

#include "log/targets.h"
#include "options/option_spec.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

constexpr OptionSpec kMasterRows[] = {
    {Group::kProcesses, "master", "", 'M', "", To<&MasterOptions::master>(),
     "Keeps a parent process that supervises the workers.", kEveryday},
    {Group::kProcesses, "no-master", "", 0, "", Not<&MasterOptions::master>(),
     "One process that does everything, for debuggers."},
    {Group::kProcesses, "processes", "workers", 'p', "N",
     To<&MasterOptions::processes, CheckAtMost<4096>>(), "Number of worker processes.", kEveryday},
};

constexpr OptionSpec kServiceRows[] = {
    {Group::kProcesses, "daemonize", "", 'd', "LOGFILE",
     To<&MasterOptions::daemonize, CheckLogPlace>(),
     "Goes to the background once the sockets are bound and logs there, as logto does.", kEveryday},
    {Group::kProcesses, "daemonize2", "", 0, "LOGFILE",
     To<&MasterOptions::daemonize2, CheckLogPlace>(),
     "The same, once the applications are loaded."},
    {Group::kProcesses, "pidfile", "", 0, "FILE", To<&MasterOptions::pidfile, CheckPathLength>(),
     "Holds the master's process id while the server runs.", kEveryday},
    {Group::kProcesses, "pidfile2", "", 0, "FILE", To<&MasterOptions::pidfile2>(),
     "The same, written after privileges are dropped."},
    {Group::kProcesses, "safe-pidfile", "", 0, "FILE", To<&MasterOptions::safe_pidfile>(),
     "The same as pidfile, written once the server is about to serve."},
    {Group::kProcesses, "safe-pidfile2", "", 0, "FILE", To<&MasterOptions::safe_pidfile2>(),
     "The same as pidfile2, written once the server is about to serve."},
    {Group::kProcesses, "vacuum", "", 0, "", To<&MasterOptions::vacuum>(),
     "Removes the unix sockets and pidfiles that it created when it stops.", kEveryday},
    {Group::kProcesses, "no-vacuum", "", 0, "", Not<&MasterOptions::vacuum>(),
     "Leaves sockets and pidfiles behind."},
    {Group::kProcesses, "die-on-term", "", 0, "", To<&MasterOptions::die_on_term>(),
     "SIGTERM stops the server; when off, it reloads it as uWSGI does.", kEveryday},
    {Group::kProcesses, "no-die-on-term", "", 0, "", Not<&MasterOptions::die_on_term>(),
     "SIGTERM reloads the server instead of stopping it."},
    {Group::kProcesses, "exit-on-reload", "", 0, "", To<&MasterOptions::exit_on_reload>(),
     "Stops when asked to reload, for process managers that start it again."},
    {Group::kProcesses, "honour-stdin", "", 0, "", To<&MasterOptions::honour_stdin>(),
     "Leaves standard input to the application, as breakpoint() needs it; with one process."},
};

constexpr OptionSpec kReloadRows[] = {
    {Group::kProcesses, "reload-mercy", "", 0, "SECONDS", To<&MasterOptions::reload_mercy>(),
     "The same limit for a stop or reload as a whole; 0 leaves it to worker-reload-mercy."},
    {Group::kProcesses, "forkbomb-delay", "", 0, "SECONDS", To<&MasterOptions::forkbomb_delay>(),
     "Waits this long before it starts a worker again that died at once."},
    {Group::kProcesses, "touch-reload", "", 0, "FILE", To<&MasterOptions::touch_reload>(),
     "Reloads the server when this file changes.", kEveryday},
    {Group::kProcesses, "touch-workers-reload", "", 0, "FILE",
     To<&MasterOptions::touch_workers_reload>(),
     "Replaces the workers when this file changes, a quarter of them at a time."},
    {Group::kProcesses, "touch-chain-reload", "", 0, "FILE",
     To<&MasterOptions::touch_chain_reload>(),
     "Replaces the workers when this file changes, one after the other."},
};

}  // namespace

OptionRows MasterRows() { return kMasterRows; }
OptionRows ServiceRows() { return kServiceRows; }
OptionRows ReloadRows() { return kReloadRows; }

}  // namespace uwsgi::config
