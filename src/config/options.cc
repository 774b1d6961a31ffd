// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "config/options.h"

#include "options/option_spec.h"

namespace uwsgi::config {
namespace {

constexpr Field kWord = Without(ValueKind::kText);
constexpr Field kBare = Without(ValueKind::kFlag);

// Grammar: config/logic.h and config/raw_options.h act on these while they read.
constexpr OptionSpec kRows[] = {
    {Group::kConfiguration, "ini", "", 0, "FILE[:SECTION]", kWord,
     "Reads the options of an ini file in this place; :SECTION is one of the same file.",
     kEveryday | kGrammar},
    {Group::kConfiguration, "include", "", 0, "FILE", kWord, "The same as ini.", kGrammar},
    {Group::kConfiguration, "inherit", "", 0, "FILE", kWord,
     "Reads a file whose options come after all others.", kGrammar},
    {Group::kConfiguration, "strict", "", 0, "", To<&LanguageOptions::strict>(),
     "Makes unknown options errors.", kEveryday},
    {Group::kConfiguration, "set", "", 'S', "NAME=VALUE", kWord, "Sets a placeholder or an option.",
     kGrammar | kFreeText},
    {Group::kConfiguration, "set-placeholder", "set-ph", 0, "NAME=VALUE", kWord,
     "Sets a placeholder, for use as %(NAME).", kEveryday | kGrammar | kFreeText},
    {Group::kConfiguration, "print", "iprint", 0, "TEXT", To<&LanguageOptions::print>(),
     "Logs a line whenever the configuration is read.", kFreeText},
    {Group::kConfiguration, "for", "", 0, "WORDS", kWord,
     "Repeats the following lines for each word, which is %(_) in them.", kGrammar},
    {Group::kConfiguration, "for-glob", "", 0, "PATTERN", kWord,
     "Repeats the following lines for each file that matches.", kGrammar},
    {Group::kConfiguration, "for-times", "", 0, "N", kWord,
     "Repeats the following lines for the numbers from 1 to N.", kGrammar},
    {Group::kConfiguration, "for-readline", "", 0, "FILE", kWord,
     "Repeats the following lines for each line of a file.", kGrammar},
    {Group::kConfiguration, "endfor", "end-for", 0, "", kBare, "Ends a repetition.", kGrammar},
    {Group::kConfiguration, "if-env", "ifenv", 0, "NAME[=VALUE]", kWord,
     "Takes the following lines if the environment variable is set.", kGrammar},
    {Group::kConfiguration, "if-not-env", "", 0, "NAME[=VALUE]", kWord,
     "Takes the following lines if the environment variable is not set.", kGrammar},
    {Group::kConfiguration, "if-opt", "", 0, "NAME[=VALUE]", kWord,
     "Takes the following lines if the option was given above.", kGrammar},
    {Group::kConfiguration, "if-not-opt", "", 0, "NAME[=VALUE]", kWord,
     "Takes the following lines if the option was not given above.", kGrammar},
    {Group::kConfiguration, "if-exists", "ifexists", 0, "PATH", kWord,
     "Takes the following lines if the path exists.", kGrammar},
    {Group::kConfiguration, "if-not-exists", "", 0, "PATH", kWord,
     "Takes the following lines if the path does not exist.", kGrammar},
    {Group::kConfiguration, "if-file", "", 0, "PATH", kWord,
     "Takes the following lines if the path is a file.", kGrammar},
    {Group::kConfiguration, "if-not-file", "", 0, "PATH", kWord,
     "Takes the following lines if the path is not a file.", kGrammar},
    {Group::kConfiguration, "if-dir", "if-directory ifdir", 0, "PATH", kWord,
     "Takes the following lines if the path is a directory.", kGrammar},
    {Group::kConfiguration, "if-not-dir", "", 0, "PATH", kWord,
     "Takes the following lines if the path is not a directory.", kGrammar},
    {Group::kConfiguration, "if-hostname", "", 0, "NAME", kWord,
     "Takes the following lines on the machine of this name.", kGrammar},
    {Group::kConfiguration, "if-not-hostname", "", 0, "NAME", kWord,
     "Takes the following lines on other machines.", kGrammar},
    {Group::kConfiguration, "if-plugin", "ifplugin", 0, "NAME", kWord,
     "Takes the following lines if what the plugin does is built in.", kGrammar},
    {Group::kConfiguration, "if-not-plugin", "", 0, "NAME", kWord,
     "Takes the following lines if what the plugin does is not built in.", kGrammar},
    {Group::kConfiguration, "endif", "end-if", 0, "", kBare, "Ends a condition.", kGrammar},
};

}  // namespace

OptionRows LanguageRows() { return kRows; }

}  // namespace uwsgi::config
