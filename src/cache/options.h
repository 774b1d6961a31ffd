// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/quantities.h"
#include "cache/definition.h"
#include "options/rows.h"

namespace uwsgi {

struct CacheOptions {
  std::vector<CacheDefinition> caches;  // cache2
  std::uint64_t default_items = 0;      // cache: of the one called "default"; 0: there is none.
  ByteCount default_blocksize{65536};
  std::string default_store;
  bool no_expire = false;
  std::vector<std::string> items;  // [CACHE ]KEY=VALUE
  std::vector<std::string> files;  // [CACHE ]PATH
};

namespace config {
OptionRows CacheRows();
}  // namespace config

}  // namespace uwsgi
