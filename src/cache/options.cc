// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits.

#include "cache/options.h"

#include "options/option_spec.h"

namespace uwsgi {

namespace config {
namespace {

Remark CheckItem(std::string_view value) {
  if (value.find('=') != std::string_view::npos) return {};
  return Wrong("must be KEY=VALUE, or CACHE KEY=VALUE");
}

Remark CheckItems(std::string_view value) {
  return RemarkOn(ParseCacheDefinition("name=default,items=" + std::string(value)));
}

Remark CheckBlocksize(std::string_view value) {
  ByteCount size;
  if (ParseValue(value, size).kind == Remark::Kind::kError) return {};
  return RemarkOn(
      ParseCacheDefinition("name=default,items=1,blocksize=" + std::to_string(size.bytes)));
}

constexpr OptionSpec kRows[] = {
    {Group::kSharing, "cache2", "", 0, "KEY=VALUE,...",
     Parsed<&CacheOptions::caches, ParseCacheDefinition>(),
     "A cache for all processes: name=sessions,items=1000 and further keys, see docs/caching.md."},
    {Group::kSharing, "cache", "", 0, "N", To<&CacheOptions::default_items, CheckItems>(),
     "The first cache, called default, with room for so many items."},
    {Group::kSharing, "cache-blocksize", "", 0, "BYTES",
     To<&CacheOptions::default_blocksize, CheckBlocksize>(),
     "What a value of the cache called default may have."},
    {Group::kSharing, "cache-store", "", 0, "FILE", To<&CacheOptions::default_store>(),
     "Keeps the items of the cache called default in this file."},
    {Group::kSharing, "cache-no-expire", "", 0, "", To<&CacheOptions::no_expire>(),
     "Items of all caches stay, whatever their time."},
    {Group::kSharing, "add-cache-item", "", 0, "[CACHE ]KEY=VALUE",
     To<&CacheOptions::items, CheckItem>(),
     "Stores an item before the application is loaded; without CACHE, in every one.", kFreeText},
    {Group::kSharing, "load-file-in-cache", "", 0, "[CACHE ]PATH", To<&CacheOptions::files>(),
     "Stores what a file holds by its path as it is written here; without CACHE, in every one."},
};

}  // namespace

OptionRows CacheRows() { return kRows; }

}  // namespace config
}  // namespace uwsgi
