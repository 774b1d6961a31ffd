// SPDX-License-Identifier: MIT

#include "cache/cache.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "cache/cache_guard.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

// So many slots are looked at for what has expired, by one that stores an item.
constexpr std::uint64_t kSweptAtOnce = 64;
constexpr std::int64_t kSweepEvery = 3'000;  // Milliseconds.
constexpr std::size_t kKeysAtOnce = 1024;
constexpr std::int64_t kMillisecond = 1000;

std::int64_t NowMs() {
  const auto now = os::CoarseNow().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// Names the item that is being changed, for whoever finds the cache if this process dies now. A
// process is cut between two instructions: it is their order alone that counts.
class Touch {
 public:
  Touch(CacheHeader& header, CacheRef ref) : header_(header) {
    header_.touched = ref;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~Touch() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    header_.touched = 0;
  }
  Touch(const Touch&) = delete;
  Touch& operator=(const Touch&) = delete;

 private:
  CacheHeader& header_;
};

}  // namespace

RegionSpec Cache::Spec(const CacheDefinition& definition) {
  return {.name = "cache-" + definition.name,
          .lifetime = RegionLifetime::kInstance,
          .size = CacheMemory::SizeFor(definition),
          .definition = definition.Text(),
          .file = definition.store};
}

Cache::Cache(const Region& region, const CacheDefinition& definition)
    : definition_(std::make_shared<const CacheDefinition>(definition)),
      memory_(*definition_, region.data()) {}

Result<Cache> Cache::Open(const Region& region, const CacheDefinition& definition) {
  if (region.spec().size != CacheMemory::SizeFor(definition)) {
    return Error{ErrorCode::kInvalid, "the memory of the cache is not that of its definition"};
  }
  Cache cache(region, definition);
  CacheHeader& header = cache.header();
  if (header.is_ready == 1) return cache;
  const bool is_kept = header.format == cache.memory_.format();
  if (!is_kept && header.format != 0 && !definition.store_delete) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("cannot use {} as the store of cache \"{}\": it is of another "
                             "definition or of another server. Remove it, or set store_delete=1",
                             definition.store, definition.name)};
  }
  const CacheRef touched = is_kept ? header.touched : 0;
  std::memset(static_cast<void*>(&header), 0, sizeof header);
  header.touched = touched;
  header.mutex.Init();
  if (!is_kept && !definition.store.empty()) {
    for (CacheRef ref = 1; ref <= cache.memory_.items(); ++ref) {
      cache.memory_.SlotAt(ref)->is_used = 0;
    }
  }
  cache.Rebuild();
  header.format = cache.memory_.format();
  header.is_ready = 1;
  if (header.items > 0) {
    LogInfo("[uwsgi-cache] restored {} items of cache \"{}\" from {}", header.items,
            definition.name, definition.store);
  }
  return cache;
}

std::int64_t Cache::ExpiryAfter(std::int64_t seconds) {
  constexpr std::int64_t kLongest = std::int64_t{1} << 40;
  if (seconds == 0 || seconds > kLongest) return 0;
  return std::max<std::int64_t>(1, NowMs() + std::max(seconds, -kLongest) * kMillisecond);
}

bool Cache::Fits(std::string_view key) const {
  return !key.empty() && key.size() <= definition_->keysize;
}

bool Cache::IsExpired(const CacheSlot& slot, std::int64_t now) const {
  return slot.expires != 0 && slot.expires <= now && !definition_->no_expire;
}

std::string_view Cache::ValueOf(const CacheSlot& slot) const {
  return {memory_.BlockAt(slot.first_block), slot.value_size};
}

// Whatever a dead process has left, or a file: what is whole stays.
void Cache::Rebuild() {
  CacheHeader& it = header();
  std::ranges::fill(memory_.buckets(), 0);
  std::ranges::fill(memory_.map(), 0);
  it.free = it.newest = it.oldest = 0;
  it.items = 0;
  it.swept = 0;
  for (CacheRef ref = memory_.items(); ref > 0; --ref) {
    CacheSlot& slot = *memory_.SlotAt(ref);
    const std::string_view key = memory_.KeyOf(ref, slot);
    const bool is_whole =
        slot.is_used == 1 && ref != it.touched && Fits(key) && key.size() == slot.key_size &&
        slot.hash == HashOfKey(key) && memory_.HasValue(slot) &&
        (definition_->bitmap ? memory_.IsFree(slot.first_block, memory_.BlocksFor(slot.value_size))
                             : slot.first_block == ref - 1) &&
        Find(key) == 0;
    if (is_whole) {
      AddTo(ref, slot);
    } else {
      slot.is_used = 0;
      slot.next = std::exchange(it.free, ref);
    }
  }
  it.touched = 0;
}

void Cache::RemoveAll() {
  for (CacheRef ref = 1; ref <= memory_.items(); ++ref) memory_.SlotAt(ref)->is_used = 0;
  Rebuild();
}

