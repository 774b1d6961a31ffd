// SPDX-License-Identifier: MIT

#include "protocol/http_request.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <limits>
#include <map>
#include <random>

#include "protocol/http_cases.h"
#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

using Status = HttpHeadParser::Status;

constexpr HttpLimits kTestLimits = {.max_request_line = 2000, .max_head = 4096, .max_headers = 40};

CgiDefaults TestDefaults() {
  CgiDefaults defaults;
  defaults.server_name = "vm";
  defaults.server_port = "8000";
  defaults.remote_addr = "10.1.2.3";
  defaults.remote_port = "4711";
  defaults.trust_forwarded = false;
  return defaults;
}

std::map<std::string, std::string> VariablesOf(const Request& request) {
  std::map<std::string, std::string> variables;
  for (const Var& var : request.vars) {
    EXPECT_TRUE(variables.emplace(var.key, var.value).second) << "twice: " << var.key;
  }
  variables["wsgi.url_scheme"] = request.scheme;
  return variables;
}

std::string OutcomeOf(const HttpHeadParser& parser, Status status, std::size_t size) {
  if (status == Status::kNeedMore) return "incomplete";
  if (status == Status::kError) {
    return std::to_string(parser.error_status()) + ' ' + std::string(parser.error_reason());
  }
  std::string outcome = "ok";
  outcome += parser.keep_alive() ? " keep-alive" : " close";
  if (parser.chunked()) outcome += " chunked";
  if (parser.expect_continue()) outcome += " continue";
  if (parser.head_size() != size) outcome += " rest";
  return outcome;
}

void ExpectOutcome(const HttpCase& expected, const std::string& outcome) {
  if (expected.outcome.starts_with("ok")) {
    EXPECT_EQ(outcome, expected.outcome);
    return;
  }
  EXPECT_EQ(outcome.substr(0, 4), expected.outcome.substr(0, 4)) << outcome;
  EXPECT_NE(outcome.find(expected.outcome.substr(4)), std::string::npos) << outcome;
}

class HttpRequestCase : public testing::TestWithParam<HttpCase> {};

TEST_P(HttpRequestCase, HasItsOutcome) {
  const HttpCase& expected = GetParam();
  HttpHeadParser parser;
  const Status status = parser.Parse(expected.bytes, kTestLimits);
  ExpectOutcome(expected, OutcomeOf(parser, status, expected.bytes.size()));
  if (status != Status::kDone) return;

  Request request;
  ASSERT_TRUE(parser.FillRequest(expected.bytes, TestDefaults(), request).ok());
  const auto variables = VariablesOf(request);
  for (const std::string& line : expected.variables) {
    if (line[0] == '!') {
      EXPECT_FALSE(variables.contains(line.substr(1))) << line;
      continue;
    }
    const std::size_t equals = line.find('=');
    const auto found = variables.find(line.substr(0, equals));
    ASSERT_NE(found, variables.end()) << line;
    EXPECT_EQ(found->second, line.substr(equals + 1)) << line;
  }
  EXPECT_EQ(request.content_length.has_value(), !parser.chunked());
}

// The bytes arrive one by one, in a buffer that moves each time.
TEST_P(HttpRequestCase, IsTheSameInPieces) {
  const HttpCase& expected = GetParam();
  HttpHeadParser parser;
  Status status = Status::kNeedMore;
  std::size_t size = 0;
  while (status == Status::kNeedMore && size < expected.bytes.size()) {
    const std::string moved = expected.bytes.substr(0, ++size);
    status = parser.Parse(moved, kTestLimits);
  }
  ExpectOutcome(expected, OutcomeOf(parser, status, expected.bytes.size()));
  if (status != Status::kDone) return;

  HttpHeadParser whole;
  Request in_pieces;
  Request at_once;
  ASSERT_EQ(whole.Parse(expected.bytes, kTestLimits), Status::kDone);
  ASSERT_TRUE(whole.FillRequest(expected.bytes, TestDefaults(), at_once).ok());
  ASSERT_TRUE(parser.FillRequest(expected.bytes, TestDefaults(), in_pieces).ok());
  EXPECT_EQ(VariablesOf(in_pieces), VariablesOf(at_once));
}

