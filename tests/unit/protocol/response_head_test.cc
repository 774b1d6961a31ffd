// SPDX-License-Identifier: MIT

#include "protocol/response_head.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/parsed_values.h"

namespace uwsgi::protocol {
namespace {

using namespace std::string_literals;

ExtraFields Added(const std::vector<std::string_view>& texts) {
  return MakeExtraFields(::uwsgi::testing::ParsedValues<AddedField::Parse>(texts));
}

HeadError StatusError(std::string_view status) {
  ResponseHeadBuilder builder;
  const HeadError error = builder.SetStatus(status);
  EXPECT_EQ(builder.has_status(), error == HeadError::kNone);
  return error;
}

TEST(ResponseHeadBuilderTest, TakesStatuses) {
  const struct {
    const char* given;
    const char* status;
    int code;
  } kCases[] = {
      {"200 OK", "200 OK", 200},
      {"200", "200 OK", 200},
      {"404 ", "404 Not Found", 404},
      {"599", "599 Unknown", 599},
      {"200 Caf\xe9 is open", "200 Caf\xe9 is open", 200},
      {"999 x", "999 x", 999},
  };
  for (const auto& row : kCases) {
    ResponseHeadBuilder builder;
    EXPECT_EQ(builder.SetStatus(row.given), HeadError::kNone) << row.given;
    EXPECT_EQ(builder.head().status, row.status);
    EXPECT_EQ(builder.head().code, row.code);
  }
}

TEST(ResponseHeadBuilderTest, RefusesBadStatuses) {
  const std::string kBad[] = {"",          "OK",        "20",      "20 OK",
                              "2000 OK",   "200OK",     "abc OK",  " 200 OK",
                              "099 Early", "-20 OK",    "2x0 OK",  "200 OK\r\nX: y",
                              "200 a\nb",  "200 a\0b"s, "200\tOK", "200 \x7f"};
  for (const std::string& status : kBad) {
    EXPECT_EQ(StatusError(status), HeadError::kBadStatus) << status;
  }
  EXPECT_EQ(StatusError("100 Continue"), HeadError::kInterimStatus);
  EXPECT_EQ(StatusError("101 Switching Protocols"), HeadError::kInterimStatus);
  EXPECT_EQ(StatusError("200 " + std::string(70'000, 'x')), HeadError::kTooLarge);
}

TEST(ResponseHeadBuilderTest, KeepsFieldsInOrder) {
  ResponseHeadBuilder builder;
  ASSERT_EQ(builder.SetStatus("200 OK"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Content-Type", "text/html; charset=utf-8"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Set-Cookie", "a=b"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Set-Cookie", "c=d\te"), HeadError::kNone);
  EXPECT_EQ(builder.Add("X-Empty", ""), HeadError::kNone);
  EXPECT_EQ(builder.Add("x-high", "\x80\xff"), HeadError::kNone);
  const ResponseHead head = builder.head();
  EXPECT_EQ(head.fields,
            "Content-Type: text/html; charset=utf-8\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\te\r\n"
            "X-Empty: \r\nx-high: \x80\xff\r\n");
  EXPECT_EQ(head.field_count, 5);
  EXPECT_FALSE(head.content_length);
  EXPECT_FALSE(head.has_date || head.has_server || head.wants_close);
}

TEST(ResponseHeadBuilderTest, RefusesInjection) {
  ResponseHeadBuilder builder;
  const std::string kBadValues[] = {
      "a\r\nX-Injected: 1", "a\rb", "a\nb", "a\0b"s, "a\r\n b", "\x01", "a\x7f", "a\x1f", "\x0b"};
  for (const std::string& value : kBadValues) {
    EXPECT_EQ(builder.Add("X-A", value), HeadError::kBadValue) << value;
    EXPECT_EQ(builder.Add("Connection", value), HeadError::kBadValue) << value;
    EXPECT_EQ(builder.Add("X-A", std::string(40, 'x') + value), HeadError::kBadValue) << value;
  }
  const std::string kBadNames[] = {"",      "X A",  "X:",     "X\r\nY", "X\nY", "X\0"s, "\tX",
                                   "X\xe9", "X(Y)", "X\"Y\"", "X-Y/Z",  " X",   "X "};
  for (const std::string& name : kBadNames) {
    EXPECT_EQ(builder.Add(name, "v"), HeadError::kBadName) << name;
  }
  EXPECT_EQ(builder.head().fields, "");
  EXPECT_EQ(builder.head().field_count, 0);
}

TEST(ResponseHeadBuilderTest, TakesFramingOutOfTheFields) {
  ResponseHeadBuilder builder;
  EXPECT_EQ(builder.Add("content-LENGTH", " 12 "), HeadError::kNone);
  EXPECT_EQ(builder.Add("Connection", "keep-alive, Close"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Keep-Alive", "timeout=5"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Upgrade", "h2c"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Trailer", "X"), HeadError::kNone);
  EXPECT_EQ(builder.Add("TE", "gzip"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Proxy-Connection", "x"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Date", "today"), HeadError::kNone);
  EXPECT_EQ(builder.Add("Server", "me"), HeadError::kNone);
  const ResponseHead head = builder.head();
  EXPECT_EQ(head.fields, "Date: today\r\nServer: me\r\n");
  EXPECT_EQ(head.field_count, 9);
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_TRUE(head.has_date);
  EXPECT_TRUE(head.has_server);
  EXPECT_TRUE(head.wants_close);
  EXPECT_FALSE(head.has_conflicting_framing);
}

TEST(ResponseHeadBuilderTest, LeavesNamesOfTheSameLengthAlone) {
  ResponseHeadBuilder builder;
  std::string expected;
  for (const char* name : {"AB", "Etag", "X-Read", "X-Trace", "X-Trace-Id", "X-Content-Type",
                           "X-Proxy-Connecti", "X-Transfer-Encodi"}) {
    EXPECT_EQ(builder.Add(name, "v"), HeadError::kNone);
    expected += name + ": v\r\n"s;
  }
  EXPECT_EQ(builder.head().fields, expected);
}

TEST(ResponseHeadBuilderTest, RefusesBadLengths) {
  ResponseHeadBuilder builder;
  for (const char* value : {"", "abc", "-1", "+5", "5 6", "5,5", "0x5", "18446744073709551616"}) {
    EXPECT_EQ(builder.Add("Content-Length", value), HeadError::kBadContentLength) << value;
  }
  EXPECT_EQ(builder.head().field_count, 0);
}

TEST(ResponseHeadBuilderTest, NotesContradictions) {
  ResponseHeadBuilder builder;
  builder.Add("Content-Length", "3");
  builder.Add("Content-Length", "3");
  EXPECT_EQ(builder.head().content_length, 3U);
  EXPECT_FALSE(builder.head().has_conflicting_framing);
  builder.Add("Content-Length", "4");
  EXPECT_FALSE(builder.head().content_length);
  EXPECT_TRUE(builder.head().has_conflicting_framing);

  builder.Clear();
  builder.Add("Transfer-Encoding", "chunked");
  EXPECT_FALSE(builder.head().has_conflicting_framing);
  builder.Add("Content-Length", "3");
  EXPECT_TRUE(builder.head().has_conflicting_framing);
  EXPECT_FALSE(builder.head().content_length);
}

TEST(ResponseHeadBuilderTest, HasALimit) {
  ResponseHeadBuilder builder(30);
  EXPECT_EQ(builder.Add("A", "12345"), HeadError::kNone);      // 10 bytes
  EXPECT_EQ(builder.Add("Upgrade", "123"), HeadError::kNone);  // 14, though dropped
  EXPECT_EQ(builder.Add("A", "12"), HeadError::kTooLarge);
  EXPECT_EQ(builder.Add("A", "1"), HeadError::kNone);
  EXPECT_EQ(builder.Add("A", ""), HeadError::kTooLarge);
  EXPECT_EQ(builder.head().field_count, 3);
}

TEST(ResponseHeadBuilderTest, ForgetsOnClear) {
  ResponseHeadBuilder builder;
  builder.SetStatus("200 OK");
  for (const char* name : {"Date", "Server", "X"}) builder.Add(name, "v");
  builder.Add("Connection", "close");
  builder.Add("Content-Length", "1");
  builder.Add("Content-Length", "2");
  builder.Clear();
  EXPECT_FALSE(builder.has_status());
  const ResponseHead head = builder.head();
  EXPECT_EQ(head.status, "");
  EXPECT_EQ(head.fields, "");
  EXPECT_EQ(head.field_count, 0);
  EXPECT_FALSE(head.has_date || head.has_server || head.wants_close ||
               head.has_conflicting_framing || head.content_length);
}

TEST(HeadErrorTest, EveryErrorHasItsText) {
  EXPECT_EQ(HeadErrorText(HeadError::kNone), "");
  for (int i = 1; i <= static_cast<int>(HeadError::kTooLarge); ++i) {
    EXPECT_FALSE(HeadErrorText(static_cast<HeadError>(i)).empty()) << i;
  }
}

TEST(AppendResponseHeadTest, WritesEitherWire) {
  ResponseHeadBuilder builder;
  builder.SetStatus("200 OK");
  builder.Add("Content-Type", "text/plain");
  const ResponseHead head = builder.head();
  const std::string start = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

  ResponseFraming framing;
  framing.date = "NOW";
  const struct {
    Wire wire;
    int minor_version;
    bool keep_alive;
    bool chunked;
    std::optional<std::uint64_t> content_length;
    const char* rest;
  } kCases[] = {
      {Wire::kUwsgi, 1, false, false, std::nullopt, "\r\n"},
      {Wire::kUwsgi, 1, true, true, 5, "Content-Length: 5\r\n\r\n"},
      {Wire::kHttp, 1, true, false, 5, "Date: NOW\r\nContent-Length: 5\r\n\r\n"},
      {Wire::kHttp, 1, true, true, std::nullopt, "Date: NOW\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {Wire::kHttp, 1, false, false, 0,
       "Date: NOW\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
      {Wire::kHttp, 0, false, false, std::nullopt, "Date: NOW\r\nConnection: close\r\n\r\n"},
      {Wire::kHttp, 0, true, false, ~0ULL,
       "Date: NOW\r\nConnection: keep-alive\r\nContent-Length: 18446744073709551615\r\n\r\n"},
  };
  for (const auto& row : kCases) {
    framing.wire = row.wire;
    framing.minor_version = row.minor_version;
    framing.keep_alive = row.keep_alive;
    framing.chunked = row.wire == Wire::kHttp && row.chunked;
    framing.content_length = row.content_length;
    std::string out = "before";
    AppendResponseHead(head, framing, out);
    EXPECT_EQ(out, "before" + start + row.rest);
  }
}

TEST(AppendResponseHeadTest, RespectsTheApplicationsDateAndAddsFields) {
  ResponseHeadBuilder builder;
  builder.SetStatus("204 No Content");
  builder.Add("Date", "mine");
  ResponseFraming framing;
  framing.date = "NOW";
  framing.keep_alive = true;
  const ExtraFields extra = Added({"X-Added: 1", "Server: ours"});
  framing.extra_fields = &extra;
  std::string out;
  AppendResponseHead(builder.head(), framing, out);
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\nDate: mine\r\nX-Added: 1\r\nServer: ours\r\n\r\n");
  builder.Add("sERVER", "mine");
  out.clear();
  AppendResponseHead(builder.head(), framing, out);
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\nDate: mine\r\nsERVER: mine\r\nX-Added: 1\r\n\r\n");
}

TEST(AddedFieldTest, IsOneFieldThatFramesNothing) {
  const auto field = AddedField::Parse("X-A:b: c");
  ASSERT_TRUE(field);
  EXPECT_EQ(field->name(), "X-A");
  EXPECT_EQ(field->value(), "b: c");
  EXPECT_EQ(field->line(), "X-A:b: c");
  for (const char* text : {"", "X-A", ": b", "X A: b", "X-A: b\r\nX-B: c", "X-A: \x7f"}) {
    EXPECT_EQ(AddedField::Parse(text).error().message,
              "expected NAME: VALUE, as in X-Frame-Options: DENY")
        << text;
  }
  for (const char* text : {"Content-length: 5", "Transfer-Encoding: chunked"}) {
    EXPECT_EQ(AddedField::Parse(text).error().message, "the server frames every response itself");
  }
}

TEST(MakeExtraFieldsTest, KnowsWhatIsFraming) {
  struct Case {
    std::vector<std::string_view> texts;
    std::string_view fields;
    std::string_view server_fields;
    bool wants_close;
  };
  const Case cases[] = {
      {{}, "", "", false},
      {{"A: 1", "B:2"}, "A: 1\r\nB:2\r\n", "", false},
      {{"Connection: Keep-Alive"}, "", "", false},
      {{"connection: Close", "A: 1"}, "A: 1\r\n", "", true},
      {{"Connection: keep-alive, close", "Connection: x"}, "", "", true},
      {{"Server:", "SERVER: a"}, "", "Server:\r\nSERVER: a\r\n", false},
  };
  for (const auto& [texts, fields, server_fields, wants_close] : cases) {
    const ExtraFields extra = Added(texts);
    EXPECT_EQ(extra.fields, fields);
    EXPECT_EQ(extra.server_fields, server_fields);
    EXPECT_EQ(extra.wants_close, wants_close);
  }
}

TEST(SimpleResponseTest, HasUwsgisShape) {
  const ExtraFields extra = Added({"Server: ours"});
  const SimpleResponse uwsgi = MakeSimpleResponse(500, {.wire = Wire::kUwsgi});
  EXPECT_EQ(uwsgi.head,
            "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n"
            "Content-Type: text/plain\r\n\r\n");
  EXPECT_EQ(uwsgi.body, "Internal Server Error");
  const SimpleResponse http =
      MakeSimpleResponse(404, {.keep_alive = true, .date = "NOW", .extra_fields = &extra});
  EXPECT_EQ(http.head,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nServer: ours\r\nDate: NOW\r\n"
            "Connection: close\r\nContent-Length: 9\r\n\r\n");
  EXPECT_EQ(http.body, "Not Found");
  const SimpleResponse to_head = MakeSimpleResponse(301, {}, true, "Location: /\r\n");
  EXPECT_EQ(to_head.head,
            "HTTP/1.1 301 Moved Permanently\r\nContent-Type: text/plain\r\nLocation: /\r\n"
            "Connection: close\r\nContent-Length: 17\r\n\r\n");
  EXPECT_EQ(to_head.body, "");
}

TEST(StatusReasonTest, KnowsTheRegistry) {
  EXPECT_EQ(StatusReason(100), "Continue");
  EXPECT_EQ(StatusReason(200), "OK");
  EXPECT_EQ(StatusReason(304), "Not Modified");
  EXPECT_EQ(StatusReason(431), "Request Header Fields Too Large");
  EXPECT_EQ(StatusReason(504), "Gateway Timeout");
  EXPECT_EQ(StatusReason(511), "Network Authentication Required");
  for (const int code : {0, 99, 299, 512, 999}) EXPECT_EQ(StatusReason(code), "Unknown");
}

}  // namespace
}  // namespace uwsgi::protocol
