// SPDX-License-Identifier: MIT

#include "net/lingering.h"

#include <array>
#include <limits>
#include <utility>

namespace uwsgi {
namespace {

// One turn throws away at most so much, so that others get theirs.
constexpr int kReadsPerTurn = 16;
constexpr std::size_t kReadSize = 64 * 1024;

}  // namespace

void Lingering::Begin(std::uint64_t now) {
  ends_at_ = now + static_cast<std::uint64_t>(kTotal.count());
  unsent_ = std::numeric_limits<std::size_t>::max();
}

IoStatus Lingering::Discard(PeerSocket& socket) const {
  std::array<char, kReadSize> rubbish;
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    const IoStatus status = socket.Receive(rubbish).status;
    if (status == IoStatus::kWouldBlock && reads > 0) return IoStatus::kOk;
    if (status != IoStatus::kOk) return status;
  }
  return IoStatus::kOk;
}

bool Lingering::HasTimeLeft(std::uint64_t now) const {
  return now + static_cast<std::uint64_t>(kPause.count()) <= ends_at_;
}

bool Lingering::HasProgress(const PeerSocket& socket) {
  const std::size_t unsent = socket.unsent();
  return unsent > 0 && unsent < std::exchange(unsent_, unsent);
}

}  // namespace uwsgi