TEST_P(HttpRequestCase, IsTheSameCutAnywhere) {
  const HttpCase& expected = GetParam();
  HttpHeadParser parser;
  for (std::size_t cut = 0; cut < expected.bytes.size(); ++cut) {
    parser.Reset();
    const std::string first = expected.bytes.substr(0, cut);
    parser.Parse(first, kTestLimits);
    const Status status = parser.Parse(expected.bytes, kTestLimits);
    ExpectOutcome(expected, OutcomeOf(parser, status, expected.bytes.size()));
    if (HasFailure()) FAIL() << "cut at " << cut;
  }
}

std::string TestName(const testing::TestParamInfo<HttpCase>& test) {
  std::string name = test.param.file + "_" + test.param.name;
  for (char& byte : name) {
    if (!IsAlpha(byte) && !IsDigit(byte)) byte = '_';
  }
  return name + "_" + std::to_string(test.index);
}

INSTANTIATE_TEST_SUITE_P(Data, HttpRequestCase, testing::ValuesIn(ReadHttpCases()), TestName);

std::string Get(std::string_view headers) {
  return "GET /path HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

TEST(HttpRequestTest, ProducesTheVariablesInOrder) {
  const std::string head = Get("User-Agent: x\r\nReferer: y\r\nCookie: z\r\n");
  HttpHeadParser parser;
  ASSERT_EQ(parser.Parse(head, HttpLimits()), Status::kDone);
  Request request;
  CgiDefaults defaults = TestDefaults();
  defaults.https = true;
  ASSERT_TRUE(parser.FillRequest(head, defaults, request).ok());
  std::string keys;
  for (const Var& var : request.vars) keys += std::string(var.key) + ' ';
  EXPECT_EQ(keys,
            "REQUEST_METHOD REQUEST_URI PATH_INFO QUERY_STRING SERVER_PROTOCOL SCRIPT_NAME "
            "SERVER_NAME SERVER_PORT REMOTE_ADDR REMOTE_PORT HTTPS HTTP_HOST HTTP_USER_AGENT "
            "HTTP_REFERER HTTP_COOKIE ");
  EXPECT_EQ(request.wire, Wire::kHttp);
  EXPECT_EQ(request.packet_size, head.size());
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.uri, "/path");
  EXPECT_EQ(request.path_info, "/path");
  EXPECT_EQ(request.protocol, "HTTP/1.1");
  EXPECT_EQ(request.host, "a");
  EXPECT_EQ(request.user_agent, "x");
  EXPECT_EQ(request.referer, "y");
  EXPECT_EQ(request.remote_addr, "10.1.2.3");
  EXPECT_EQ(request.scheme, "https");
}

TEST(HttpRequestTest, LeavesOutAnUnknownPeer) {
  const std::string head = Get("");
  HttpHeadParser parser;
  ASSERT_EQ(parser.Parse(head, HttpLimits()), Status::kDone);
  Request request;
  CgiDefaults defaults = TestDefaults();
  defaults.remote_addr = defaults.remote_port = "";
  ASSERT_TRUE(parser.FillRequest(head, defaults, request).ok());
  const auto variables = VariablesOf(request);
  EXPECT_FALSE(variables.contains("REMOTE_ADDR"));
  EXPECT_FALSE(variables.contains("REMOTE_PORT"));
}

TEST(HttpRequestTest, KeepsForwardedHeadersOfTrustedPeers) {
  const std::string head = Get("X-Forwarded-Proto: HTTPS\r\nX-Forwarded-For: 1.2.3.4\r\n");
  HttpHeadParser parser;
  ASSERT_EQ(parser.Parse(head, HttpLimits()), Status::kDone);
  Request request;
  CgiDefaults defaults = TestDefaults();
  defaults.trust_forwarded = true;
  ASSERT_TRUE(parser.FillRequest(head, defaults, request).ok());
  EXPECT_EQ(request.scheme, "https");
  EXPECT_EQ(VariablesOf(request)["HTTP_X_FORWARDED_FOR"], "1.2.3.4");
}

