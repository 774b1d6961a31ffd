// SPDX-License-Identifier: MIT
//
// What a line of `cache2` says: name=sessions,items=1000,bitmap=1. Items are separated by commas,
// the first '=' of each splits it, and a backslash takes the next character as it is.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace uwsgi {

struct CacheDefinition {
  std::string name;
  std::uint64_t items = 0;          // Not 0.
  std::uint64_t blocksize = 65536;  // Bytes. Without `bitmap`, what a value may have.
  std::uint64_t blocks = 0;         // As many as items unless it is said.
  std::uint64_t keysize = 2048;     // Bytes that a key may have.
  std::uint64_t hashsize = 65536;   // Buckets.
  std::uint64_t sweep_on_full = 0;
  std::int64_t math_initial = 0;  // What the arithmetic of a new number starts from.
  std::string store;              // A file that keeps the items; empty: none does.
  bool bitmap = false;            // A value may have several blocks, one after the other.
  bool store_delete = false;      // A file that is none of this cache is written anew.
  bool lastmod = false;
  bool ignore_full = false;    // Say nothing of a full cache.
  bool purge_lru = false;      // What was not used for longest makes room.
  bool clear_on_full = false;  // Everything makes room.
  bool no_expire = false;

  bool operator==(const CacheDefinition&) const = default;

  // The bytes that a value may have.
  std::uint64_t value_limit() const { return bitmap ? blocksize * blocks : blocksize; }
  // Two definitions with the same text have their items in memory in the same way.
  std::string Text() const;
};

Result<CacheDefinition> ParseCacheDefinition(std::string_view text);

}  // namespace uwsgi
