// SPDX-License-Identifier: MIT
//
// Columns of the rows: group, name, aliases, short flag, metavar, field, help.

#include "ipc/lock_table.h"

#include <algorithm>

#include "base/check.h"
#include "options/option_spec.h"
#include "options/value_checks.h"

namespace uwsgi {
namespace {

// Pages that nobody touches cost nothing.
constexpr std::uint64_t kUsualLocks = 1024;

}  // namespace

RegionSpec LockTable::Spec(const LockOptions& options) {
  const std::uint64_t count = std::max(options.locks + 1, kUsualLocks);
  return {.name = std::string(kRegion),
          .lifetime = RegionLifetime::kInstance,
          .size = static_cast<std::size_t>(count) * sizeof(ProcessLock)};
}

LockTable::LockTable(const Region& region, const LockOptions& options)
    : locks_(reinterpret_cast<ProcessLock*>(region.data())),
      count_(static_cast<std::int64_t>(options.locks) + 1) {
  UWSGI_CHECK(region.spec().size >= static_cast<std::uint64_t>(count_) * sizeof(ProcessLock));
}

ProcessLock* LockTable::Find(std::int64_t number) const {
  return number >= 0 && number < count_ ? locks_ + number : nullptr;
}

int LockTable::UnlockOwn() const {
  int unlocked = 0;
  for (std::int64_t number = 0; number < count_; ++number) {
    if (locks_[number].IsOwn() && locks_[number].Unlock()) ++unlocked;
  }
  return unlocked;
}

namespace config {
namespace {

constexpr OptionSpec kRows[] = {
    {Group::kSharing, "locks", "", 0, "N", To<&LockOptions::locks, CheckAtMost<65536>>(),
     "Locks for uwsgi.lock(), numbered from 1; number 0 is always there."},
};

}  // namespace

OptionRows LockRows() { return kRows; }

}  // namespace config
}  // namespace uwsgi
