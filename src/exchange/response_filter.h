// SPDX-License-Identifier: MIT
//
// A response passes a chain of filters on its way from the application to the socket:
//
//   ResponseStream -> FileFilter -> LengthFilter -> CompressionFilter -> FramingFilter
//                                                                     -> ResponseOutput
//
// Each knows the next only, and those that have nothing to do are left out. A filter belongs to an
// exchange and is used for one response after the other.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/send_queue.h"
#include "uwsgi/response.h"

namespace uwsgi {

// What is known of a body when its head is sent. Filters correct it on the way.
struct BodyPlan {
  enum class Kind {
    kPieces,
    kFile,  // Sent as it is.
    kNone,  // The connection ends behind the head, whatever that promises.
  };

  Kind kind = Kind::kPieces;
  // All of the body is here, and is so long: the application will not read any more.
  std::optional<std::uint64_t> whole = {};
  // What the head promises: by the application's own Content-Length, and behind the framing as the
  // client sees it.
  std::optional<std::uint64_t> length = {};
  // The response may have one: LengthFilter decides.
  bool has_body = true;
};

// The first `size` bytes of `pieces`.
struct BodyPieces {
  std::span<const std::string_view> pieces;
  std::uint64_t size = 0;
};

// `count` bytes of a regular file from `offset`.
struct FilePart {
  const SharedFile* shared = nullptr;  // Null: `fd`, which stays the application's.
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t count = 0;
};

// What follows a piece of a body.
enum class Rest {
  kSoon,  // More, before the caller does anything else: nothing is sent until then.
  kMore,  // More, whenever the application has it.
  kEnd,   // Nothing.
  kCut,   // Nothing, although more was promised.
};

// What became of a step.
enum class Passed {
  kOn,           // The response goes on.
  kAnswered,     // A filter has answered instead of the application: nothing follows.
  kUnavailable,  // There are no descriptors for a file. Nothing of the piece was sent.
  kBroken,       // The response can not be completed.
  kFailed,       // The output has failed, and knows why.
};

class ResponseFilter {
 public:
  virtual ~ResponseFilter() = default;

  // Once, before anything else. `head` may be changed, and its views may be the filters' then; both
  // are the caller's and stay for as long as the response takes. Nothing is sent before the first
  // piece of body, which may be empty.
  virtual Passed SendHead(ResponseHead& head, BodyPlan& plan) = 0;
  virtual Passed SendBody(const BodyPieces& body, Rest rest) = 0;
  virtual Passed SendFile(const FilePart& part, Rest rest) = 0;
};

}  // namespace uwsgi
