// SPDX-License-Identifier: MIT
//
// The header fields that decide what is sent of a file: arbitrary values lead to one of the known
// outcomes, and to no range outside of the file.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "protocol/accept_encoding.h"
#include "protocol/byte_ranges.h"
#include "protocol/preconditions.h"

namespace uwsgi::protocol {
namespace {

constexpr std::array<std::string_view, 7> kNames = {
    "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_RANGE", "HTTP_RANGE",         "HTTP_ACCEPT_ENCODING"};
constexpr std::array<std::string_view, 3> kCodings = {"br", "zstd", "gzip"};
constexpr Validators kFile{"\"5f-1\"", 1'700'000'000};
constexpr std::time_t kNow = 1'795'000'000;

void TestRanges(std::string_view field, std::uint64_t size) {
  std::vector<ByteRange> ranges;
  if (ParseByteRanges(field, size, ranges) != RangeOutcome::kPartial) return;
  UWSGI_CHECK(!ranges.empty());
  for (const ByteRange& range : ranges) {
    UWSGI_CHECK(range.count > 0 && range.first < size && range.count <= size - range.first);
  }
}

// Each line is the value of one of the fields, with nothing behind it.
void TestOne(std::string_view input) {
  Request request;
  request.method = "GET";
  std::vector<std::vector<char>> values;
  while (values.size() < kNames.size()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    values.emplace_back(line.begin(), line.end());
    if (line.size() == input.size()) break;
    input.remove_prefix(line.size() + 1);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    request.vars.push_back({kNames[i], {values[i].data(), values[i].size()}});
  }
  const ConditionalFields fields = FindConditionalFields(request);
  const int code = EvaluatePreconditions(fields, kFile, kNow);
  UWSGI_CHECK(code == 200 || code == 304 || code == 412);
  const bool applies = RangeApplies(fields, kFile, kNow);
  UWSGI_CHECK(applies == !fields.range.empty() || !fields.if_range.empty());
  for (const std::uint64_t size : {0ULL, 1ULL, 5000ULL, ~0ULL}) TestRanges(fields.range, size);
  const std::string_view coding = ChooseCoding(fields.accept_encoding, kCodings);
  UWSGI_CHECK(coding.empty() || !fields.accept_encoding.empty());
}

}  // namespace
}  // namespace uwsgi::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  uwsgi::protocol::TestOne({static_cast<const char*>(static_cast<const void*>(data)), size});
  return 0;
}
