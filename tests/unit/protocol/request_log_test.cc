// SPDX-License-Identifier: MIT

#include "protocol/request_log.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace uwsgi::protocol {
namespace {

class RequestLogTest : public testing::Test {
 protected:
  RequestLogTest() {
    setenv("TZ", "UTC", 1);
    tzset();
    request_.vars = {
        {"REQUEST_METHOD", "GET"}, {"HTTP_X_FORWARDED_FOR", "9.9.9.9"}, {"A", "1"}, {"A", "last"}};
    request_.packet_vars = 4;
    request_.method = "GET";
    request_.uri = "/a?b";
    request_.protocol = "HTTP/1.1";
    request_.remote_addr = "127.0.0.1";
    request_.remote_user = "joe";
    request_.host = "site";
    request_.user_agent = "agent/1";
    request_.referer = "http://r/";
    request_.content_length = 77;
    request_.packet_size = 246;
    request_.modifier1 = 30;
    request_.modifier2 = 1;
    request_.core = 3;
    request_.started_at =
        std::chrono::system_clock::time_point(std::chrono::microseconds(1'795'349'736'123'456));
    record_.request = &request_;
    record_.pid = 25060;
    record_.worker_id = 2;
    record_.app_id = 0;
    record_.app_requests = 4;
    record_.total_requests = 5;
    record_.start_ctime = "Sun Nov 22 12:15:36 2026";
    record_.duration = std::chrono::microseconds(1539);
    record_.status = 200;
    record_.body_bytes = 11;
    record_.header_count = 1;
    record_.header_bytes = 44;
    record_.switches = 6;
    record_.address_space = 3 << 20;
    record_.resident = (2 << 20) + 5;
    record_.write_errors = 7;
    record_.read_errors = 8;
    record_.log_vars = vars_;
  }

  std::string Line(const RequestLogOptions& options) const {
    const Result<RequestLogFormat> format = RequestLogFormat::Compile(options);
    EXPECT_TRUE(format.ok());
    std::string out = "before\n";
    format->Append(record_, out);
    EXPECT_TRUE(out.starts_with("before\n"));
    EXPECT_EQ(out.find('\n', 7), out.size() - 1) << "one line";
    return out.substr(7, out.size() - 8);
  }

  std::string Formatted(std::string_view format) const {
    RequestLogOptions options;
    options.format = format;
    return Line(options);
  }

  std::vector<std::pair<std::string, std::string>> vars_ = {
      {"mine", "yes"}, {"long", std::string(300, 'x')}, {"evil", "a\nb\""}, {"empty", ""}};
  Request request_;
  RequestRecord record_;
};

TEST_F(RequestLogTest, WritesUwsgisDefaultLine) {
  EXPECT_EQ(Line({}),
            "[pid: 25060|app: 0|req: 4/5] 127.0.0.1 (joe) {8 vars in 246 bytes} "
            "[Sun Nov 22 12:15:36 2026] GET /a?b => generated 11 bytes in 1 msecs (HTTP/1.1 200) "
            "1 headers in 44 bytes (6 switches on core 3)");
}

TEST_F(RequestLogTest, WritesTheDefaultLineOfAnUnreadableRequest) {
  const Request nothing;
  record_ = RequestRecord();
  record_.request = &nothing;
  record_.pid = 1;
  record_.total_requests = 9;
  EXPECT_EQ(
      Line({}),
      "[pid: 1|app: -1|req: -1/9]  () {0 vars in 0 bytes} []   => generated 0 bytes in 0 msecs "
      "( 500) 0 headers in 0 bytes (0 switches on core 0)");
}

TEST_F(RequestLogTest, HasItsOptions) {
  RequestLogOptions options;
  options.micros = true;
  options.memory_report = true;
  options.x_forwarded_for = true;
  record_.via = "sendfile()";
  EXPECT_EQ(Line(options),
            "{address space usage: 3145728 bytes/3MB} {rss usage: 2097157 bytes/2MB} "
            "[pid: 25060|app: 0|req: 4/5] 9.9.9.9 (joe) {8 vars in 246 bytes} "
            "[Sun Nov 22 12:15:36 2026] GET /a?b => generated 11 bytes in 1539 micros "
            "via sendfile() (HTTP/1.1 200) 1 headers in 44 bytes (6 switches on core 3)");
  request_.vars.clear();
  EXPECT_NE(Line(options).find("] 127.0.0.1 (joe)"), std::string::npos);
}

TEST_F(RequestLogTest, EscapesWhatWouldForgeALine) {
  request_.uri = "/a\nb\r\t\x7f\"c\x01";
  request_.remote_addr = "\n";
  request_.remote_user = "a\"";
  request_.protocol = std::string_view("\0", 1);
  const std::string line = Line({});
  EXPECT_NE(line.find("GET /a\\x0Ab\\x0D\\x09\\x7F\\x22c\\x01 =>"), std::string::npos) << line;
  EXPECT_NE(line.find("] \\x0A (a\\x22) {"), std::string::npos) << line;
  EXPECT_NE(line.find("(\\x00 200)"), std::string::npos) << line;
  EXPECT_EQ(Formatted("%(uri)|%(evil)"), "/a\\x0Ab\\x0D\\x09\\x7F\\x22c\\x01|a\\x0Ab\\x22");
}

TEST_F(RequestLogTest, EscapesTheBackslashSoThatAnEscapeIsNoText) {
  request_.vars = {{"HTTP_X", "x\\y"}, {"HTTP_X_FORWARDED_FOR", "1\\2"}};
  for (auto member :
       {&Request::uri, &Request::method, &Request::remote_user, &Request::host, &Request::protocol,
        &Request::user_agent, &Request::referer, &Request::remote_addr}) {
    request_.*member = "x\"y|x\\x22y";
  }
  const std::string escaped = "x\\x22y|x\\x5Cx22y";
  for (const char* name : {"uri", "method", "user", "host", "proto", "uagent", "referer", "addr"}) {
    EXPECT_EQ(Formatted("%(" + std::string(name) + ")"), escaped) << name;
  }
  EXPECT_EQ(Formatted("%(var.HTTP_X)"), "x\\x5Cy");
  const std::string line = Line({});
  for (const char* part : {"] ", " (", "] ", " "}) {
    EXPECT_NE(line.find(part + escaped), std::string::npos) << line;
  }
  RequestLogOptions forwarded;
  forwarded.x_forwarded_for = true;
  EXPECT_NE(Line(forwarded).find("] 1\\x5C2 ("), std::string::npos);
}

TEST_F(RequestLogTest, KnowsTheVariables) {
  const struct {
    const char* format;
    const char* text;
  } kCases[] = {
      {"%(uri)", "/a?b"},
      {"%(method)", "GET"},
      {"%(user)", "joe"},
      {"%(addr)", "127.0.0.1"},
      {"%(host)", "site"},
      {"%(proto)", "HTTP/1.1"},
      {"%(uagent)", "agent/1"},
      {"%(referer)", "http://r/"},
      {"%(status)", "200"},
      {"%(rsize)", "11"},
      {"%(hsize)", "44"},
      {"%(size)", "55"},
      {"%(cl)", "77"},
      {"%(micros)", "1539"},
      {"%(msecs)", "1"},
      {"%(secs)", "0.001539"},
      {"%(tmsecs)", "1795349736123"},
      {"%(tmicros)", "1795349736123456"},
      {"%(time)", "1795349736"},
      {"%(epoch)", "1795349736"},
      {"%(ltime)", "22/Nov/2026:12:15:36 +0000"},
      {"%(ftime)", "22/Nov/2026:12:15:36 +0000"},
      {"%(ctime)", "Sun Nov 22 12:15:36 2026"},
      {"%(pid)", "25060"},
      {"%(wid)", "2"},
      {"%(switches)", "6"},
      {"%(vars)", "8"},
      {"%(core)", "3"},
      {"%(vsz)", "3145728"},
      {"%(rss)", "2097157"},
      {"%(vszM)", "3"},
      {"%(rssM)", "2"},
      {"%(pktsize)", "246"},
      {"%(modifier1)", "30"},
      {"%(modifier2)", "1"},
      {"%(headers)", "1"},
      {"%(werr)", "7"},
      {"%(rerr)", "8"},
      {"%(ioerr)", "15"},
      {"%(var.A)", "last"},
      {"%(var.NONE)", "-"},
      {"%(mine)", "yes"},
      {"%(empty)", "-"},
      {"%(unknown)", "-"},
      {"100% %x (%(mine))", "100% %x (yes)"},
      {"%(addr) - %(user) [%(ltime)] \"%(method) %(uri) %(proto)\" %(status) %(size)",
       "127.0.0.1 - joe [22/Nov/2026:12:15:36 +0000] \"GET /a?b HTTP/1.1\" 200 55"},
  };
  for (const auto& row : kCases) EXPECT_EQ(Formatted(row.format), row.text) << row.format;
  EXPECT_EQ(Formatted("%(long)"), std::string(255, 'x'));
}

TEST_F(RequestLogTest, ShowsMissingValuesAsADash) {
  const Request nothing;
  record_.request = &nothing;
  EXPECT_EQ(
      Formatted("%(uri) %(method) %(user) %(addr) %(host) %(proto) %(uagent) %(referer) %(cl)"),
      "- - - - - - - - 0");
}

TEST_F(RequestLogTest, WritesSeconds) {
  record_.duration = std::chrono::microseconds(12'000'001);
  EXPECT_EQ(Formatted("%(secs)"), "12.000001");
  record_.duration = std::chrono::microseconds(0);
  EXPECT_EQ(Formatted("%(secs)"), "0.000000");
  record_.duration = std::chrono::microseconds(999'999);
  EXPECT_EQ(Formatted("%(secs)"), "0.999999");
}

TEST_F(RequestLogTest, UsesTimeFormats) {
  RequestLogOptions options;
  options.format = "%Y %(ftime) %(ltime) %(uri)";
  options.date = "%H:%M";
  options.x_forwarded_for = true;
  EXPECT_EQ(Line(options), "%Y 12:15 22/Nov/2026:12:15:36 +0000 /a?b");
  options.formats_time = true;
  request_.uri = "/%Y";
  EXPECT_EQ(Line(options), "2026 12:15 22/Nov/2026:12:15:36 +0000 /%Y");
  options.format = "%(addr)";
  EXPECT_EQ(Line(options), "9.9.9.9");
}

TEST_F(RequestLogTest, RefusesAnOpenVariable) {
  RequestLogOptions options;
  options.format = "a %(uri) %(method";
  const auto format = RequestLogFormat::Compile(options);
  ASSERT_FALSE(format.ok());
  EXPECT_EQ(format.error().message, "log-format: a variable is not closed by ')': %(method");
}

}  // namespace
}  // namespace uwsgi::protocol
