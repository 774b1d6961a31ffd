// SPDX-License-Identifier: MIT
//
// A head of arbitrary bytes means the same whole and in pieces, and what is accepted is
// a request that the gateway may see. The first byte of the input sets the pieces' size.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "protocol/http_request.h"
#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

using Status = HttpHeadParser::Status;

constexpr HttpLimits kLimits = {.max_request_line = 1000, .max_head = 4000, .max_headers = 30};

void CheckRequest(const Request& request, const HttpHeadParser& parser) {
  UWSGI_CHECK(IsToken(request.method));
  UWSGI_CHECK(!HasControl(request.uri));
  UWSGI_CHECK(request.uri.find(' ') == std::string_view::npos);
  UWSGI_CHECK(request.path_info.find('\0') == std::string_view::npos);
  UWSGI_CHECK(request.content_length.has_value() != parser.chunked());
  UWSGI_CHECK(parser.minor_version() == 0 || parser.minor_version() == 1);
  for (const Var& var : request.vars) {
    UWSGI_CHECK(var.key != "HTTP_PROXY" && var.key != "HTTP_X_FORWARDED_FOR");
    if (var.key == "PATH_INFO") continue;
    UWSGI_CHECK(!HasControl(var.value));
  }
}

// What http-allow-underscore lets through comes from trusted peers alone, and in no other spelling.
void TestAllowed(std::string_view head) {
  static const UnderscoreNames names = *UnderscoreNames::Parse("X_User,X_a-B");
  HttpHeadParser trusted;
  HttpHeadParser stranger;
  trusted.Reset(&names, true);
  stranger.Reset(&names, false);
  const Status status = trusted.Parse(head, kLimits);
  UWSGI_CHECK(status == stranger.Parse(head, kLimits));
  if (status != Status::kDone) return;
  for (std::size_t i = 0; i < trusted.dropped_count(); ++i) {
    UWSGI_CHECK(!names.Has(trusted.dropped_name(head, i)));
  }
  Request request;
  UWSGI_CHECK(stranger.FillRequest(head, {}, request).ok());
  for (const Var& var : request.vars) {
    UWSGI_CHECK(var.key != "HTTP_X_USER" && var.key != "HTTP_X_A_B");
  }
}

void TestOne(std::string_view input) {
  if (input.empty()) return;
  const auto piece = static_cast<std::size_t>(static_cast<unsigned char>(input[0])) + 1;
  const std::string head(input.substr(1));
  TestAllowed(head);

  HttpHeadParser whole;
  HttpHeadParser in_pieces;
  const Status status = whole.Parse(head, kLimits);
  Status pieces_status = Status::kNeedMore;
  for (std::size_t size = 0; pieces_status == Status::kNeedMore && size < head.size();) {
    size = std::min(head.size(), size + piece);
    const std::string moved = head.substr(0, size);
    pieces_status = in_pieces.Parse(moved, kLimits);
  }
  UWSGI_CHECK(status == pieces_status);
  UWSGI_CHECK(whole.error_status() == in_pieces.error_status());
  if (status != Status::kDone) return;
  UWSGI_CHECK(whole.head_size() == in_pieces.head_size());

  Request request;
  Request pieces_request;
  CgiDefaults defaults;
  defaults.server_name = "vm";
  defaults.server_port = "80";
  defaults.trust_forwarded = false;
  UWSGI_CHECK(whole.FillRequest(head, defaults, request).ok());
  UWSGI_CHECK(in_pieces.FillRequest(head, defaults, pieces_request).ok());
  UWSGI_CHECK(request.vars.size() == pieces_request.vars.size());
  for (std::size_t i = 0; i < request.vars.size(); ++i) {
    UWSGI_CHECK(request.vars[i].key == pieces_request.vars[i].key);
    UWSGI_CHECK(request.vars[i].value == pieces_request.vars[i].value);
  }
  CheckRequest(request, whole);
}

}  // namespace
}  // namespace uwsgi::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  uwsgi::protocol::TestOne({static_cast<const char*>(static_cast<const void*>(data)), size});
  return 0;
}
