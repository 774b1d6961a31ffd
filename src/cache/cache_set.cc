// SPDX-License-Identifier: MIT

#include "cache/cache_set.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "os/read_file.h"

namespace uwsgi {
namespace {

// "CACHE rest" where there is a cache of that name, else the whole as the rest.
std::pair<std::string_view, std::string_view> SplitName(CacheSet& caches, std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || blank == 0) return {"", text};
  const std::string_view name = text.substr(0, blank);
  if (caches.Find(name) == nullptr) return {"", text};
  return {name, text.substr(blank + 1)};
}

// The default one first: a call without a name takes the first.
std::vector<CacheDefinition> AllCaches(const CacheOptions& options) {
  std::vector<CacheDefinition> all;
  if (options.default_items > 0) {
    CacheDefinition definition;
    definition.name = "default";
    definition.items = definition.blocks = options.default_items;
    definition.blocksize = options.default_blocksize.bytes;
    definition.store = options.default_store;
    all.push_back(std::move(definition));
  }
  all.insert(all.end(), options.caches.begin(), options.caches.end());
  for (CacheDefinition& definition : all) definition.no_expire |= options.no_expire;
  return all;
}

}  // namespace

std::vector<RegionSpec> CacheRegions(const CacheOptions& options) {
  std::vector<RegionSpec> regions;
  for (const CacheDefinition& definition : AllCaches(options))
    regions.push_back(Cache::Spec(definition));
  return regions;
}

Result<CacheSet> CacheSet::Open(const GenerationContext& generation, const CacheOptions& options) {
  CacheSet set;
  for (const CacheDefinition& definition : AllCaches(options)) {
    const Region* const region = FindRegion(generation, Cache::Spec(definition).name);
    if (region == nullptr) {
      return Error{ErrorCode::kNotFound, "there is no memory for cache " + definition.name};
    }
    auto cache = Cache::Open(*region, definition);
    if (!cache) return cache.error();
    set.caches_.push_back(*std::move(cache));
  }
  for (const std::string& item : options.items) {
    if (auto stored = set.StoreItem(item); !stored) return stored.error();
  }
  for (const std::string& file : options.files) {
    if (auto stored = set.StoreFile(file); !stored) return stored.error();
  }
  return set;
}

Cache* CacheSet::Find(std::string_view name) {
  for (Cache& cache : caches_) {
    if (name.empty() || cache.definition().name == name) return &cache;
  }
  return nullptr;
}

// A reload finds the items of before, and takes the configuration's again.
void CacheSet::Store(std::string_view name, std::string_view key, std::string_view value) {
  if (caches_.empty()) LogWarning("there is no cache to store \"{}\" in", key);
  for (Cache& cache : caches_) {
    const std::string& own = cache.definition().name;
    if (!name.empty() && own != name) continue;
    const auto outcome = cache.Set(key, value, 0, CacheStore::kReplace, Patience::kWait);
    if (outcome == CacheOutcome::kDone) {
      LogInfo("[cache] stored \"{}\" in \"{}\"", key, own);
    } else {
      LogWarning(
          "[cache-error] unable to store \"{}\" in \"{}\": it is too large or empty, or the "
          "cache is full",
          key, own);
    }
  }
}

Result<void> CacheSet::StoreItem(std::string_view item) {
  const auto [name, rest] = SplitName(*this, item);
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) {
    return Error{ErrorCode::kInvalid, "add-cache-item without a '=': " + std::string(item)};
  }
  Store(name, rest.substr(0, equals), rest.substr(equals + 1));
  return {};
}

Result<void> CacheSet::StoreFile(std::string_view file) {
  const auto [name, path] = SplitName(*this, file);
  auto content = os::ReadFile(std::string(path), "the file for the cache ");
  if (!content) return content.error();
  Store(name, path, *content);
  return {};
}

}  // namespace uwsgi
