// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "config/option_table.h"

namespace uwsgi::config {
namespace {

template <auto Member>
consteval Field Process() {
  return To<&Options::process, Member>();
}
template <auto Member>
consteval Field Master() {
  return To<&Options::master, Member>();
}

constexpr OptionSpec kRows[] = {
    {Group::kProcesses, "master", "", 'M', "", Master<&MasterOptions::master>(),
     "Keeps a parent process that supervises the workers.", kEveryday},
    {Group::kProcesses, "no-master", "", 0, "", Not<&Options::master, &MasterOptions::master>(),
     "One process that does everything, for debuggers."},
    {Group::kProcesses, "processes", "workers", 'p', "N", Master<&MasterOptions::processes>(),
     "Number of worker processes.", kEveryday},
    {Group::kProcesses, "threads", "", 0, "N", To<&Options::worker, &WorkerOptions::threads>(),
     "Requests that each worker process can run at a time.", kEveryday},
    {Group::kProcesses, "threads-stacksize",
     "thread-stacksize threads-stack-size thread-stack-size", 0, "KIB",
     InKibibytes<&Options::worker, &WorkerOptions::thread_stack_size>(),
     "Stack of a request thread in KiB; 0 is the system's default."},
    {Group::kProcesses, "daemonize", "", 'd', "LOGFILE", Master<&MasterOptions::daemonize>(),
     "Goes to the background once the sockets are bound and logs to this file.", kEveryday},
    {Group::kProcesses, "daemonize2", "", 0, "LOGFILE", Master<&MasterOptions::daemonize2>(),
     "The same, once the applications are loaded."},
    {Group::kProcesses, "pidfile", "", 0, "FILE", Master<&MasterOptions::pidfile>(),
     "Holds the master's process id while the server runs.", kEveryday},
    {Group::kProcesses, "pidfile2", "", 0, "FILE", Master<&MasterOptions::pidfile2>(),
     "The same, written after privileges are dropped."},
    {Group::kProcesses, "safe-pidfile", "", 0, "FILE", Master<&MasterOptions::safe_pidfile>(),
     "The same as pidfile, written once the server is about to serve."},
    {Group::kProcesses, "safe-pidfile2", "", 0, "FILE", Master<&MasterOptions::safe_pidfile2>(),
     "The same as pidfile2, written once the server is about to serve."},
    {Group::kProcesses, "vacuum", "", 0, "", Master<&MasterOptions::vacuum>(),
     "Removes the unix sockets and pidfiles that it created when it stops.", kEveryday},
    {Group::kProcesses, "no-vacuum", "", 0, "", Not<&Options::master, &MasterOptions::vacuum>(),
     "Leaves sockets and pidfiles behind."},
    {Group::kProcesses, "die-on-term", "", 0, "", Master<&MasterOptions::die_on_term>(),
     "SIGTERM stops the server; when off, it reloads it as uWSGI does.", kEveryday},
    {Group::kProcesses, "no-die-on-term", "", 0, "",
     Not<&Options::master, &MasterOptions::die_on_term>(),
     "SIGTERM reloads the server instead of stopping it."},
    {Group::kProcesses, "exit-on-reload", "", 0, "", Master<&MasterOptions::exit_on_reload>(),
     "Stops when asked to reload, for process managers that start it again."},
    {Group::kProcesses, "no-orphans", "", 0, "", Master<&MasterOptions::no_orphans>(),
     "Workers end when the master is gone."},
    {Group::kProcesses, "gc-freeze", "", 0, "", Master<&MasterOptions::gc_freeze>(),
     "Keeps what the application imported out of garbage collection, so workers share it."},
    {Group::kProcesses, "no-gc-freeze", "", 0, "",
     Not<&Options::master, &MasterOptions::gc_freeze>(),
     "Leaves what the application imported to the garbage collector."},
    {Group::kProcesses, "max-requests", "", 'R', "N",
     To<&Options::worker, &WorkerOptions::max_requests>(),
     "Replaces a worker after this many requests; 0 never does.", kEveryday},
    {Group::kProcesses, "max-requests-delta", "", 0, "N",
     To<&Options::worker, &WorkerOptions::max_requests_delta>(),
     "Adds this many requests for each worker id, so that workers do not end together."},
    {Group::kProcesses, "max-worker-lifetime", "", 0, "SECONDS",
     Master<&MasterOptions::max_worker_lifetime>(),
     "Replaces a worker after this time; 0 never does.", kEveryday},
    {Group::kProcesses, "min-worker-lifetime", "", 0, "SECONDS",
     Master<&MasterOptions::min_worker_lifetime>(),
     "A worker is not replaced by a limit before it has lived this long."},
    {Group::kProcesses, "reload-on-rss", "", 0, "MIB",
     To<&Options::worker, &WorkerOptions::reload_on_rss>(),
     "Replaces a worker whose resident memory exceeds this; 0 never does.", kEveryday},
    {Group::kProcesses, "reload-on-as", "", 0, "MIB",
     To<&Options::worker, &WorkerOptions::reload_on_as>(),
     "Replaces a worker whose address space exceeds this; 0 never does."},
    {Group::kProcesses, "worker-reload-mercy", "", 0, "SECONDS",
     Master<&MasterOptions::worker_reload_mercy>(),
     "How long a worker that is to end may finish its requests before it is killed.", kEveryday},
    {Group::kProcesses, "reload-mercy", "", 0, "SECONDS", Master<&MasterOptions::reload_mercy>(),
     "The same limit for a stop or reload as a whole; 0 leaves it to worker-reload-mercy."},
    {Group::kProcesses, "forkbomb-delay", "", 0, "SECONDS",
     Master<&MasterOptions::forkbomb_delay>(),
     "Waits this long before it starts a worker again that died at once."},
    {Group::kProcesses, "touch-reload", "", 0, "FILE", Master<&MasterOptions::touch_reload>(),
     "Reloads the server when this file changes.", kEveryday},
    {Group::kProcesses, "touch-workers-reload", "touch-chain-reload", 0, "FILE",
     Master<&MasterOptions::touch_workers_reload>(),
     "Replaces the workers when this file changes."},
    {Group::kProcesses, "uid", "", 0, "USER", Process<&ProcessOptions::uid>(), "Runs as this user.",
     kEveryday},
    {Group::kProcesses, "gid", "", 0, "GROUP", Process<&ProcessOptions::gid>(),
     "Runs as this group.", kEveryday},
    {Group::kProcesses, "add-gid", "", 0, "GROUP", Process<&ProcessOptions::additional_gids>(),
     "Adds a supplementary group."},
    {Group::kProcesses, "no-initgroups", "", 0, "", Process<&ProcessOptions::no_initgroups>(),
     "Does not take the user's own supplementary groups."},
    {Group::kProcesses, "chdir", "", 0, "DIRECTORY", Process<&ProcessOptions::chdir>(),
     "Changes to this directory before the applications are loaded.", kEveryday},
    {Group::kProcesses, "chdir2", "", 0, "DIRECTORY", Process<&ProcessOptions::chdir2>(),
     "Changes to this directory after the applications are loaded."},
    {Group::kProcesses, "umask", "", 0, "MODE", Process<&ProcessOptions::umask>(),
     "Mode bits that new files do not get."},
    {Group::kProcesses, "env", "", 0, "NAME=VALUE", Process<&ProcessOptions::env>(),
     "Sets an environment variable for the application.", kEveryday | kFreeText},
    {Group::kProcesses, "unenv", "", 0, "NAME", Process<&ProcessOptions::unenv>(),
     "Removes an environment variable."},
    {Group::kProcesses, "max-fd", "", 0, "N", Process<&ProcessOptions::max_fd>(),
     "Limit of open files; 0 raises it to 65536 if that is allowed."},
    {Group::kProcesses, "limit-as", "", 0, "MIB", Process<&ProcessOptions::limit_as>(),
     "Limit of each process's address space; 0 leaves it alone."},
    {Group::kProcesses, "auto-procname", "", 0, "", Process<&ProcessOptions::auto_procname>(),
     "Gives each process a title that says what it is.", kEveryday},
    {Group::kProcesses, "procname", "", 0, "TITLE", Process<&ProcessOptions::procname>(),
     "Title of all processes."},
    {Group::kProcesses, "procname-master", "", 0, "TITLE",
     Process<&ProcessOptions::procname_master>(), "Title of the master."},
    {Group::kProcesses, "procname-prefix", "", 0, "TEXT",
     Process<&ProcessOptions::procname_prefix>(), "Put before each process's title."},
    {Group::kProcesses, "procname-prefix-spaced", "", 0, "TEXT",
     Process<&ProcessOptions::procname_prefix_spaced>(),
     "The same as procname-prefix, with a space after it."},
    {Group::kProcesses, "procname-append", "", 0, "TEXT",
     Process<&ProcessOptions::procname_append>(), "Put after each process's title."},
};

}  // namespace

std::span<const OptionSpec> ProcessRows() { return kRows; }

}  // namespace uwsgi::config
