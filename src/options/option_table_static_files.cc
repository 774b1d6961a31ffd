// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "options/option_table.h"

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
    {Group::kStaticFiles, "static-map2", "", 0, "/PREFIX=DIRECTORY",
     Static<&StaticOptions::maps2>(),
     "The same as static-map, but the prefix is part of the path below the directory."},
    {Group::kStaticFiles, "static-follow-symlinks", "", 0, "POLICY",
     Static<&StaticOptions::follow_symlinks>(),
     "Links that are followed: none, safe (below the directory), owner (of the same owner), all."},
    {Group::kStaticFiles, "mimefile", "mime-file", 0, "FILE", Static<&StaticOptions::mime_files>(),
     "Content types by extension, instead of /etc/mime.types."},
    {Group::kStaticFiles, "add-mime", "", 0, "TYPE=EXTENSION...",
     Static<&StaticOptions::mime_types>(),
     "The content type of these extensions, whatever the table says."},
    {Group::kStaticFiles, "static-expires", "", 0, "REGEX SECONDS",
     Static<&StaticOptions::expires>(),
     "How long clients may keep files whose path matches: Expires and Cache-Control.", kFreeText},
    {Group::kStaticFiles, "static-expires-mtime", "", 0, "REGEX SECONDS",
     Static<&StaticOptions::expires_mtime>(), "The same, counted from the file's modification.",
     kFreeText},
    {Group::kStaticFiles, "static-expires-type", "", 0, "TYPE=SECONDS",
     Static<&StaticOptions::expires_type>(), "How long clients may keep files of a content type."},
    {Group::kStaticFiles, "static-expires-type-mtime", "", 0, "TYPE=SECONDS",
     Static<&StaticOptions::expires_type_mtime>(),
     "The same, counted from the file's modification."},
    {Group::kStaticFiles, "static-expires-uri", "", 0, "REGEX SECONDS",
     Static<&StaticOptions::expires_uri>(),
     "How long clients may keep files whose REQUEST_URI matches.", kFreeText},
    {Group::kStaticFiles, "static-expires-uri-mtime", "", 0, "REGEX SECONDS",
     Static<&StaticOptions::expires_uri_mtime>(), "The same, counted from the file's modification.",
     kFreeText},
    {Group::kStaticFiles, "static-expires-path-info", "", 0, "REGEX SECONDS",
     Static<&StaticOptions::expires_path_info>(),
     "How long clients may keep files whose PATH_INFO matches.", kFreeText},
    {Group::kStaticFiles, "static-expires-path-info-mtime", "", 0, "REGEX SECONDS",
     Static<&StaticOptions::expires_path_info_mtime>(),
     "The same, counted from the file's modification.", kFreeText},
    {Group::kStaticFiles, "static-gzip-all", "", 0, "", Static<&StaticOptions::gzip_all>(),
     "Serves file.br, file.zst or file.gz instead of any file, to clients that accept it."},
    {Group::kStaticFiles, "static-gzip", "", 0, "REGEX", Static<&StaticOptions::gzip>(),
     "The same for files whose path matches.", kFreeText},
    {Group::kStaticFiles, "static-gzip-dir", "static-gzip-prefix", 0, "PREFIX",
     Static<&StaticOptions::gzip_dirs>(), "The same for files whose path begins so."},
    {Group::kStaticFiles, "static-gzip-ext", "static-gzip-suffix", 0, "SUFFIX",
     Static<&StaticOptions::gzip_suffixes>(), "The same for files whose path ends so."},
    {Group::kStaticFiles, "file-serve-mode", "fileserve-mode", 0, "MODE",
     Static<&StaticOptions::file_serve_mode>(),
     "x-sendfile or x-accel-redirect: sends the file that an application names in this header."},
    {Group::kStaticFiles, "static-internal", "", 0, "/PREFIX=DIRECTORY",
     Static<&StaticOptions::internal_maps>(),
     "Where the files of x-accel-redirect are; clients cannot ask for them."},
};

}  // namespace

std::span<const OptionSpec> StaticFileRows() { return kRows; }

}  // namespace uwsgi::config
