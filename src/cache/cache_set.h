// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "cache/cache.h"
#include "cache/options.h"
#include "ipc/worker_context.h"

namespace uwsgi {

// The caches of a generation, in the order of the configuration.
class CacheSet {
 public:
  // Opens the memory that the generation was given, and stores what the configuration says. In the
  // process that loads the applications, before it does. `generation` outlives this.
  static Result<CacheSet> Open(const GenerationContext& generation, const CacheOptions& options);

  // The first one without a name; null when there is none.
  Cache* Find(std::string_view name);

 private:
  Result<void> StoreItem(std::string_view item);
  Result<void> StoreFile(std::string_view file);
  void Store(std::string_view cache, std::string_view key, std::string_view value);

  std::vector<Cache> caches_;
};

// The memory for all caches of the options.
std::vector<RegionSpec> CacheRegions(const CacheOptions& options);

}  // namespace uwsgi