TEST(HttpRequestTest, ServesOneHeadAfterTheOther) {
  HttpHeadParser parser;
  Request request;
  EXPECT_EQ(parser.Parse("BAD\r\n", HttpLimits()), Status::kError);
  EXPECT_EQ(parser.Parse("BAD\r\nmore", HttpLimits()), Status::kError);
  for (int i = 0; i < 3; ++i) {
    parser.Reset();
    const std::string value = std::to_string(i);
    const std::string head = Get("A: " + value + "\r\nConnection: close\r\n");
    ASSERT_EQ(parser.Parse(head.substr(0, 3), HttpLimits()), Status::kNeedMore);
    ASSERT_EQ(parser.Parse(head, HttpLimits()), Status::kDone);
    ASSERT_EQ(parser.Parse(head, HttpLimits()), Status::kDone);
    EXPECT_FALSE(parser.keep_alive());
    ASSERT_TRUE(parser.FillRequest(head, TestDefaults(), request).ok());
    EXPECT_EQ(VariablesOf(request)["HTTP_A"], value);
  }
  parser.Reset();
  const std::string last = Get("");
  ASSERT_EQ(parser.Parse(last, HttpLimits()), Status::kDone);
  EXPECT_TRUE(parser.keep_alive());
}

TEST(HttpRequestTest, KeepsManyNamesApart) {
  std::string headers;
  for (int i = 0; i < 500; ++i) {
    headers += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
  }
  const std::string head = Get(headers + headers);
  HttpHeadParser parser;
  ASSERT_EQ(parser.Parse(head, HttpLimits()), Status::kDone);
  Request request;
  ASSERT_TRUE(parser.FillRequest(head, TestDefaults(), request).ok());
  auto variables = VariablesOf(request);
  for (int i = 0; i < 500; ++i) {
    const std::string value = std::to_string(i);
    EXPECT_EQ(variables["HTTP_X_" + value], value + ", " + value);
  }
}

// The least processor time of several runs in which the head arrives in pieces of 64 bytes. Other
// processes on the machine do not count.
std::int64_t ParseNs(const std::string& head) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
  };
  constexpr HttpLimits kWide = {1 << 22, 1 << 22, 1 << 20};
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (int run = 0; run < 5; ++run) {
    HttpHeadParser parser;
    const std::int64_t start = now();
    for (std::size_t size = 0; size < head.size(); size += 64) {
      parser.Parse(std::string_view(head).substr(0, size), kWide);
    }
    parser.Parse(head, kWide);
    least = std::min(least, now() - start);
  }
  return least;
}

// CVE-2020-5236 of another server. To scan a line anew from its start takes 64 times as long for
// eight times as much.
TEST(HttpRequestTest, TakesLinearTime) {
  const auto repeat = [](std::string_view text, std::size_t size) {
    std::string all;
    while (all.size() < size) all += text;
    return all;
  };
  const struct {
    const char* name;
    std::string begin;
    std::string_view repeated;
    std::string end;
  } kCases[] = {
      {"blanks", "GET / HTTP/1.1\r\nHost: a\r\nA: ", " ", "\r\n\r\n"},
      {"blanks and a letter", "GET / HTTP/1.1\r\nHost: a\r\nA: ", " ", "a\r\n\r\n"},
      {"letters and a control byte", "GET / HTTP/1.1\r\nHost: a\r\nA: ", "a", "\x10\r\n\r\n"},
      {"a name", "GET / HTTP/1.1\r\nHost: a\r\n", "a", ": b\r\n\r\n"},
      {"a target", "GET /", "%41", " HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"blanks in the target", "GET /", " ", " HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"headers", "GET / HTTP/1.1\r\nHost: a\r\n", "A: b\r\n", "\r\n"},
      {"a list", "GET / HTTP/1.1\r\nHost: a\r\nConnection: ", "a, ", "\r\n\r\n"},
  };
  for (const auto& row : kCases) {
    const std::int64_t once = ParseNs(row.begin + repeat(row.repeated, 1 << 16) + row.end);
    const std::int64_t eight = ParseNs(row.begin + repeat(row.repeated, 1 << 19) + row.end);
    EXPECT_LT(eight, once * 24) << row.name << ": " << once << " ns, then " << eight;
  }
}

