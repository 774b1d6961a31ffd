// SPDX-License-Identifier: MIT
//
// Arbitrary bytes of a client make the same events in one piece and in many, and no message beyond
// the limit. The first byte of the input sets the size of the pieces and whether messages may be
// compressed.

#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "websocket/message_reader.h"

namespace uwsgi::websocket {
namespace {

constexpr std::size_t kLimit = 4096;

using Event = MessageReader::Event;

std::vector<std::string> EventsOf(std::string_view bytes, std::size_t piece_size, bool inflates) {
  MessageReader reader({kLimit, inflates});
  std::vector<std::string> events;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, piece_size);
    bytes.remove_prefix(piece.size());
    for (Event event{}; (event = reader.Next(piece)) != Event::kNeedMore;) {
      const bool is_message = event == Event::kMessage;
      std::string payload = is_message ? reader.TakePayload() : std::string(reader.payload());
      UWSGI_CHECK(payload.size() <= (is_message ? kLimit : kControlLimit));
      events.push_back(static_cast<char>(event) + std::move(payload));
      if (event != Event::kClose && event != Event::kFailed) continue;
      UWSGI_CHECK(event == Event::kClose || IsSendable(reader.close_code()));
      return events;
    }
    UWSGI_CHECK(piece.empty());
  }
  return events;
}

void TestOne(std::string_view input) {
  if (input.empty()) return;
  const auto choice = static_cast<unsigned char>(input.front());
  const bool inflates = (choice & 1U) != 0;
  const std::string_view bytes = input.substr(1);
  UWSGI_CHECK(EventsOf(bytes, bytes.size(), inflates) ==
              EventsOf(bytes, choice / 2U + 1, inflates));
}

}  // namespace
}  // namespace uwsgi::websocket

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  uwsgi::websocket::TestOne({static_cast<const char*>(static_cast<const void*>(data)), size});
  return 0;
}
