// SPDX-License-Identifier: MIT

#include "base/owned_fds.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <climits>
#include <cstddef>

namespace uwsgi {
namespace {

using Word = unsigned long;

constexpr std::size_t kBits = sizeof(Word) * CHAR_BIT;
// As many as the kernel lets a process have by default (fs.nr_open). Memory that nobody touches
// is none.
constexpr std::size_t kMost = std::size_t{1} << 20;

static_assert(std::atomic<Word>::is_always_lock_free);

// Zero at first, whoever owns a descriptor before main.
constinit std::array<std::atomic<Word>, kMost / kBits>
    owned{};  // NOLINT(*-avoid-non-const-global-variables): descriptors are the process's.

bool IsCounted(int fd) { return fd >= 0 && static_cast<std::size_t>(fd) < kMost; }

std::atomic<Word>& WordOf(int fd) { return owned[static_cast<std::size_t>(fd) / kBits]; }

Word BitOf(int fd) { return Word{1} << (static_cast<std::size_t>(fd) % kBits); }

}  // namespace

void NoteOwnedFd(int fd) noexcept {
  if (IsCounted(fd)) WordOf(fd).fetch_or(BitOf(fd), std::memory_order_relaxed);
}

void ForgetOwnedFd(int fd) noexcept {
  if (IsCounted(fd)) WordOf(fd).fetch_and(~BitOf(fd), std::memory_order_relaxed);
}

void CloseOwnedFds() noexcept {
  for (std::size_t index = 0; index < owned.size(); ++index) {
    if (owned[index].load(std::memory_order_relaxed) == 0) continue;
    Word left = owned[index].exchange(0, std::memory_order_relaxed);
    for (; left != 0; left &= left - 1) {
      ::close(static_cast<int>(index * kBits) + std::countr_zero(left));
    }
  }
}

}  // namespace uwsgi
