// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "options/option_table.h"

namespace uwsgi::config {
namespace {

template <auto Member>
consteval Field Command() {
  return To<&Options::command, Member>();
}

constexpr OptionSpec kRows[] = {
    {Group::kCommands, "stop", "", 0, "PIDFILE", Command<&CommandOptions::stop>(),
     "Stops the server that this pidfile belongs to.", kEveryday},
    {Group::kCommands, "reload", "", 0, "PIDFILE", Command<&CommandOptions::reload>(),
     "Reloads the server that this pidfile belongs to.", kEveryday},
    {Group::kCommands, "wait", "", 0, "", Command<&CommandOptions::wait>(),
     "With stop or reload: returns when it is done, with its result."},
    {Group::kCommands, "check-config", "", 0, "", Command<&CommandOptions::check_config>(),
     "Reads the configuration, says what is wrong with it and exits.", kEveryday},
    {Group::kCommands, "show-config", "", 0, "", Command<&CommandOptions::show_config>(),
     "Prints the configuration that was read, then goes on.", kEveryday},
    {Group::kCommands, "explain", "", 0, "OPTION", Command<&CommandOptions::explain>(),
     "Says everything about one option and exits.", kEveryday},
    {Group::kCommands, "dump-options", "", 0, "FORMAT", Command<&CommandOptions::dump_options>(),
     "Prints all options as md and exits.", 0, "md"},
    {Group::kCommands, "help", "usage", 'h', "GROUP", Command<&CommandOptions::help_group>(),
     "Prints the everyday options, or all of a group, and exits.", kEveryday, "everyday"},
    {Group::kCommands, "version", "", 0, "", Command<&CommandOptions::version>(),
     "Prints the version and exits.", kEveryday},
    {Group::kCommands, "python-version", "", 0, "", Command<&CommandOptions::python_version>(),
     "Prints the version of the embedded Python and exits."},
};

}  // namespace

std::span<const OptionSpec> CommandRows() { return kRows; }

}  // namespace uwsgi::config
