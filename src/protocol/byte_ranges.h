// SPDX-License-Identifier: MIT
//
// The Range field: RFC 9110 section 14.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace uwsgi::protocol {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

enum class RangeOutcome {
  kWhole,    // No range, a malformed one, or a unit that we do not know: as if it were absent.
  kPartial,  // `ranges` are to be sent, in the order in which they were asked for.
  kUnsatisfiable,  // 416
};

// Ranges of a content of `size` bytes. Ranges beyond its end are left out or cut. Many ranges, and
// those that overlap or ask for more than there is, are a way to make a server work for nothing:
// they get the whole content.
RangeOutcome ParseByteRanges(std::string_view field, std::uint64_t size,
                             std::vector<ByteRange>& ranges);

}  // namespace uwsgi::protocol
