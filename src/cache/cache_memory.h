// SPDX-License-Identifier: MIT
//
// How a cache lies in its shared memory, or in the file that keeps it:
//
//   header  buckets:u32[hashsize]  slots  keys:byte[items][keysize]  map:u64[]  blocks
//
// A *ref* is the number of a slot from 1; 0 is none. What a slot says of itself is the truth of its
// item; chains, lists and the map of blocks are made of the slots, and can be made anew.
//
// Anything may stand in the memory: a ref or a block is used only if it is inside.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cache/definition.h"
#include "ipc/robust_mutex.h"

namespace uwsgi {

using CacheRef = std::uint32_t;

struct CacheHeader {
  std::atomic<std::uint64_t> is_ready;  // 0 in a mapping that nobody has looked at.
  std::uint64_t format;                 // Of what version of this server, and what definition.
  RobustMutex mutex;
  CacheRef touched;  // The one item that is being changed: lost if that is cut short.
  CacheRef free;
  CacheRef newest;  // Of the order of use.
  CacheRef oldest;
  std::uint32_t swept;  // Up to this slot.
  std::uint64_t items;
  std::uint64_t hits;
  std::uint64_t misses;
  std::uint64_t full;
  std::int64_t last_modified;  // Unix seconds.
  std::int64_t sweep_at;       // Unix milliseconds.
};

struct CacheSlot {
  std::uint32_t is_used;
  std::uint32_t hash;
  CacheRef next;   // In its bucket, or in the list of free slots.
  CacheRef newer;  // In the order of use.
  CacheRef older;
  std::uint32_t key_size;
  std::uint64_t value_size;
  std::uint64_t first_block;
  std::int64_t expires;  // Unix milliseconds; 0: never.
  std::uint64_t hits;
  std::int64_t last_modified;  // Unix seconds.
};

std::uint32_t HashOfKey(std::string_view key);

class CacheMemory {
 public:
  static std::size_t SizeFor(const CacheDefinition& definition);
  // `data` has that size, and outlives this.
  CacheMemory(const CacheDefinition& definition, std::byte* data);

  std::uint64_t format() const { return format_; }
  CacheHeader& header() const { return *reinterpret_cast<CacheHeader*>(data_); }
  CacheRef& BucketOf(std::uint32_t hash) const;
  std::span<CacheRef> buckets() const;
  std::uint32_t items() const { return items_; }
  // Null of a ref that is none.
  CacheSlot* SlotAt(CacheRef ref) const;
  char* KeyAt(CacheRef ref) const;  // Of a ref that SlotAt knows.
  char* BlockAt(std::uint64_t block) const;
  bool HasValue(const CacheSlot& slot) const;  // All of its blocks are inside.
  std::string_view KeyOf(CacheRef ref, const CacheSlot& slot) const;

  // How many blocks a value takes.
  std::uint64_t BlocksFor(std::uint64_t size) const;
  // Runs of blocks. Without a bitmap each slot has the block of its own number.
  bool IsFree(std::uint64_t first, std::uint64_t count) const;
  void Mark(std::uint64_t first, std::uint64_t count, bool used) const;
  // The first of `count` free ones in a row; blocks() when there is no such place.
  std::uint64_t FindFree(std::uint64_t count) const;
  std::uint64_t blocks() const { return blocks_; }
  std::span<std::uint64_t> map() const;

 private:
  std::byte* const data_;
  const std::uint32_t items_;
  const std::uint32_t hashsize_;
  const std::uint64_t keysize_;
  const std::uint64_t blocksize_;
  const std::uint64_t blocks_;
  const std::uint64_t value_limit_;
  const std::uint64_t format_;
  std::size_t slots_at_ = 0;
  std::size_t keys_at_ = 0;
  std::size_t map_at_ = 0;
  std::size_t blocks_at_ = 0;
};

}  // namespace uwsgi
