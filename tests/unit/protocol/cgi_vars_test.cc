// SPDX-License-Identifier: MIT

#include "protocol/cgi_vars.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi::protocol {
namespace {

using Vars = std::vector<Var>;

CgiDefaults TestDefaults() {
  CgiDefaults defaults;
  defaults.server_name = "vm";
  defaults.server_port = "3031";
  return defaults;
}

Request Indexed(Vars vars, bool trust_forwarded = true) {
  Request request;
  request.vars = std::move(vars);
  CgiDefaults defaults = TestDefaults();
  defaults.trust_forwarded = trust_forwarded;
  const Result<void> result = IndexVars(request, defaults);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return request;
}

bool IsRefused(Vars vars) {
  Request request;
  request.vars = std::move(vars);
  const Result<void> result = IndexVars(request, TestDefaults());
  return !result.ok() && result.error().code == ErrorCode::kMalformed;
}

bool IsTooLarge(Vars vars) {
  Request request;
  request.vars = std::move(vars);
  const Result<void> result = IndexVars(request, TestDefaults());
  return !result.ok() && result.error().code == ErrorCode::kTooLarge;
}

// "KEY=value KEY=value "
std::string Listed(const Request& request) {
  std::string text;
  for (const Var& var : request.vars) {
    text.append(var.key).append("=").append(var.value).append(" ");
  }
  return text;
}

TEST(IndexVarsTest, FillsTheViews) {
  const Request request = Indexed({{"REQUEST_METHOD", "POST"},
                                   {"REQUEST_URI", "/a?b"},
                                   {"PATH_INFO", "/a"},
                                   {"QUERY_STRING", "b"},
                                   {"SCRIPT_NAME", "/app"},
                                   {"SERVER_PROTOCOL", "HTTP/2.0"},
                                   {"SERVER_NAME", "site"},
                                   {"SERVER_PORT", "443"},
                                   {"REMOTE_ADDR", "1.2.3.4"},
                                   {"REMOTE_USER", "joe"},
                                   {"HTTP_HOST", "host"},
                                   {"HTTP_USER_AGENT", "agent"},
                                   {"HTTP_REFERER", "referer"},
                                   {"CONTENT_LENGTH", "12"}});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.uri, "/a?b");
  EXPECT_EQ(request.path_info, "/a");
  EXPECT_EQ(request.script_name, "/app");
  EXPECT_EQ(request.protocol, "HTTP/2.0");
  EXPECT_EQ(request.remote_addr, "1.2.3.4");
  EXPECT_EQ(request.remote_user, "joe");
  EXPECT_EQ(request.host, "host");
  EXPECT_EQ(request.user_agent, "agent");
  EXPECT_EQ(request.referer, "referer");
  EXPECT_EQ(request.scheme, "http");
  EXPECT_EQ(request.content_length, 12U);
  EXPECT_EQ(request.vars.size(), 14U) << "nothing was missing";
}

TEST(IndexVarsTest, LeavesNeighboursOfKnownKeysAlone) {
  const Vars vars = {{"HTTPT", "1"},
                     {"PATH_INFA", "1"},
                     {"REQUEST_URX", "1"},
                     {"SCRIPT_NAMX", "1"},
                     {"SERVER_PORX", "1"},
                     {"REMOTE_ADDX", "1"},
                     {"REMOTE_USEX", "1"},
                     {"ABCDEFGHIJK", "1"},
                     {"QUERY_STRINX", "1"},
                     {"REQUEST_METHOX", "1"},
                     {"SERVER_PROTOCOX", "1"},
                     {"HTTP_X_FORWARDED_SSX", "1"},
                     {"HTTP_X_FORWARDED_PROTX", "1"}};
  const Request request = Indexed(vars);
  EXPECT_EQ(request.vars.size(), vars.size() + 7);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.scheme, "http");
}

TEST(IndexVarsTest, MakesUpWhatIsMissing) {
  EXPECT_EQ(Listed(Indexed({{"A", "b"}})),
            "A=b REQUEST_METHOD=GET SCRIPT_NAME= PATH_INFO= QUERY_STRING= SERVER_NAME=vm "
            "SERVER_PORT=3031 SERVER_PROTOCOL=HTTP/1.0 ");
  const Request request = Indexed({{"A", "b"}});
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.protocol, "HTTP/1.0");
  EXPECT_EQ(request.content_length, 0U);
}

