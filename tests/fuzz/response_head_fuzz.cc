// SPDX-License-Identifier: MIT
//
// Whatever an application says, the head on the wire has as many lines as it should, and no
// framing but ours. The input is strings, each ended by byte 0xFE: a status, then names and values.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "protocol/response_head.h"
#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

std::string_view TakeString(std::string_view& input) {
  const std::size_t end = std::min(input.find('\xfe'), input.size());
  const std::string_view string = input.substr(0, end);
  input.remove_prefix(std::min(input.size(), end + 1));
  return string;
}

// Goes through the lines of a head as a client would.
void CheckHead(std::string_view head, int lines_wanted) {
  UWSGI_CHECK(head.ends_with("\r\n\r\n"));
  int lines = 0;
  int lengths = 0;
  while (head != "\r\n") {
    const std::size_t end = FindControl(head);
    UWSGI_CHECK(head.substr(end, 2) == "\r\n" && end != 0);
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (lines++ == 0) {
      UWSGI_CHECK(line.starts_with("HTTP/1.1 ") && line.size() > 13);
      continue;
    }
    const std::string_view name = line.substr(0, line.find(':'));
    UWSGI_CHECK(IsToken(name) && name.size() < line.size());
    if (EqualsIgnoringCase(name, "content-length")) ++lengths;
    if (EqualsIgnoringCase(name, "transfer-encoding")) ++lengths;
  }
  UWSGI_CHECK(lengths <= 1);
  UWSGI_CHECK(lines == lines_wanted);
}

void TestOne(std::string_view input) {
  ResponseHeadBuilder builder(1000);
  if (builder.SetStatus(TakeString(input)) != HeadError::kNone) {
    UWSGI_CHECK(!builder.has_status());
    builder.SetStatus("200 OK");
  }
  while (!input.empty()) {
    const std::string_view name = TakeString(input);
    const std::string_view value = TakeString(input);
    const HeadError error = builder.Add(name, value);
    UWSGI_CHECK((error == HeadError::kNone) == HeadErrorText(error).empty());
  }
  const ResponseHead head = builder.head();
  int lines = 1;
  for (std::size_t at = head.fields.find('\n'); at != std::string_view::npos;
       at = head.fields.find('\n', at + 1)) {
    ++lines;
  }
  UWSGI_CHECK(lines <= head.field_count + 1);
  ResponseFraming framing;
  framing.content_length = head.content_length;
  framing.chunked = !head.content_length;
  std::string out;
  AppendResponseHead(head, framing, out);
  CheckHead(out, lines + 2);  // Connection and the framing.
}

}  // namespace
}  // namespace uwsgi::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  uwsgi::protocol::TestOne({static_cast<const char*>(static_cast<const void*>(data)), size});
  return 0;
}
