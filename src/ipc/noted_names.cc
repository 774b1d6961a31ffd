// SPDX-License-Identifier: MIT

#include "ipc/noted_names.h"

namespace uwsgi {
namespace {

// FNV-1a. Never 0, which is a free place.
std::uint64_t HashOf(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : name) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash | 1;
}

}  // namespace

NotedNames::Outcome NotedNames::Note(std::string_view name) {
  const std::uint64_t hash = HashOf(name);
  for (std::atomic<std::uint64_t>& place : hashes) {
    std::uint64_t found = place.load(std::memory_order_relaxed);
    if (found == 0 && place.compare_exchange_strong(found, hash, std::memory_order_relaxed)) {
      return Outcome::kNew;
    }
    if (found == hash) return Outcome::kKnown;
  }
  return is_full.exchange(true, std::memory_order_relaxed) ? Outcome::kKnown : Outcome::kLast;
}

}  // namespace uwsgi
