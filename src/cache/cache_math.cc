// SPDX-License-Identifier: MIT
//
// Numbers in a cache: 8 bytes, little-endian, with a sign. They wrap around.

#include <cstring>

#include "cache/cache.h"
#include "cache/cache_guard.h"

namespace uwsgi {
namespace {

constexpr std::size_t kNumberSize = sizeof(std::int64_t);

std::int64_t Apply(CacheMath math, std::int64_t value, std::int64_t operand) {
  const auto left = static_cast<std::uint64_t>(value);
  const auto right = static_cast<std::uint64_t>(operand);
  switch (math) {
    case CacheMath::kAdd:
      return static_cast<std::int64_t>(left + right);
    case CacheMath::kSubtract:
      return static_cast<std::int64_t>(left - right);
    case CacheMath::kMultiply:
      return static_cast<std::int64_t>(left * right);
    case CacheMath::kDivide:
      break;
  }
  if (operand == 0) return 0;
  return operand == -1 ? static_cast<std::int64_t>(0 - left) : value / operand;
}

}  // namespace

CacheOutcome Cache::Calculate(std::string_view key, CacheMath math, std::int64_t operand,
                              std::int64_t expires, Patience patience) {
  if (!Fits(key) || definition_->value_limit() < kNumberSize) return CacheOutcome::kRefused;
  Guard guard(*this, patience);
  if (!guard) return CacheOutcome::kBusy;
  if (const CacheRef ref = FindLive(key); ref != 0) {
    CacheSlot& slot = *memory_.SlotAt(ref);
    if (slot.value_size != kNumberSize) return CacheOutcome::kRefused;
    std::int64_t number = 0;
    std::memcpy(&number, ValueOf(slot).data(), kNumberSize);
    number = Apply(math, number, operand);
    // One instruction: who dies leaves the one number or the other.
    std::memcpy(memory_.BlockAt(slot.first_block), &number, kNumberSize);
    Use(ref, slot);
    return CacheOutcome::kDone;
  }
  const std::int64_t number = Apply(math, definition_->math_initial, operand);
  const std::string_view bytes(reinterpret_cast<const char*>(&number), kNumberSize);
  return InsertWithRoom(key, bytes, ExpiryAfter(expires)) ? CacheOutcome::kDone
                                                          : CacheOutcome::kRefused;
}

CacheOutcome Cache::Number(std::string_view key, std::int64_t& number, Patience patience) {
  Guard guard(*this, patience);
  if (!guard) return CacheOutcome::kBusy;
  const CacheSlot* const slot = Fits(key) ? memory_.SlotAt(FindLive(key)) : nullptr;
  number = 0;
  if (slot == nullptr || slot->value_size != kNumberSize) return CacheOutcome::kDone;
  std::memcpy(&number, ValueOf(*slot).data(), kNumberSize);
  return CacheOutcome::kDone;
}

}  // namespace uwsgi
