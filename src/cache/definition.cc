// SPDX-License-Identifier: MIT

#include "cache/definition.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <vector>

#include "options/text.h"

namespace uwsgi {
namespace {

// No cache takes more memory than this: the sizes are multiplied.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 46;
constexpr std::uint64_t kMostItems = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::uint64_t kLongestKey = 65535;

Error Wrong(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

struct NumberKey {
  std::string_view names;  // Separated by blanks.
  std::uint64_t CacheDefinition::*member;
};
struct FlagKey {
  std::string_view names;
  bool CacheDefinition::*member;
};

constexpr std::array kNumbers = {
    NumberKey{"items max_items maxitems", &CacheDefinition::items},
    NumberKey{"blocksize", &CacheDefinition::blocksize},
    NumberKey{"blocks", &CacheDefinition::blocks},
    NumberKey{"keysize key_size", &CacheDefinition::keysize},
    NumberKey{"hashsize hash_size", &CacheDefinition::hashsize},
    NumberKey{"sweep_on_full", &CacheDefinition::sweep_on_full},
};
constexpr std::array kFlags = {
    FlagKey{"bitmap", &CacheDefinition::bitmap},
    FlagKey{"store_delete storedelete", &CacheDefinition::store_delete},
    FlagKey{"lastmod", &CacheDefinition::lastmod},
    FlagKey{"ignore_full", &CacheDefinition::ignore_full},
    FlagKey{"purge_lru lru", &CacheDefinition::purge_lru},
    FlagKey{"clear_on_full", &CacheDefinition::clear_on_full},
    FlagKey{"no_expire", &CacheDefinition::no_expire},
};
// Without effect: every look at an item asks whether it has expired, the kernel writes a store,
// and there is one hash.
constexpr std::string_view kNeedless = "hash lazy_expire lazy store_sync storesync";
constexpr std::string_view kNotBuilt =
    "node nodes udp udp_server udp_servers udpserver udpservers sync backend";

bool IsOneOf(std::string_view names, std::string_view name) {
  for (const std::string_view each : config::Split(names, " ")) {
    if (each == name) return true;
  }
  return false;
}

// The items of the line, without their backslashes.
std::vector<std::string> SplitItems(std::string_view text) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',') {
      items.emplace_back();
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      items.back() += text[++i];
    } else {
      items.back() += text[i];
    }
  }
  return items;
}

template <typename T>
Result<void> ReadNumber(std::string_view key, std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return {};
  return Wrong(fmt::format("{}={} is no number", key, text));
}

Result<void> ReadItem(std::string_view key, std::string_view value, CacheDefinition& into) {
  for (const auto& [names, member] : kNumbers) {
    if (IsOneOf(names, key)) return ReadNumber(key, value, into.*member);
  }
  for (const auto& [names, member] : kFlags) {
    if (!IsOneOf(names, key)) continue;
    into.*member = value != "0" && value != "false" && value != "no";
    return {};
  }
  if (key == "name") {
    into.name = value;
  } else if (key == "store") {
    into.store = value;
  } else if (key == "math_initial") {
    return ReadNumber(key, value, into.math_initial);
  } else if (IsOneOf(kNotBuilt, key)) {
    return Wrong(fmt::format("{} is not built yet", key));
  } else if (!IsOneOf(kNeedless, key)) {
    return Wrong(fmt::format("{} is no key of a cache", key));
  }
  return {};
}

Result<void> CheckSizes(const CacheDefinition& it) {
  if (it.name.empty()) return Wrong("you have to specify a cache name: name=...");
  if (it.name.find_first_of("@/\n") != std::string::npos || it.name.size() > 200) {
    return Wrong("a cache's name has no '@', '/' or line break, and no more than 200 bytes");
  }
  if (it.items == 0) {
    return Wrong("you have to specify the maximum number of cache items: items=...");
  }
  const auto in_range = [](std::uint64_t value, std::uint64_t most) {
    return value > 0 && value <= most;
  };
  if (!in_range(it.items, kMostItems)) return Wrong("too many items");
  if (!in_range(it.blocksize, kMostBytes)) return Wrong("invalid blocksize");
  if (!in_range(it.hashsize, kMostItems)) return Wrong("invalid hashsize");
  if (!in_range(it.keysize, kLongestKey)) return Wrong("keysize goes from 1 to 65535");
  if (it.blocks < it.items) {
    return Wrong(fmt::format("invalid number of cache blocks, must be higher than max_items ({})",
                             it.items));
  }
  if (it.blocks > kMostBytes / it.blocksize || it.items > kMostBytes / (it.keysize + 256)) {
    return Wrong("it would be larger than any memory");
  }
  return {};
}

}  // namespace

std::string CacheDefinition::Text() const {
  return fmt::format("{} {} {} {} {} {} {} {}", name, items, blocksize, blocks, keysize, hashsize,
                     bitmap ? "bitmap" : "plain", purge_lru ? "lru" : "");
}

Result<CacheDefinition> ParseCacheDefinition(std::string_view text) {
  CacheDefinition definition;
  for (const std::string& item : SplitItems(text)) {
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      return Wrong(fmt::format("{} has no value, write {}=1", item, item));
    }
    const std::string_view all = item;
    auto read = ReadItem(all.substr(0, equals), all.substr(equals + 1), definition);
    if (!read) return read.error();
  }
  if (definition.blocks == 0) definition.blocks = definition.items;
  if (auto good = CheckSizes(definition); !good) return good.error();
  return definition;
}

}  // namespace uwsgi
