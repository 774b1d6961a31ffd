// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "os/process_options.h"

#include "options/option_spec.h"
#include "options/value_checks.h"
#include "os/accounts.h"

namespace uwsgi::config {
namespace {

// Less does not hold a server's own descriptors and one connection for each of a few threads.
Remark CheckMaxFd(std::string_view value) {
  constexpr std::uint64_t kFewest = 40;
  std::uint64_t number = 0;
  if (ParseValue(value, number).kind == Remark::Kind::kError) return {};
  if (number == 0 || number >= kFewest) return {};
  return Wrong(fmt::format("a server needs {} at least", kFewest));
}

constexpr OptionSpec kRows[] = {
    {Group::kProcesses, "uid", "", 0, "USER", To<&ProcessOptions::uid, CheckBy<os::ResolveUser>>(),
     "Runs as this user.", kEveryday},
    {Group::kProcesses, "gid", "", 0, "GROUP",
     To<&ProcessOptions::gid, CheckBy<os::ResolveGroup>>(), "Runs as this group.", kEveryday},
    {Group::kProcesses, "add-gid", "", 0, "GROUP",
     To<&ProcessOptions::additional_gids, CheckBy<os::ResolveGroup>>(),
     "Adds a supplementary group."},
    {Group::kProcesses, "no-initgroups", "", 0, "", To<&ProcessOptions::no_initgroups>(),
     "Does not take the user's own supplementary groups."},
    {Group::kProcesses, "chdir", "", 0, "DIRECTORY", To<&ProcessOptions::chdir, CheckPathLength>(),
     "Changes to this directory before the applications are loaded.", kEveryday},
    {Group::kProcesses, "chdir2", "", 0, "DIRECTORY",
     To<&ProcessOptions::chdir2, CheckPathLength>(),
     "Changes to this directory after the applications are loaded."},
    {Group::kProcesses, "umask", "", 0, "MODE", To<&ProcessOptions::umask>(),
     "Mode bits that new files do not get."},
    {Group::kProcesses, "env", "", 0, "NAME=VALUE", To<&ProcessOptions::env>(),
     "Sets an environment variable for the application.", kEveryday | kFreeText},
    {Group::kProcesses, "unenv", "", 0, "NAME", To<&ProcessOptions::unenv>(),
     "Removes an environment variable."},
    {Group::kProcesses, "max-fd", "", 0, "N", To<&ProcessOptions::max_fd, CheckMaxFd>(),
     "Limit of open files of a worker; 0 raises it to 65536 if that is allowed."},
    {Group::kProcesses, "limit-as", "", 0, "MIB", To<&ProcessOptions::limit_as>(),
     "Limit of each process's address space; 0 leaves it alone."},
    {Group::kProcesses, "auto-procname", "", 0, "", To<&ProcessOptions::auto_procname>(),
     "Gives each process a title that says what it is.", kEveryday},
    {Group::kProcesses, "procname", "", 0, "TITLE", To<&ProcessOptions::procname>(),
     "Title of all processes."},
    {Group::kProcesses, "procname-master", "", 0, "TITLE", To<&ProcessOptions::procname_master>(),
     "Title of the master."},
    {Group::kProcesses, "procname-prefix", "", 0, "TEXT", To<&ProcessOptions::procname_prefix>(),
     "Put before each process's title."},
    {Group::kProcesses, "procname-prefix-spaced", "", 0, "TEXT",
     To<&ProcessOptions::procname_prefix_spaced>(),
     "The same as procname-prefix, with a space after it."},
    {Group::kProcesses, "procname-append", "", 0, "TEXT", To<&ProcessOptions::procname_append>(),
     "Put after each process's title."},
};

}  // namespace

OptionRows ProcessRows() { return kRows; }

}  // namespace uwsgi::config