void Cache::AddTo(CacheRef ref, CacheSlot& slot) {
  CacheRef& bucket = memory_.BucketOf(slot.hash);
  slot.next = std::exchange(bucket, ref);
  if (definition_->bitmap) {
    memory_.Mark(slot.first_block, memory_.BlocksFor(slot.value_size), true);
  }
  EnterOrder(ref, slot);
  ++header().items;
}

CacheRef Cache::Find(std::string_view key) {
  const std::uint32_t hash = HashOfKey(key);
  CacheRef ref = memory_.BucketOf(hash);
  // A chain that somebody else has written to may be a ring.
  for (std::uint32_t steps = 0; steps <= memory_.items(); ++steps) {
    const CacheSlot* const slot = memory_.SlotAt(ref);
    if (slot == nullptr) return 0;
    if (slot->hash == hash && memory_.KeyOf(ref, *slot) == key) return ref;
    ref = slot->next;
  }
  return 0;
}

CacheRef Cache::FindLive(std::string_view key) {
  const CacheRef ref = Find(key);
  const CacheSlot* const slot = memory_.SlotAt(ref);
  if (slot == nullptr) return 0;
  if (memory_.HasValue(*slot) && !IsExpired(*slot, NowMs())) return ref;
  Remove(ref);
  return 0;
}

void Cache::Remove(CacheRef ref) {
  CacheHeader& it = header();
  CacheSlot& slot = *memory_.SlotAt(ref);
  const Touch touch(it, ref);
  CacheRef* link = &memory_.BucketOf(slot.hash);
  for (std::uint32_t steps = 0; *link != ref && steps <= memory_.items(); ++steps) {
    CacheSlot* const other = memory_.SlotAt(*link);
    if (other == nullptr) break;
    link = &other->next;
  }
  if (*link == ref) *link = slot.next;
  LeaveOrder(ref, slot);
  if (definition_->bitmap && memory_.HasValue(slot)) {
    memory_.Mark(slot.first_block, memory_.BlocksFor(slot.value_size), false);
  }
  slot.is_used = 0;
  slot.next = std::exchange(it.free, ref);
  if (it.items > 0) --it.items;
}

void Cache::Use(CacheRef ref, CacheSlot& slot) {
  if (header().newest == ref) return;
  LeaveOrder(ref, slot);
  EnterOrder(ref, slot);
}

void Cache::EnterOrder(CacheRef ref, CacheSlot& slot) {
  if (!definition_->purge_lru) return;
  CacheHeader& it = header();
  slot.newer = 0;
  slot.older = it.newest;
  if (CacheSlot* const second = memory_.SlotAt(it.newest)) second->newer = ref;
  it.newest = ref;
  if (it.oldest == 0) it.oldest = ref;
}

void Cache::LeaveOrder(CacheRef ref, CacheSlot& slot) {
  if (!definition_->purge_lru) return;
  CacheHeader& it = header();
  if (CacheSlot* const newer = memory_.SlotAt(slot.newer)) newer->older = slot.older;
  if (CacheSlot* const older = memory_.SlotAt(slot.older)) older->newer = slot.newer;
  if (it.newest == ref) it.newest = slot.older;
  if (it.oldest == ref) it.oldest = slot.newer;
}

std::uint64_t Cache::Sweep(std::uint64_t slots) {
  if (definition_->no_expire) return 0;
  CacheHeader& it = header();
  const std::int64_t now = NowMs();
  std::uint64_t removed = 0;
  for (std::uint64_t i = 0; i < slots; ++i) {
    it.swept = it.swept % memory_.items() + 1;
    const CacheSlot& slot = *memory_.SlotAt(it.swept);
    if (slot.is_used == 1 && IsExpired(slot, now)) {
      Remove(it.swept);
      ++removed;
    }
    if (it.swept != memory_.items()) continue;
    it.sweep_at = now + kSweepEvery;
    break;
  }
  return removed;
}

void Cache::SweepIfDue() {
  if (NowMs() >= header().sweep_at) Sweep(kSweptAtOnce);
}

bool Cache::Insert(std::string_view key, std::string_view value, std::int64_t expires) {
  CacheHeader& it = header();
  const CacheRef ref = it.free;
  CacheSlot* const slot = memory_.SlotAt(ref);
  if (slot == nullptr) return false;
  const std::uint64_t first =
      definition_->bitmap ? memory_.FindFree(memory_.BlocksFor(value.size())) : ref - 1;
  if (first == memory_.blocks()) return false;
  const Touch touch(it, ref);
  it.free = slot->next;
  std::memcpy(memory_.KeyAt(ref), key.data(), key.size());
  std::memcpy(memory_.BlockAt(first), value.data(), value.size());
  slot->hash = HashOfKey(key);
  slot->key_size = static_cast<std::uint32_t>(key.size());
  slot->value_size = value.size();
  slot->first_block = first;
  slot->expires = expires;
  slot->hits = 0;
  slot->is_used = 1;
  AddTo(ref, *slot);
  return true;
}

