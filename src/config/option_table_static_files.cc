// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "config/option_table.h"

namespace uwsgi::config {
namespace {

template <auto Member>
consteval Field Static() {
  return To<&Options::static_files, Member>();
}

constexpr OptionSpec kRows[] = {
    {Group::kStaticFiles, "static-map", "", 0, "/PREFIX=DIRECTORY", Static<&StaticOptions::maps>(),
     "Serves the files of a directory, or one file, under a prefix.", kEveryday},
    {Group::kStaticFiles, "check-static", "static-check", 0, "DIRECTORY",
     Static<&StaticOptions::check_dirs>(), "Serves the files of a directory where they exist."},
    {Group::kStaticFiles, "static-index", "", 0, "FILE", Static<&StaticOptions::indexes>(),
     "The file that answers for a directory."},
    {Group::kStaticFiles, "static-safe", "", 0, "DIRECTORY", Static<&StaticOptions::safe_dirs>(),
     "Allows links that lead into this directory."},
    {Group::kStaticFiles, "static-skip-ext", "", 0, "EXTENSION",
     Static<&StaticOptions::skip_extensions>(),
     "Leaves files with this extension to the application."},
};

}  // namespace

std::span<const OptionSpec> StaticFileRows() { return kRows; }

}  // namespace uwsgi::config
