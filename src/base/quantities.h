// SPDX-License-Identifier: MIT
//
// Values with a unit, as the configuration gives them.

#pragma once

#include <cstdint>

namespace uwsgi {

// A number of bytes; accepts K, M and G in configuration.
struct ByteCount {
  std::uint64_t bytes = 0;
  friend bool operator==(const ByteCount&, const ByteCount&) = default;
};

// A size that configuration gives in mebibytes (reload-on-rss and its like).
struct MebiBytes {
  std::uint64_t count = 0;
  friend bool operator==(const MebiBytes&, const MebiBytes&) = default;
};

// An octal file mode.
struct FileMode {
  std::uint32_t bits = 0;
  friend bool operator==(const FileMode&, const FileMode&) = default;
};

}  // namespace uwsgi
