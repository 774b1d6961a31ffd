// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "static_files/options.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/pattern.h"
#include "options/option_spec.h"
#include "options/text.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

Remark CheckMimeType(std::string_view value) {
  const std::size_t equals = value.rfind('=');
  const bool has_type = equals != std::string_view::npos && value.find('/') < equals;
  return has_type && equals + 1 < value.size()
             ? Remark{}
             : Wrong("expected TYPE=EXTENSION, as in text/markdown=md");
}

Remark CheckStaticMap(std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos || equals + 1 == value.size()) {
    return Wrong("expected /PREFIX=DIRECTORY");
  }
  if (value.starts_with('/')) return {};
  return {Remark::Kind::kWarning, "maps nothing: every path starts with /"};
}

// Digits after the last `separator`, and something before it.
bool EndsInSeconds(std::string_view text, char separator) {
  const std::size_t at = text.rfind(separator);
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find_first_not_of("0123456789", at + 1) == std::string_view::npos;
}

Remark CheckPattern(std::string_view value) {
  return RemarkOn(Pattern::Compile(std::string(value)));
}

Remark CheckExpiry(std::string_view value) {
  if (!EndsInSeconds(value, ' ')) return Wrong("expected REGEX SECONDS");
  return CheckPattern(Trim(value.substr(0, value.rfind(' '))));
}

Remark CheckExpiryOfType(std::string_view value) {
  return EndsInSeconds(value, '=') ? Remark{} : Wrong("expected TYPE=SECONDS");
}

Remark CheckLinkPolicy(std::string_view value) {
  constexpr std::array<std::string_view, 4> kPolicies = {"none", "safe", "owner", "all"};
  const bool is_known = std::ranges::find(kPolicies, value) != kPolicies.end();
  return is_known ? Remark{} : Wrong("expected none, safe, owner or all");
}

Remark CheckFileServeMode(std::string_view value) {
  return value == "x-sendfile" || value == "x-accel-redirect"
             ? Remark{}
             : Wrong("expected x-sendfile or x-accel-redirect");
}

constexpr OptionSpec kRows[] = {
    {Group::kStaticFiles, "static-map", "", 0, "/PREFIX=DIRECTORY",
     To<&StaticOptions::maps, CheckStaticMap>(),
     "Serves the files of a directory, or one file, under a prefix.", kEveryday},
    {Group::kStaticFiles, "check-static", "static-check", 0, "DIRECTORY",
     To<&StaticOptions::check_dirs>(), "Serves the files of a directory where they exist."},
    {Group::kStaticFiles, "static-index", "", 0, "FILE", To<&StaticOptions::indexes>(),
     "The file that answers for a directory."},
    {Group::kStaticFiles, "static-safe", "", 0, "DIRECTORY", To<&StaticOptions::safe_dirs>(),
     "Allows links that lead into this directory."},
    {Group::kStaticFiles, "static-skip-ext", "", 0, "EXTENSION",
     To<&StaticOptions::skip_extensions>(), "Leaves files with this extension to the application."},
    {Group::kStaticFiles, "static-map2", "", 0, "/PREFIX=DIRECTORY",
     To<&StaticOptions::maps2, CheckStaticMap>(),
     "The same as static-map, but the prefix is part of the path below the directory."},
    {Group::kStaticFiles, "static-follow-symlinks", "", 0, "POLICY",
     To<&StaticOptions::follow_symlinks, CheckLinkPolicy>(),
     "Links that are followed: none, safe (below the directory), owner (of the same owner), all."},
    {Group::kStaticFiles, "mimefile", "mime-file", 0, "FILE", To<&StaticOptions::mime_files>(),
     "Content types by extension, instead of /etc/mime.types."},
    {Group::kStaticFiles, "add-mime", "", 0, "TYPE=EXTENSION...",
     To<&StaticOptions::mime_types, CheckMimeType>(),
     "The content type of these extensions, whatever the table says."},
    {Group::kStaticFiles, "static-expires", "", 0, "REGEX SECONDS",
     To<&StaticOptions::expires, CheckExpiry>(),
     "How long clients may keep files whose path matches: Expires and Cache-Control.", kFreeText},
    {Group::kStaticFiles, "static-expires-mtime", "", 0, "REGEX SECONDS",
     To<&StaticOptions::expires_mtime, CheckExpiry>(),
     "The same, counted from the file's modification.", kFreeText},
    {Group::kStaticFiles, "static-expires-type", "", 0, "TYPE=SECONDS",
     To<&StaticOptions::expires_type, CheckExpiryOfType>(),
     "How long clients may keep files of a content type."},
    {Group::kStaticFiles, "static-expires-type-mtime", "", 0, "TYPE=SECONDS",
     To<&StaticOptions::expires_type_mtime, CheckExpiryOfType>(),
     "The same, counted from the file's modification."},
    {Group::kStaticFiles, "static-expires-uri", "", 0, "REGEX SECONDS",
     To<&StaticOptions::expires_uri, CheckExpiry>(),
     "How long clients may keep files whose REQUEST_URI matches.", kFreeText},
    {Group::kStaticFiles, "static-expires-uri-mtime", "", 0, "REGEX SECONDS",
     To<&StaticOptions::expires_uri_mtime, CheckExpiry>(),
     "The same, counted from the file's modification.", kFreeText},
    {Group::kStaticFiles, "static-expires-path-info", "", 0, "REGEX SECONDS",
     To<&StaticOptions::expires_path_info, CheckExpiry>(),
     "How long clients may keep files whose PATH_INFO matches.", kFreeText},
    {Group::kStaticFiles, "static-expires-path-info-mtime", "", 0, "REGEX SECONDS",
     To<&StaticOptions::expires_path_info_mtime, CheckExpiry>(),
     "The same, counted from the file's modification.", kFreeText},
    {Group::kStaticFiles, "static-gzip-all", "", 0, "", To<&StaticOptions::gzip_all>(),
     "Serves file.br, file.zst or file.gz instead of any file, to clients that accept it."},
    {Group::kStaticFiles, "static-gzip", "", 0, "REGEX", To<&StaticOptions::gzip, CheckPattern>(),
     "The same for files whose path matches.", kFreeText},
    {Group::kStaticFiles, "static-gzip-dir", "static-gzip-prefix", 0, "PREFIX",
     To<&StaticOptions::gzip_dirs>(), "The same for files whose path begins so."},
    {Group::kStaticFiles, "static-gzip-ext", "static-gzip-suffix", 0, "SUFFIX",
     To<&StaticOptions::gzip_suffixes>(), "The same for files whose path ends so."},
    {Group::kStaticFiles, "file-serve-mode", "fileserve-mode", 0, "MODE",
     To<&StaticOptions::file_serve_mode, CheckFileServeMode>(),
     "x-sendfile or x-accel-redirect: sends the file that an application names in this header."},
    {Group::kStaticFiles, "static-internal", "", 0, "/PREFIX=DIRECTORY",
     To<&StaticOptions::internal_maps, CheckStaticMap>(),
     "Where the files of x-accel-redirect are; clients cannot ask for them."},
};

}  // namespace

OptionRows StaticFileRows() { return kRows; }

}  // namespace uwsgi::config
