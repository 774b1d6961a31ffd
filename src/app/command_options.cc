// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "app/command_options.h"

#include "options/option_spec.h"

namespace uwsgi::config {
namespace {

constexpr OptionSpec kRows[] = {
    {Group::kCommands, "stop", "", 0, "PIDFILE", To<&CommandOptions::stop>(),
     "Stops the server that this pidfile belongs to.", kEveryday},
    {Group::kCommands, "reload", "", 0, "PIDFILE", To<&CommandOptions::reload>(),
     "Reloads the server that this pidfile belongs to.", kEveryday},
    {Group::kCommands, "wait", "", 0, "", To<&CommandOptions::wait>(),
     "With stop or reload: returns when it is done, with its result."},
    {Group::kCommands, "check-config", "", 0, "", To<&CommandOptions::check_config>(),
     "Reads the configuration, says what is wrong with it and exits.", kEveryday},
    {Group::kCommands, "show-config", "", 0, "", To<&CommandOptions::show_config>(),
     "Prints the configuration that was read, then goes on.", kEveryday},
    {Group::kCommands, "explain", "", 0, "OPTION", To<&CommandOptions::explain>(),
     "Says everything about one option and exits.", kEveryday},
    {Group::kCommands, "dump-options", "", 0, "FORMAT", To<&CommandOptions::dump_options>(),
     "Prints all options as md and exits.", 0, "md"},
    {Group::kCommands, "help", "usage", 'h', "GROUP", To<&CommandOptions::help_group>(),
     "Prints the everyday options, or all of a group, and exits.", kEveryday, "everyday"},
    {Group::kCommands, "version", "", 0, "", To<&CommandOptions::version>(),
     "Prints the version and exits.", kEveryday},
    {Group::kCommands, "python-version", "", 0, "", To<&CommandOptions::python_version>(),
     "Prints the version of the embedded Python and exits."},
};

}  // namespace

OptionRows CommandRows() { return kRows; }

}  // namespace uwsgi::config
