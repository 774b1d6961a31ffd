// SPDX-License-Identifier: MIT

#include "exchange/dropped_headers.h"

#include <string>

#include "base/ascii.h"
#include "base/log.h"

namespace uwsgi {

void DroppedHeaders::Note(std::string_view name, const PeerAddress& peer) const {
  constexpr std::size_t kMostShown = 100;
  switch (noted_.Note(ToLower(name))) {
    case NotedNames::Outcome::kKnown:
      return;
    case NotedNames::Outcome::kLast:
      LogWarning(
          "more than {} names of headers with \"_\" were left out: those that follow are not "
          "named",
          noted_.hashes.size());
      return;
    case NotedNames::Outcome::kNew:
      break;
  }
  std::string_view reason =
      "a name with \"_\" may pose as another; http-allow-underscore lets it through from "
      "forwarded-allow-from";
  if (allowed_.Has(name)) {
    reason = "http-allow-underscore lets it through from forwarded-allow-from alone";
  } else if (allowed_.Claims(name)) {
    reason = "it would pose as the name in http-allow-underscore";
  }
  LogWarning("the header {} from {} is left out: {}", name.substr(0, kMostShown),
             peer.is_unix() ? "a local peer" : peer.text.data(), reason);
}

}  // namespace uwsgi
