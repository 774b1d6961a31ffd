// SPDX-License-Identifier: MIT
//
// A cache in shared memory: bytes by key, for all processes of the instance. It needs no Python.
//
// One mutex guards it for as long as one copy takes. A process that is killed inside of an
// operation leaves the others a cache that works, without the one item that it was about to change.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cache/cache_memory.h"
#include "cache/definition.h"
#include "ipc/region.h"

namespace uwsgi {

enum class CacheOutcome {
  kDone,
  kRefused,  // Not there, there already, too large, or full: what the operation can not do.
  kBusy,     // Another thread is at it, and the caller would not wait.
};

// Whether to wait for who is at it. Whoever has the GIL tries, then lets go of it and waits.
enum class Patience { kTry, kWait };

enum class CacheStore {
  kAdd,      // Refused if the key is there.
  kReplace,  // Or added.
};

enum class CacheMath { kAdd, kSubtract, kMultiply, kDivide };

struct CacheStatistics {
  std::uint64_t items = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t full = 0;
  std::int64_t last_modified = 0;  // Unix seconds; 0 unless the definition asks for it.
};

// Every method may be called by any thread of any process.
class Cache {
 public:
  static RegionSpec Spec(const CacheDefinition& definition);
  // The first process that opens new memory prepares it, and checks what a file has kept; it does
  // so before others are forked. `region` was made by Spec, and outlives this.
  static Result<Cache> Open(const Region& region, const CacheDefinition& definition);

  const CacheDefinition& definition() const { return *definition_; }

  // Makes room for that many bytes; null: there is no memory, and the operation is refused.
  using Room = std::function<char*(std::size_t size)>;
  CacheOutcome Get(std::string_view key, const Room& room, Patience patience);
  CacheOutcome Exists(std::string_view key, Patience patience);
  // `expires` is in seconds from now; 0: never.
  CacheOutcome Set(std::string_view key, std::string_view value, std::int64_t expires,
                   CacheStore store, Patience patience);
  CacheOutcome Delete(std::string_view key, Patience patience);
  CacheOutcome Clear(Patience patience);
  // A number of 8 bytes, little-endian. Made of math_initial when it is not there, and then with
  // `expires`. Refused where the value is no number.
  CacheOutcome Calculate(std::string_view key, CacheMath math, std::int64_t operand,
                         std::int64_t expires, Patience patience);
  // 0 when it is not there, or no number.
  CacheOutcome Number(std::string_view key, std::int64_t& number, Patience patience);

  // Both wait.
  std::vector<std::string> Keys();
  CacheStatistics Statistics();

 private:
  class Guard;
  Cache(const Region& region, const CacheDefinition& definition);

  CacheHeader& header() const { return memory_.header(); }
  // When an item expires that shall live for so many seconds; 0: never.
  static std::int64_t ExpiryAfter(std::int64_t seconds);
  bool Fits(std::string_view key) const;
  bool IsExpired(const CacheSlot& slot, std::int64_t now) const;
  std::string_view ValueOf(const CacheSlot& slot) const;
  // With the mutex held, all of these.
  CacheRef Find(std::string_view key);
  CacheRef FindLive(std::string_view key);
  void Rebuild();
  void RemoveAll();
  void AddTo(CacheRef ref, CacheSlot& slot);
  void Remove(CacheRef ref);
  void Use(CacheRef ref, CacheSlot& slot);
  void LeaveOrder(CacheRef ref, CacheSlot& slot);
  void EnterOrder(CacheRef ref, CacheSlot& slot);
  std::uint64_t Sweep(std::uint64_t slots);
  void SweepIfDue();
  bool Insert(std::string_view key, std::string_view value, std::int64_t expires);
  bool Overwrite(CacheRef ref, std::string_view value, std::int64_t expires);
  bool MakeRoom(bool& was_full);
  bool InsertWithRoom(std::string_view key, std::string_view value, std::int64_t expires);

  std::shared_ptr<const CacheDefinition> definition_;  // Shared by copies.
  CacheMemory memory_;
};

}  // namespace uwsgi