TEST(IndexVarsTest, ReplacesEmptyValuesThatMustNotBe) {
  const Request request = Indexed({{"REQUEST_METHOD", ""},
                                   {"SERVER_NAME", ""},
                                   {"SERVER_PORT", ""},
                                   {"SERVER_PROTOCOL", ""},
                                   {"SCRIPT_NAME", ""},
                                   {"PATH_INFO", ""},
                                   {"QUERY_STRING", ""}});
  EXPECT_EQ(request.vars.size(), 11U);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.vars.back().value, "HTTP/1.0");
}

TEST(IndexVarsTest, TakesTheLastOfDuplicates) {
  const Request request = Indexed({{"PATH_INFO", "/1"}, {"PATH_INFO", "/2"}});
  EXPECT_EQ(request.path_info, "/2");
}

TEST(IndexVarsTest, CutsTheSlashThatScriptNameAndPathInfoShare) {
  const struct {
    const char* script_name;
    const char* path_info;
    const char* expected;
  } kCases[] = {
      {"/", "/page", ""},     {"/app/", "/page", "/app"}, {"/app//", "/page", "/app/"},
      {"/", "", "/"},         {"/app/", "page", "/app/"}, {"/app", "/page", "/app"},
      {"/app/", "/", "/app"}, {"", "/page", ""},          {"/app/", "//page", "/app"},
  };
  for (const auto& row : kCases) {
    const Request request =
        Indexed({{"SCRIPT_NAME", row.script_name}, {"PATH_INFO", row.path_info}});
    EXPECT_EQ(request.script_name, row.expected) << row.script_name << row.path_info;
    EXPECT_EQ(request.path_info, row.path_info);
    EXPECT_EQ(request.vars[0].value, row.expected);
  }
  const Request twice =
      Indexed({{"SCRIPT_NAME", "/1/"}, {"PATH_INFO", "/a"}, {"SCRIPT_NAME", "/2/"}});
  EXPECT_EQ(twice.script_name, "/2");
  EXPECT_EQ(twice.vars[2].value, "/2");
}

TEST(IndexVarsTest, DropsWhatAPeerMustNotSet) {
  const Request request = Indexed({{"wsgi.input", "x"},
                                   {"KEEP", "1"},
                                   {"UWSGI_SCHEME", "https"},
                                   {"UWSGI_APPID", "/app"},
                                   {"uwsgi.version", "x"},
                                   {"UWSGI_FILE", "exec://x"},
                                   {"UWSGI_MYPARAM", "mine"},
                                   {"wsgi", "kept"}});
  EXPECT_TRUE(
      Listed(request).starts_with("KEEP=1 UWSGI_SCHEME=https UWSGI_APPID=/app UWSGI_FILE=exec://x "
                                  "UWSGI_MYPARAM=mine wsgi=kept REQUEST_METHOD="));
  EXPECT_EQ(request.script_name, "/app");
  EXPECT_EQ(request.scheme, "https");
}

TEST(IndexVarsTest, ReadsContentLengthStrictly) {
  EXPECT_EQ(Indexed({{"CONTENT_LENGTH", ""}}).content_length, 0U);
  EXPECT_EQ(Indexed({{"CONTENT_LENGTH", "5"}}).content_length, 5U);
  EXPECT_EQ(Indexed({{"CONTENT_LENGTH", "x"}, {"CONTENT_LENGTH", "7"}}).content_length, 7U);
  EXPECT_EQ(Indexed({{"CONTENT_LENGTH", "9223372036854775807"}}).content_length,
            9223372036854775807U);
  for (const char* text : {"5abc", "+5", "-5", " 5", "5 ", "0x5", "abc", "5, 5", "5.0",
                           "99999999999999999999999x", "-18446744073709551621"}) {
    EXPECT_TRUE(IsRefused({{"CONTENT_LENGTH", text}})) << text;
  }
  for (const char* text : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                           "18446744073709551621", "999999999999999999999999999999"}) {
    EXPECT_TRUE(IsTooLarge({{"CONTENT_LENGTH", text}})) << text;
  }
}

