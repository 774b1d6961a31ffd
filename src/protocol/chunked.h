// SPDX-License-Identifier: MIT
//
// The chunked transfer coding of a request body, RFC 9112 section 7.1, read strictly:
//
//   body    := chunk* "0" ext? CRLF trailer* CRLF
//   chunk   := size:hex+ ext? CRLF byte[size] CRLF
//
// Extensions and trailers are checked, bounded and dropped: at any moment there may have been
// kMaxOverhead bytes of them, and one more for every kBytesForOne of the body so far. Signed
// uploads need that, whose every chunk carries its signature. Only CRLF ends a line.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace uwsgi::protocol {

class ChunkedDecoder {
 public:
  static constexpr std::uint64_t kMaxOverhead = 16384;
  static constexpr std::uint64_t kBytesForOne = 16;

  enum class State {
    kMore,       // Wants more input, or more room.
    kDone,       // The body has ended; what follows belongs to the next request.
    kMalformed,  // Nothing of this connection can be trusted any more.
  };

  struct Step {
    std::size_t consumed = 0;  // Of `in`.
    std::size_t produced = 0;  // In `out`.
    State state = State::kMore;
  };

  void Reset() { *this = ChunkedDecoder(); }

  // Decodes from `in` until it is used up, `out` is full or the body has ended. With kMore
  // and input left over, `out` was full. `out` may start where `in` starts (decoding in place) or
  // not overlap it. After kDone and kMalformed it consumes nothing and says the same.
  Step Decode(std::string_view in, std::span<char> out);

 private:
  enum class At {
    kSizeStart,
    kSize,
    kExtensionStart,  // A name must follow.
    kExtension,
    kQuoted,      // In a quoted value,
    kQuotedPair,  // after its backslash.
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kEndLf,
    kDone,
    kMalformed
  };

  // The state after one byte outside of chunk data.
  At Next(char byte);
  At NextOfExtension(char byte);
  bool CountOverhead();
  bool TrailerNameIsForbidden() const;

  At at_ = At::kSizeStart;
  int digits_ = 0;
  std::uint64_t left_ = 0;               // Of the chunk.
  std::uint64_t decoded_ = 0;            // Bytes of the body so far.
  std::uint64_t overhead_ = 0;           // Of extensions and trailers.
  std::array<char, 20> trailer_name_{};  // Lower case, cut.
  std::size_t trailer_name_size_ = 0;
};

}  // namespace uwsgi::protocol
