// SPDX-License-Identifier: MIT

#include "protocol/byte_ranges.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

constexpr std::string_view kUnit = "bytes=";
constexpr std::size_t kMostRanges = 16;

// Digits only. A number that does not fit counts as the largest.
std::optional<std::uint64_t> ParsePosition(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return error == std::errc::result_out_of_range ? UINT64_MAX : number;
}

// One range-spec. False if it is malformed; `range.count` is 0 if there is nothing of it.
bool ParseOne(std::string_view text, std::uint64_t size, ByteRange& range) {
  range = {};
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return false;
  const auto last = ParsePosition(text.substr(dash + 1));
  if (dash == 0) {  // The last so many bytes.
    if (!last) return false;
    range.count = std::min(*last, size);
    range.first = size - range.count;
    return true;
  }
  const auto first = ParsePosition(text.substr(0, dash));
  if (!first || (!last && dash + 1 != text.size()) || (last && *last < *first)) return false;
  if (*first >= size) return true;
  range.first = *first;
  range.count = (last ? std::min(*last, size - 1) : size - 1) - *first + 1;
  return true;
}

bool Overlap(const std::vector<ByteRange>& ranges) {
  std::vector<ByteRange> sorted = ranges;
  std::ranges::sort(sorted, {}, &ByteRange::first);
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].first < sorted[i - 1].first + sorted[i - 1].count) return true;
  }
  return false;
}

}  // namespace

RangeOutcome ParseByteRanges(std::string_view field, std::uint64_t size,
                             std::vector<ByteRange>& ranges) {
  ranges.clear();
  if (!EqualsIgnoringCase(field.substr(0, kUnit.size()), kUnit)) return RangeOutcome::kWhole;
  field.remove_prefix(kUnit.size());
  std::size_t specs = 0;
  for (std::string_view text; NextListElement(field, text);) {
    ByteRange range;
    if (++specs > kMostRanges || !ParseOne(text, size, range)) return RangeOutcome::kWhole;
    if (range.count > 0) ranges.push_back(range);
  }
  if (specs == 0) return RangeOutcome::kWhole;
  if (ranges.empty()) return RangeOutcome::kUnsatisfiable;
  return Overlap(ranges) ? RangeOutcome::kWhole : RangeOutcome::kPartial;
}

}  // namespace uwsgi::protocol