TEST(IndexVarsTest, KnowsChunkedBodies) {
  EXPECT_FALSE(Indexed({{"HTTP_TRANSFER_ENCODING", "Chunked"}}).content_length.has_value());
  EXPECT_FALSE(Indexed({{"HTTP_TRANSFER_ENCODING", "chunked"}, {"CONTENT_LENGTH", ""}})
                   .content_length.has_value());
  EXPECT_EQ(Indexed({{"HTTP_TRANSFER_ENCODING", "identity"}}).content_length, 0U);
  // nginx has collected the body and says how long it is.
  EXPECT_EQ(
      Indexed({{"HTTP_TRANSFER_ENCODING", "chunked"}, {"CONTENT_LENGTH", "9"}}).content_length, 9U);
}

TEST(IndexVarsTest, FindsTheScheme) {
  const struct {
    Vars vars;
    const char* scheme;
  } kCases[] = {
      {{}, "http"},
      {{{"HTTPS", "on"}}, "https"},
      {{{"HTTPS", "ON"}}, "https"},
      {{{"HTTPS", "1"}}, "https"},
      {{{"HTTPS", "off"}}, "http"},
      {{{"HTTPS", ""}}, "http"},
      {{{"HTTP_X_FORWARDED_SSL", "on"}}, "https"},
      {{{"HTTP_X_FORWARDED_PROTO", "https"}}, "https"},
      {{{"HTTP_X_FORWARDED_PROTO", "HTTPS"}}, "https"},
      {{{"HTTP_X_FORWARDED_PROTO", "http"}, {"HTTPS", "on"}}, "http"},
      {{{"HTTP_X_FORWARDED_PROTO", "wss"}}, "wss"},
      {{{"HTTP_X_FORWARDED_PROTO", "a+b-c.1"}}, "a+b-c.1"},
      {{{"HTTP_X_FORWARDED_PROTO", "https, http"}}, "http"},
      {{{"HTTP_X_FORWARDED_PROTO", "1a"}, {"HTTPS", "on"}}, "https"},
      {{{"UWSGI_SCHEME", "https"}, {"HTTP_X_FORWARDED_PROTO", "http"}}, "https"},
      {{{"UWSGI_SCHEME", "java script"}}, "http"},
  };
  for (const auto& row : kCases)
    EXPECT_EQ(Indexed(row.vars).scheme, row.scheme) << Listed(Indexed(row.vars));
}

TEST(IndexVarsTest, RemovesForwardedHeadersWithoutTrust) {
  const Vars vars = {{"HTTP_X_FORWARDED_PROTO", "https"}, {"HTTP_X_FORWARDED_SSL", "on"},
                     {"HTTP_FORWARDED", "for=1"},         {"HTTP_X_REAL_IP", "1"},
                     {"HTTP_X_CLIENT_IP", "1"},           {"HTTP_X_OTHER", "kept"}};
  EXPECT_EQ(Indexed(vars, true).vars.size(), 6U + 7U);
  const Request request = Indexed(vars, false);
  EXPECT_EQ(request.vars.size(), 1U + 7U);
  EXPECT_EQ(request.scheme, "http");
}

TEST(IndexVarsTest, RefusesControlCharactersInTheRequestLine) {
  for (const char* key : {"REQUEST_METHOD", "REQUEST_URI", "SERVER_PROTOCOL"}) {
    for (const char* value : {"a\rb", "a\nb", "\x01", "a\x7f"}) {
      EXPECT_TRUE(IsRefused({{key, value}})) << key;
    }
    EXPECT_TRUE(IsRefused({{key, std::string_view("a\0b", 3)}})) << key;
    EXPECT_FALSE(IsRefused({{key, "\x80\xff"}})) << key;
  }
}

TEST(IndexVarsTest, ForgetsTheRequestBefore) {
  Request request = Indexed({{"HTTP_HOST", "a"}, {"CONTENT_LENGTH", "5"}});
  request.vars.clear();
  ASSERT_TRUE(IndexVars(request, TestDefaults()).ok());
  EXPECT_EQ(request.host, "");
  EXPECT_EQ(request.content_length, 0U);
}

}  // namespace
}  // namespace uwsgi::protocol
