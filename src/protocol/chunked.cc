// SPDX-License-Identifier: MIT

#include "protocol/chunked.h"

#include <algorithm>
#include <cstring>

#include "protocol/scan.h"

namespace uwsgi::protocol {

bool ChunkedDecoder::CountOverhead() {
  return ++overhead_ <= kMaxOverhead + decoded_ / kBytesForOne;
}

// These would change what the head has already said.
bool ChunkedDecoder::TrailerNameIsForbidden() const {
  const std::string_view name(trailer_name_.data(), trailer_name_size_);
  return name == "content-length" || name == "transfer-encoding" || name == "host";
}

ChunkedDecoder::At ChunkedDecoder::Next(char byte) {
  switch (at_) {
    case At::kSizeStart:
    case At::kSize: {
      const int digit = HexValue(byte);
      if (digit >= 0) {
        // Nothing has 2^63 bytes: waiting for them would be in vain.
        if (++digits_ > 16 || left_ >> 59 != 0) return At::kMalformed;
        left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
        return At::kSize;
      }
      if (digits_ == 0) return At::kMalformed;
      return byte == ';' ? At::kExtensionStart : byte == '\r' ? At::kSizeLf : At::kMalformed;
    }
    case At::kExtensionStart:
    case At::kExtension:
    case At::kQuoted:
    case At::kQuotedPair:
      return NextOfExtension(byte);
    case At::kSizeLf:
      digits_ = 0;
      if (byte != '\n') return At::kMalformed;
      return left_ == 0 ? At::kTrailerStart : At::kData;
    case At::kDataCr:
      return byte == '\r' ? At::kDataLf : At::kMalformed;
    case At::kDataLf:
      return byte == '\n' ? At::kSizeStart : At::kMalformed;
    case At::kTrailerStart:
      if (byte == '\r') return At::kEndLf;
      if (!IsTokenByte(byte)) return At::kMalformed;
      trailer_name_size_ = 0;
      [[fallthrough]];
    case At::kTrailerName:
      if (!CountOverhead()) return At::kMalformed;
      if (byte == ':') return TrailerNameIsForbidden() ? At::kMalformed : At::kTrailerValue;
      if (!IsTokenByte(byte)) return At::kMalformed;
      if (trailer_name_size_ < trailer_name_.size()) {
        trailer_name_[trailer_name_size_++] = ToLower(byte);
      }
      return At::kTrailerName;
    case At::kTrailerValue:
      if (byte == '\r') return At::kTrailerLf;
      return IsControl(byte) || !CountOverhead() ? At::kMalformed : At::kTrailerValue;
    case At::kTrailerLf:
      return byte == '\n' ? At::kTrailerStart : At::kMalformed;
    case At::kEndLf:
      return byte == '\n' ? At::kDone : At::kMalformed;
    case At::kData:
    case At::kDone:
    case At::kMalformed:
      break;
  }
  return At::kMalformed;
}

ChunkedDecoder::At ChunkedDecoder::NextOfExtension(char byte) {
  if (at_ == At::kExtension && byte == '\r') return At::kSizeLf;
  if (IsControl(byte) || !CountOverhead()) return At::kMalformed;
  switch (at_) {
    case At::kExtensionStart:
      if (byte == ' ' || byte == '\t') return At::kExtensionStart;
      return IsTokenByte(byte) ? At::kExtension : At::kMalformed;
    case At::kExtension:
      return byte == ';' ? At::kExtensionStart : byte == '"' ? At::kQuoted : At::kExtension;
    case At::kQuoted:
      return byte == '"' ? At::kExtension : byte == '\\' ? At::kQuotedPair : At::kQuoted;
    default:
      return At::kQuoted;
  }
}

ChunkedDecoder::Step ChunkedDecoder::Decode(std::string_view in, std::span<char> out) {
  Step step;
  while (at_ != At::kDone && at_ != At::kMalformed && step.consumed < in.size()) {
    if (at_ != At::kData) {
      at_ = Next(in[step.consumed++]);
      continue;
    }
    const std::size_t room = std::min(in.size() - step.consumed, out.size() - step.produced);
    if (room == 0) break;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(room, left_));
    // In place the bytes move towards the front: the ranges may overlap.
    std::memmove(out.data() + step.produced, in.data() + step.consumed, count);
    step.consumed += count;
    step.produced += count;
    left_ -= count;
    decoded_ += count;
    if (left_ == 0) at_ = At::kDataCr;
  }
  if (at_ == At::kDone) step.state = State::kDone;
  if (at_ == At::kMalformed) step.state = State::kMalformed;
  return step;
}

}  // namespace uwsgi::protocol
