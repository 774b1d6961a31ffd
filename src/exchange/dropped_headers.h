// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>
#include <utility>

#include "base/underscore_names.h"
#include "ipc/noted_names.h"
#include "net/peer_address.h"

namespace uwsgi {

// Which headers with an underscore in their name reach applications, and the warnings of those that
// do not: one for each name. Any thread.
class DroppedHeaders {
 public:
  // `noted` outlives it, and is the generation's.
  DroppedHeaders(UnderscoreNames allowed, NotedNames& noted)
      : allowed_(std::move(allowed)), noted_(noted) {}

  const UnderscoreNames& allowed() const { return allowed_; }

  // The parser has left out a header, whose name is as `peer` spells it.
  void Note(std::string_view name, const PeerAddress& peer) const;

 private:
  const UnderscoreNames allowed_;
  NotedNames& noted_;
};

}  // namespace uwsgi