bool Cache::Overwrite(CacheRef ref, std::string_view value, std::int64_t expires) {
  CacheSlot& slot = *memory_.SlotAt(ref);
  const Touch touch(header(), ref);
  if (definition_->bitmap) {
    const std::uint64_t before = memory_.BlocksFor(slot.value_size);
    const std::uint64_t after = memory_.BlocksFor(value.size());
    std::uint64_t first = slot.first_block;
    if (after > before) first = memory_.FindFree(after);
    if (first == memory_.blocks()) return false;
    memory_.Mark(slot.first_block, before, false);
    memory_.Mark(first, after, true);
    slot.first_block = first;
  }
  std::memcpy(memory_.BlockAt(slot.first_block), value.data(), value.size());
  slot.value_size = value.size();
  slot.expires = expires;
  Use(ref, slot);
  return true;
}

bool Cache::MakeRoom(bool& was_full) {
  if (Sweep(memory_.items()) > 0) return true;
  if (!was_full) ++header().full;
  if (definition_->purge_lru && memory_.SlotAt(header().oldest) != nullptr) {
    Remove(header().oldest);
    was_full = true;
    return true;
  }
  if (!definition_->clear_on_full || was_full) return false;
  RemoveAll();
  was_full = true;
  return true;
}

bool Cache::InsertWithRoom(std::string_view key, std::string_view value, std::int64_t expires) {
  bool was_full = false;
  // Each turn but the last makes room, at most by every item there is.
  for (std::uint64_t turns = 0;; ++turns) {
    const CacheRef ref = FindLive(key);
    if (ref != 0 ? Overwrite(ref, value, expires) : Insert(key, value, expires)) break;
    if (turns > memory_.items() || !MakeRoom(was_full)) return false;
  }
  if (!definition_->lastmod) return true;
  header().last_modified = NowMs() / kMillisecond;
  memory_.SlotAt(Find(key))->last_modified = header().last_modified;
  return true;
}

CacheOutcome Cache::Get(std::string_view key, const Room& room, Patience patience) {
  Guard guard(*this, patience);
  if (!guard) return CacheOutcome::kBusy;
  const CacheRef ref = Fits(key) ? FindLive(key) : 0;
  if (ref == 0) {
    ++header().misses;
    return CacheOutcome::kRefused;
  }
  CacheSlot& slot = *memory_.SlotAt(ref);
  const std::string_view value = ValueOf(slot);
  char* const into = room(value.size());
  if (into == nullptr) return CacheOutcome::kRefused;
  std::memcpy(into, value.data(), value.size());
  ++header().hits;
  ++slot.hits;
  Use(ref, slot);
  return CacheOutcome::kDone;
}

CacheOutcome Cache::Exists(std::string_view key, Patience patience) {
  Guard guard(*this, patience);
  if (!guard) return CacheOutcome::kBusy;
  return Fits(key) && FindLive(key) != 0 ? CacheOutcome::kDone : CacheOutcome::kRefused;
}

CacheOutcome Cache::Set(std::string_view key, std::string_view value, std::int64_t expires,
                        CacheStore store, Patience patience) {
  if (!Fits(key) || value.empty() || value.size() > definition_->value_limit()) {
    return CacheOutcome::kRefused;
  }
  Guard guard(*this, patience);
  if (!guard) return CacheOutcome::kBusy;
  SweepIfDue();
  if (store == CacheStore::kAdd && FindLive(key) != 0) return CacheOutcome::kRefused;
  if (InsertWithRoom(key, value, ExpiryAfter(expires))) return CacheOutcome::kDone;
  guard.Release();
  if (!definition_->ignore_full) {
    LogWarning("*** DANGER cache \"{}\" is FULL !!! ***", definition_->name);
  }
  return CacheOutcome::kRefused;
}

CacheOutcome Cache::Delete(std::string_view key, Patience patience) {
  Guard guard(*this, patience);
  if (!guard) return CacheOutcome::kBusy;
  const CacheRef ref = Fits(key) ? FindLive(key) : 0;
  if (ref == 0) return CacheOutcome::kRefused;
  Remove(ref);
  return CacheOutcome::kDone;
}

CacheOutcome Cache::Clear(Patience patience) {
  Guard guard(*this, patience);
  if (!guard) return CacheOutcome::kBusy;
  RemoveAll();
  return CacheOutcome::kDone;
}

std::vector<std::string> Cache::Keys() {
  std::vector<std::string> keys;
  for (CacheRef from = 1; from <= memory_.items() && from != 0;) {
    const Guard guard(*this, Patience::kWait);
    const std::int64_t now = NowMs();
    for (std::size_t i = 0; i < kKeysAtOnce && from <= memory_.items(); ++i, ++from) {
      const CacheSlot& slot = *memory_.SlotAt(from);
      if (slot.is_used == 1 && !IsExpired(slot, now)) keys.emplace_back(memory_.KeyOf(from, slot));
    }
  }
  return keys;
}

CacheStatistics Cache::Statistics() {
  const Guard guard(*this, Patience::kWait);
  const CacheHeader& it = header();
  return {it.items, it.hits, it.misses, it.full, it.last_modified};
}

}  // namespace uwsgi
