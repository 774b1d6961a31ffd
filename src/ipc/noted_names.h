// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace uwsgi {

// Names about which something was said to the operator, so that nobody says it again. Shared by
// all workers of a generation; lock-free, and bounded whatever clients send.
struct NotedNames {
  enum class Outcome {
    kNew,
    kKnown,
    kLast,  // New, and the first for which there is no room: there is no kNew after it.
  };

  // Names are told apart by the 64 bits of a hash.
  Outcome Note(std::string_view name);

  std::array<std::atomic<std::uint64_t>, 64> hashes;
  std::atomic<bool> is_full;
};

}  // namespace uwsgi
