// SPDX-License-Identifier: MIT

#include "cache/cache_memory.h"

#include <algorithm>

namespace uwsgi {
namespace {

constexpr std::size_t kHeaderSize = 4096;
// Changes with the layout, so that a file of another version is known.
constexpr std::uint32_t kVersion = 1;

constexpr std::size_t RoundUp(std::size_t size) { return (size + 63) / 64 * 64; }

std::size_t BucketBytes(const CacheDefinition& it) {
  return RoundUp(it.hashsize * sizeof(CacheRef));
}
std::size_t SlotBytes(const CacheDefinition& it) { return RoundUp(it.items * sizeof(CacheSlot)); }
std::size_t KeyBytes(const CacheDefinition& it) { return RoundUp(it.items * it.keysize); }
std::size_t MapBytes(const CacheDefinition& it) { return RoundUp((it.blocks + 63) / 64 * 8); }

}  // namespace

std::uint32_t HashOfKey(std::string_view key) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a.
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

std::size_t CacheMemory::SizeFor(const CacheDefinition& it) {
  return kHeaderSize + BucketBytes(it) + SlotBytes(it) + KeyBytes(it) + MapBytes(it) +
         it.blocks * it.blocksize;
}

CacheMemory::CacheMemory(const CacheDefinition& it, std::byte* data)
    : data_(data),
      items_(static_cast<std::uint32_t>(it.items)),
      hashsize_(static_cast<std::uint32_t>(it.hashsize)),
      keysize_(it.keysize),
      blocksize_(it.blocksize),
      blocks_(it.blocks),
      value_limit_(it.value_limit()),
      format_(std::uint64_t{HashOfKey(it.Text())} << 32 | kVersion),
      slots_at_(kHeaderSize + BucketBytes(it)),
      keys_at_(slots_at_ + SlotBytes(it)),
      map_at_(keys_at_ + KeyBytes(it)),
      blocks_at_(map_at_ + MapBytes(it)) {
  static_assert(sizeof(CacheHeader) <= kHeaderSize);
}

std::span<CacheRef> CacheMemory::buckets() const {
  return {reinterpret_cast<CacheRef*>(data_ + kHeaderSize), hashsize_};
}

CacheRef& CacheMemory::BucketOf(std::uint32_t hash) const { return buckets()[hash % hashsize_]; }

CacheSlot* CacheMemory::SlotAt(CacheRef ref) const {
  if (ref == 0 || ref > items_) return nullptr;
  return reinterpret_cast<CacheSlot*>(data_ + slots_at_) + (ref - 1);
}

char* CacheMemory::KeyAt(CacheRef ref) const {
  return reinterpret_cast<char*>(data_ + keys_at_) + (ref - 1) * keysize_;
}

char* CacheMemory::BlockAt(std::uint64_t block) const {
  return reinterpret_cast<char*>(data_ + blocks_at_) + block * blocksize_;
}

bool CacheMemory::HasValue(const CacheSlot& slot) const {
  return slot.value_size > 0 && slot.value_size <= value_limit_ && slot.first_block < blocks_ &&
         BlocksFor(slot.value_size) <= blocks_ - slot.first_block;
}

std::string_view CacheMemory::KeyOf(CacheRef ref, const CacheSlot& slot) const {
  return {KeyAt(ref), std::min<std::size_t>(slot.key_size, keysize_)};
}

std::uint64_t CacheMemory::BlocksFor(std::uint64_t size) const {
  return (size + blocksize_ - 1) / blocksize_;
}

std::span<std::uint64_t> CacheMemory::map() const {
  return {reinterpret_cast<std::uint64_t*>(data_ + map_at_), (blocks_ + 63) / 64};
}

bool CacheMemory::IsFree(std::uint64_t first, std::uint64_t count) const {
  for (std::uint64_t block = first; block < first + count; ++block) {
    if ((map()[block / 64] >> (block % 64) & 1) != 0) return false;
  }
  return true;
}

void CacheMemory::Mark(std::uint64_t first, std::uint64_t count, bool used) const {
  for (std::uint64_t block = first; block < std::min(first + count, blocks_); ++block) {
    const std::uint64_t bit = std::uint64_t{1} << (block % 64);
    std::uint64_t& word = map()[block / 64];
    word = used ? word | bit : word & ~bit;
  }
}

std::uint64_t CacheMemory::FindFree(std::uint64_t count) const {
  std::uint64_t run = 0;
  for (std::uint64_t block = 0; block < blocks_;) {
    const std::uint64_t word = map()[block / 64];
    if (block % 64 == 0 && word == ~std::uint64_t{0}) {
      run = 0;
      block += 64;
      continue;
    }
    run = (word >> (block % 64) & 1) != 0 ? 0 : run + 1;
    ++block;
    if (run == count) return block - count;
  }
  return blocks_;
}

}  // namespace uwsgi
