// SPDX-License-Identifier: MIT
//
// The numbered locks of uwsgi.lock(), shared by all processes of the instance: those of a
// generation that goes and of the one that comes exclude each other, too.

#pragma once

#include <cstdint>
#include <string_view>

#include "ipc/process_lock.h"
#include "ipc/region.h"
#include "options/rows.h"

namespace uwsgi {

struct LockOptions {
  std::uint64_t locks = 0;  // Beside number 0, which is always there.
};

class LockTable {
 public:
  static constexpr std::string_view kRegion = "locks";
  // Of the memory for these options. A few more or less locks fit into the same.
  static RegionSpec Spec(const LockOptions& options);

  // `region` was made by Spec(options), and outlives this.
  LockTable(const Region& region, const LockOptions& options);

  // Null when there is no lock of this number.
  ProcessLock* Find(std::int64_t number) const;
  // Unlocks what the calling thread has. Returns how many those were.
  int UnlockOwn() const;

 private:
  ProcessLock* const locks_;
  const std::int64_t count_;
};

namespace config {
OptionRows LockRows();
}  // namespace config

}  // namespace uwsgi
