// SPDX-License-Identifier: MIT
//
// What the pure part of a request costs: a browser's head, nginx's variables, a framework's
// response head, a log line.

#include <string>

#include "protocol/cgi_vars.h"
#include "protocol/chunked.h"
#include "protocol/http_request.h"
#include "protocol/request_log.h"
#include "protocol/response_head.h"
#include "protocol/scan.h"
#include "protocol/uwsgi_packet.h"
#include "stopwatch.h"

namespace uwsgi::protocol {
namespace {

using bench::Keep;
using bench::Measure;

// 528 bytes.
constexpr std::string_view kBrowserHead =
    "GET /accounts/profile/?tab=security&page=2 HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Referer: https://www.example.com/accounts/\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: csrftoken=kq3VnL0aWc8Xy2R5; sessionid=x7k2m9q4w8e1r5t3\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Pragma: no-cache\r\n"
    "\r\n";

std::string NginxBlock() {
  constexpr Var kVars[] = {
      {"QUERY_STRING", "tab=security&page=2"},
      {"REQUEST_METHOD", "GET"},
      {"CONTENT_TYPE", ""},
      {"CONTENT_LENGTH", ""},
      {"REQUEST_URI", "/accounts/profile/?tab=security&page=2"},
      {"PATH_INFO", "/accounts/profile/"},
      {"DOCUMENT_ROOT", "/usr/share/nginx/html"},
      {"SERVER_PROTOCOL", "HTTP/1.1"},
      {"REQUEST_SCHEME", "http"},
      {"REMOTE_ADDR", "127.0.0.1"},
      {"REMOTE_PORT", "47110"},
      {"SERVER_PORT", "80"},
      {"SERVER_NAME", "www.example.com"},
      {"HTTP_HOST", "www.example.com"},
      {"HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
      {"HTTP_ACCEPT", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
      {"HTTP_ACCEPT_LANGUAGE", "en-US,en;q=0.5"},
      {"HTTP_ACCEPT_ENCODING", "gzip, deflate, br"},
      {"HTTP_REFERER", "https://www.example.com/accounts/"},
      {"HTTP_COOKIE", "csrftoken=kq3VnL0aWc8Xy2R5; sessionid=x7k2m9q4w8e1r5t3"},
  };
  std::string block;
  const auto append = [&block](std::string_view text) {
    block += static_cast<char>(text.size() & 0xff);
    block += static_cast<char>(text.size() >> 8);
    block += text;
  };
  for (const Var& var : kVars) {
    append(var.key);
    append(var.value);
  }
  return block;
}

void MeasureRequests(Request& request, const CgiDefaults& defaults) {
  Measure("http: look for control characters only", [] {
    for (std::size_t at = 0; at < kBrowserHead.size(); at += 2) {
      at = FindControl(kBrowserHead, at);
      Keep(at);
    }
  });
  HttpHeadParser parser;
  const HttpLimits limits;
  Measure("http: parse the head", [&] {
    parser.Reset();
    Keep(parser.Parse(kBrowserHead, limits));
  });
  Measure("http: fill the request",
          [&] { Keep(parser.FillRequest(kBrowserHead, defaults, request).ok()); });
  const std::string block = NginxBlock();
  Measure("uwsgi: parse the variables", [&] {
    request.vars.clear();
    Keep(ParseVars(block, 1024, request.vars).ok());
  });
  Measure("uwsgi: parse and index the variables", [&] {
    request.vars.clear();
    Keep(ParseVars(block, 1024, request.vars).ok());
    Keep(IndexVars(request, defaults).ok());
  });
}

void MeasureResponses(const Request& request) {
  ResponseHeadBuilder builder;
  Measure("response: build a head of 6 headers", [&] {
    builder.Clear();
    builder.SetStatus("200 OK");
    builder.Add("Content-Type", "text/html; charset=utf-8");
    builder.Add("X-Frame-Options", "DENY");
    builder.Add("Content-Length", "12");
    builder.Add("X-Content-Type-Options", "nosniff");
    builder.Add("Referrer-Policy", "same-origin");
    builder.Add("Cross-Origin-Opener-Policy", "same-origin");
    Keep(builder);
  });
  std::string out;
  ResponseFraming framing;
  framing.keep_alive = true;
  framing.content_length = 12;
  framing.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  Measure("response: append the head", [&] {
    out.clear();
    AppendResponseHead(builder.head(), framing, out);
    Keep(out);
  });
  const auto format = RequestLogFormat::Compile({});
  RequestRecord record;
  record.request = &request;
  record.start_ctime = "Sun Nov 22 12:15:36 2026";
  Measure("log: the default line", [&] {
    out.clear();
    format->Append(record, out);
    Keep(out);
  });
}

}  // namespace
}  // namespace uwsgi::protocol

int main() {
  uwsgi::Request request;
  uwsgi::protocol::CgiDefaults defaults;
  defaults.server_name = "www.example.com";
  defaults.server_port = "8000";
  defaults.remote_addr = "127.0.0.1";
  defaults.remote_port = "47110";
  uwsgi::protocol::MeasureRequests(request, defaults);
  uwsgi::protocol::MeasureResponses(request);
  return 0;
}
