// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "static_files/options.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "options/option_spec.h"
#include "options/text.h"

namespace uwsgi {
namespace {

Error Expected(const char* form) { return {ErrorCode::kInvalid, std::string("expected ") + form}; }

// Splits "WHAT<separator>SECONDS" at the last separator.
std::optional<std::pair<std::string_view, std::chrono::seconds>> SplitSeconds(std::string_view text,
                                                                              char separator) {
  const std::size_t at = text.rfind(separator);
  if (at == std::string_view::npos || at == 0 || !config::IsNumber(text.substr(at + 1))) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data() + at + 1, end, seconds).ec != std::errc{}) return std::nullopt;
  return std::pair(config::Trim(text.substr(0, at)), std::chrono::seconds(seconds));
}

}  // namespace

std::string StaticMap::Mount() const {
  return prefix.substr(0, prefix.find_last_not_of('/') + 1);  // npos + 1 is 0.
}

Result<StaticMap> ParseStaticMap(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals + 1 == text.size()) {
    return Expected("/PREFIX=DIRECTORY");
  }
  return StaticMap{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<FollowLinks> ParseFollowLinks(std::string_view text) {
  for (const FollowLinks follow :
       {FollowLinks::kNone, FollowLinks::kSafe, FollowLinks::kOwner, FollowLinks::kAll}) {
    if (text == ShowValue(follow)) return follow;
  }
  return Expected("none, safe, owner or all");
}

std::string ShowValue(FollowLinks follow) {
  switch (follow) {
    case FollowLinks::kNone:
      return "none";
    case FollowLinks::kSafe:
      return "safe";
    case FollowLinks::kOwner:
      return "owner";
    case FollowLinks::kAll:
      break;
  }
  return "all";
}

Result<AddedMimeType> ParseAddedMimeType(std::string_view text) {
  const std::size_t equals = text.rfind('=');  // A type's parameters have some, too.
  const bool has_type = equals != std::string_view::npos && text.find('/') < equals;
  if (!has_type || equals + 1 == text.size()) {
    return Expected("TYPE=EXTENSION, as in text/markdown=md");
  }
  return AddedMimeType{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<PatternExpiry> ParsePatternExpiry(std::string_view text) {
  const auto split = SplitSeconds(text, ' ');
  if (!split) return Expected("REGEX SECONDS");
  auto pattern = Pattern::Compile(split->first);
  if (!pattern) return pattern.error();
  return PatternExpiry{*std::move(pattern), split->second};
}

Result<TypeExpiry> ParseTypeExpiry(std::string_view text) {
  const auto split = SplitSeconds(text, '=');
  if (!split) return Expected("TYPE=SECONDS");
  return TypeExpiry{std::string(split->first), split->second};
}

Result<FileServeMode> ParseFileServeMode(std::string_view text) {
  if (text == "x-sendfile") return FileServeMode::kSendfile;
  if (text == "x-accel-redirect") return FileServeMode::kAccelRedirect;
  return Expected("x-sendfile or x-accel-redirect");
}

std::string ShowValue(FileServeMode mode) {
  if (mode == FileServeMode::kOff) return {};
  return mode == FileServeMode::kSendfile ? "x-sendfile" : "x-accel-redirect";
}

namespace config {
namespace {

Remark WarnOfPrefix(std::string_view value) {
  if (value.starts_with('/')) return {};
  return {Remark::Kind::kWarning, "maps nothing: every path starts with /"};
}

constexpr OptionSpec kRows[] = {
    {Group::kStaticFiles, "static-map", "", 0, "/PREFIX=DIRECTORY",
     Parsed<&StaticOptions::maps, ParseStaticMap, WarnOfPrefix>(),
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
     Parsed<&StaticOptions::maps2, ParseStaticMap, WarnOfPrefix>(),
     "The same as static-map, but the prefix is part of the path below the directory."},
    {Group::kStaticFiles, "static-follow-symlinks", "", 0, "POLICY",
     Parsed<&StaticOptions::follow_symlinks, ParseFollowLinks>(),
     "Links that are followed: none, safe (below the directory), owner (of the same owner), all."},
    {Group::kStaticFiles, "mimefile", "mime-file", 0, "FILE", To<&StaticOptions::mime_files>(),
     "Content types by extension, instead of /etc/mime.types."},
    {Group::kStaticFiles, "add-mime", "", 0, "TYPE=EXTENSION...",
     Parsed<&StaticOptions::mime_types, ParseAddedMimeType>(),
     "The content type of these extensions, whatever the table says."},
    {Group::kStaticFiles, "static-expires", "", 0, "REGEX SECONDS",
     Parsed<&StaticOptions::expires, ParsePatternExpiry>(),
     "How long clients may keep files whose path matches: Expires and Cache-Control.", kFreeText},
    {Group::kStaticFiles, "static-expires-mtime", "", 0, "REGEX SECONDS",
     Parsed<&StaticOptions::expires_mtime, ParsePatternExpiry>(),
     "The same, counted from the file's modification.", kFreeText},
    {Group::kStaticFiles, "static-expires-type", "", 0, "TYPE=SECONDS",
     Parsed<&StaticOptions::expires_type, ParseTypeExpiry>(),
     "How long clients may keep files of a content type."},
    {Group::kStaticFiles, "static-expires-type-mtime", "", 0, "TYPE=SECONDS",
     Parsed<&StaticOptions::expires_type_mtime, ParseTypeExpiry>(),
     "The same, counted from the file's modification."},
    {Group::kStaticFiles, "static-expires-uri", "", 0, "REGEX SECONDS",
     Parsed<&StaticOptions::expires_uri, ParsePatternExpiry>(),
     "How long clients may keep files whose REQUEST_URI matches.", kFreeText},
    {Group::kStaticFiles, "static-expires-uri-mtime", "", 0, "REGEX SECONDS",
     Parsed<&StaticOptions::expires_uri_mtime, ParsePatternExpiry>(),
     "The same, counted from the file's modification.", kFreeText},
    {Group::kStaticFiles, "static-expires-path-info", "", 0, "REGEX SECONDS",
     Parsed<&StaticOptions::expires_path_info, ParsePatternExpiry>(),
     "How long clients may keep files whose PATH_INFO matches.", kFreeText},
    {Group::kStaticFiles, "static-expires-path-info-mtime", "", 0, "REGEX SECONDS",
     Parsed<&StaticOptions::expires_path_info_mtime, ParsePatternExpiry>(),
     "The same, counted from the file's modification.", kFreeText},
    {Group::kStaticFiles, "static-gzip-all", "", 0, "", To<&StaticOptions::gzip_all>(),
     "Serves file.br, file.zst or file.gz instead of any file, to clients that accept it."},
    {Group::kStaticFiles, "static-gzip", "", 0, "REGEX",
     Parsed<&StaticOptions::gzip, Pattern::Compile>(), "The same for files whose path matches.",
     kFreeText},
    {Group::kStaticFiles, "static-gzip-dir", "static-gzip-prefix", 0, "PREFIX",
     To<&StaticOptions::gzip_dirs>(), "The same for files whose path begins so."},
    {Group::kStaticFiles, "static-gzip-ext", "static-gzip-suffix", 0, "SUFFIX",
     To<&StaticOptions::gzip_suffixes>(), "The same for files whose path ends so."},
    {Group::kStaticFiles, "file-serve-mode", "fileserve-mode", 0, "MODE",
     Parsed<&StaticOptions::file_serve_mode, ParseFileServeMode>(),
     "x-sendfile or x-accel-redirect: sends the file that an application names in this header."},
    {Group::kStaticFiles, "static-internal", "", 0, "/PREFIX=DIRECTORY",
     Parsed<&StaticOptions::internal_maps, ParseStaticMap, WarnOfPrefix>(),
     "Where the files of x-accel-redirect are; clients cannot ask for them."},
};

}  // namespace

OptionRows StaticFileRows() { return kRows; }

}  // namespace config
}  // namespace uwsgi
