// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/response_filter.h"

namespace uwsgi::testing {

// The next filter of one that is tested: notes what comes.
class RecordingFilter final : public ResponseFilter {
 public:
  struct Head {
    int code;
    std::string fields;
    BodyPlan plan;
  };

  Passed SendHead(ResponseHead& head, BodyPlan& plan) override {
    heads.push_back({head.code, std::string(head.fields), plan});
    if (promise) plan.length = promise;
    return Passed::kOn;
  }
  Passed SendBody(const BodyPieces& pieces, Rest rest) override {
    std::string text;
    for (const std::string_view piece : pieces.pieces) text += piece;
    body += text.substr(0, pieces.size);
    rests.push_back(rest);
    return outcome;
  }
  Passed SendFile(const FilePart& part, Rest rest) override {
    file_sizes.push_back(part.count);
    rests.push_back(rest);
    return outcome;
  }

  Passed outcome = Passed::kOn;
  std::optional<std::uint64_t> promise;  // What it says that the client is promised.
  std::vector<Head> heads;
  std::string body;
  std::vector<std::uint64_t> file_sizes;
  std::vector<Rest> rests;
};

// Of one piece.
inline Passed SendText(ResponseFilter& filter, std::string_view text, Rest rest) {
  return filter.SendBody({{&text, 1}, text.size()}, rest);
}

}  // namespace uwsgi::testing