// Whatever the bytes, the parser ends in a state that makes sense.
TEST(HttpRequestTest, SurvivesMutations) {
  std::mt19937 random(1);
  const auto cases = ReadHttpCases();
  HttpHeadParser parser;
  Request request;
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes = cases[random() % cases.size()].bytes;
    for (auto mutations = random() % 4; mutations > 0; --mutations) {
      const std::size_t at = random() % bytes.size();
      constexpr std::string_view kBytes = std::string_view("\r\n\t :%/,;=\0\x80\xff_-aZ0", 18);
      if (random() % 3 == 0) {
        bytes.erase(at, 1);
        if (bytes.empty()) bytes = "G";
      } else {
        bytes[at] = kBytes[random() % kBytes.size()];
      }
    }
    parser.Reset();
    switch (parser.Parse(bytes, kTestLimits)) {
      case Status::kDone:
        ASSERT_LE(parser.head_size(), bytes.size());
        ASSERT_TRUE(parser.FillRequest(bytes, TestDefaults(), request).ok());
        break;
      case Status::kError:
        ASSERT_GE(parser.error_status(), 400);
        ASSERT_FALSE(parser.error_reason().empty());
        break;
      case Status::kNeedMore:
        break;
    }
  }
}

// The variables of headers in a request, and the names that were left out.
std::string Passed(const std::string& headers, const UnderscoreNames* allowed, bool is_trusted) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
  HttpHeadParser parser;
  parser.Reset(allowed, is_trusted);
  EXPECT_EQ(parser.Parse(head, {}), HttpHeadParser::Status::kDone);
  Request request;
  EXPECT_TRUE(parser.FillRequest(head, {}, request));
  std::string text;
  for (const Var& var : request.vars) {
    const bool is_header = var.key.starts_with("HTTP_") && var.key != "HTTP_HOST";
    if (is_header) text.append(var.key).append("=").append(var.value).append(" ");
  }
  for (std::size_t i = 0; i < parser.dropped_count(); ++i) {
    text.append("!").append(parser.dropped_name(head, i)).append(" ");
  }
  return text;
}

TEST(HttpHeadParserTest, LeavesOutNamesWithAnUnderscoreAndSaysWhich) {
  EXPECT_EQ(Passed("X_A: 1\r\nX-A: 2\r\nx_b: 3\r\n", nullptr, true), "HTTP_X_A=2 !X_A !x_b ");
  const UnderscoreNames none;
  EXPECT_EQ(Passed("X_A: 1\r\n", &none, true), "!X_A ");
}

TEST(HttpHeadParserTest, TakesAListedSpellingFromATrustedPeerAndNoOther) {
  const UnderscoreNames names = *UnderscoreNames::Parse("X_User,X_a-B");
  const std::string sent =
      "x_user: 1\r\nX-User: 2\r\nX_A-B: 3\r\nX-A_B: 4\r\nX_Other: 5\r\nX-Own: 6\r\n";
  EXPECT_EQ(Passed(sent, &names, true),
            "HTTP_X_USER=1 HTTP_X_A_B=3 HTTP_X_OWN=6 !X-User !X-A_B !X_Other ");
  EXPECT_EQ(Passed(sent, &names, false), "HTTP_X_OWN=6 !x_user !X-User !X_A-B !X-A_B !X_Other ");
}

}  // namespace
}  // namespace uwsgi::protocol
