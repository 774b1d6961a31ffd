// SPDX-License-Identifier: MIT
//
// The response to a request for a file: RFC 9110 sections 8.8, 13 and 14.

#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "protocol/preconditions.h"
#include "uwsgi/response.h"

namespace uwsgi {

// A response that is ready to send: `head()`, then the body's parts, unless the request is a HEAD.
struct FileResponse {
  // Some text, then `count` bytes of the file from `offset`.
  struct Part {
    std::string before;
    std::uint64_t offset = 0;
    std::uint64_t count = 0;
  };

  UniqueFd fd;
  int code = 200;      // 200, 206, 304, 404, 412, 416 or 503.
  std::string fields;  // "Name: value\r\n" lines.
  int field_count = 0;
  std::vector<Part> parts;  // Empty when there is no body.
  std::string after;        // Follows the last part.

  // Views into this object: it must neither move nor go while they are used.
  ResponseHead head() const;
  std::uint64_t body_size() const;
};

// A file that was found for a request.
struct FoundFile {
  UniqueFd fd;
  struct stat status = {};
  std::string_view type;    // Content-Type
  std::string_view coding;  // Content-Encoding, if compressed content is sent instead.
  bool varies = false;      // There may be such content.
  std::optional<std::time_t> keep_until;  // Expires
  // Set where the server has compressed the file by itself: the size of what `fd` has. `status` is
  // the file's own then.
  std::optional<std::uint64_t> encoded_size;

  void EncodeAs(std::string_view name, std::uint64_t size) {
    coding = name;
    encoded_size = size;
  }
  void StayAsItIs() {
    coding = {};
    encoded_size.reset();
  }
};

// 503, for the server's own answer: there may be such a file, but OpenedFile::shortage says why it
// can not be opened. Logs it.
FileResponse MakeUnavailable(int shortage);

// What the request's conditions come to: 200, 304 or 412. `now` is the wall clock.
int EvaluateConditions(const FoundFile& file, const protocol::ConditionalFields& fields,
                       std::time_t now);

FileResponse MakeFileResponse(FoundFile file, const protocol::ConditionalFields& fields,
                              std::time_t now);

}  // namespace uwsgi
