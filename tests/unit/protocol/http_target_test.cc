// SPDX-License-Identifier: MIT

#include "protocol/http_target.h"

#include <gtest/gtest.h>

namespace uwsgi::protocol {
namespace {

std::string Normalized(std::string_view path) {
  std::string out = "before/";
  AppendNormalizedPath(path, out);
  EXPECT_TRUE(out.starts_with("before/"));
  EXPECT_LE(out.size(), 7 + path.size());
  return out.substr(7);
}

// As uWSGI 2.0.21 answered.
TEST(NormalizedPathTest, ResolvesDotSegmentsAsUwsgi) {
  const struct {
    const char* path;
    const char* normalized;
  } kCases[] = {
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/.", "/"},
      {"/a/.", "/a/"},
      {"/a/..", "/"},
      {"/a/../..", ""},
      {"/../a", "/a"},
      {"/a//../b", "/a/b"},
      {"/...", "/..."},
      {"/a/..b", "/a/..b"},
      {"/a/.b", "/a/.b"},
      {"/./", "/"},
      {"/../", "/"},
      {"/a/b/../", "/a/"},
      {"/a/b/..", "/a/"},
      {"/..", ""},
      {"//", "//"},
      {"//..", "/"},
      {"/a/./", "/a/"},
      {"/.//a", "//a"},
      {"/a./b", "/a./b"},
      {"/a/.../b", "/a/.../b"},
      {"/a/../../b", "/b"},
      {"/a/../b/./c/../d", "/b/d"},
      {"/a/%2e%2e/b", "/a/../b"},
      {"/.%2e/b", "/../b"},
      {"/a/./b//c", "/a/b//c"},
  };
  for (const auto& row : kCases) EXPECT_EQ(Normalized(row.path), row.normalized) << row.path;
}

TEST(NormalizedPathTest, DecodesEscapes) {
  EXPECT_EQ(Normalized("/%41%7e%2F%2f%25"), "/A~//%");
  EXPECT_EQ(Normalized("/%ff%E9"), "/\xff\xe9");
  EXPECT_EQ(Normalized("/a%2fb/../c"), "/c") << "an encoded slash is no segment's end";
}

TEST(NormalizedPathTest, IsNeededForDotsAndEscapes) {
  EXPECT_FALSE(NeedsNormalizing("/a/b.c//d"));
  EXPECT_FALSE(NeedsNormalizing("*"));
  EXPECT_TRUE(NeedsNormalizing("/a/.b"));
  EXPECT_TRUE(NeedsNormalizing("/a%20b"));
}

TEST(TargetTest, FindsThePath) {
  EXPECT_EQ(PathOf("/a/b"), "/a/b");
  EXPECT_EQ(PathOf("/a?b?c"), "/a");
  EXPECT_EQ(PathOf("/a#b?c"), "/a");
  EXPECT_EQ(PathOf("/a?b#c"), "/a");
  EXPECT_EQ(PathOf("?"), "");
}

TEST(TargetTest, ChecksEscapes) {
  for (const char* path : {"/", "/%20", "/%01%0a", "/%C3%a9x"}) {
    EXPECT_TRUE(HasValidEscapes(path)) << path;
  }
  for (const char* path : {"/%", "/%2", "/%g0", "/%0g", "/%%20", "/%00", "/a%20%", "/%+1"}) {
    EXPECT_FALSE(HasValidEscapes(path)) << path;
  }
}

TEST(TargetTest, KnowsTheAbsoluteForm) {
  EXPECT_EQ(AbsoluteFormPrefix("http://a"), 7U);
  EXPECT_EQ(AbsoluteFormPrefix("HTTPS://a"), 8U);
  EXPECT_EQ(AbsoluteFormPrefix("/http://a"), 0U);
  EXPECT_EQ(AbsoluteFormPrefix("http:/a"), 0U);
}

TEST(HostTest, TakesWhatTheStandardAllows) {
  for (const char* host : {"", "a", "example.com", "example.com:80", "a_b-c.d~e", "127.0.0.1:8000",
                           "h:", "h:0", "h:65535", "[::1]", "[::1]:80", "[2001:db8::1]:", "a%20b",
                           "!$&'()*+,;=", "xn--bcher-kva.example", "[::ffff:1.2.3.4]"}) {
    EXPECT_TRUE(IsValidHost(host)) << host;
  }
}

TEST(HostTest, RefusesEverythingElse) {
  for (const char* host :
       {"a@b",       "h:port",
        "[::1",      "::1",
        "a b",       "a/b",
        "a?b",       "a#b",
        "h:65536",   "h:99999999999999999999",
        "h:1:2",     ":80",
        "[::1]x",    "[::1]:x",
        "[]",        "[1.2.3.4]",
        "[::g]",     "a%2",
        "a%00",      "a\"b",
        "a\\b",      "<a>",
        "a^b",       "a|b",
        "b\xc3\xbc", "[::1%25eth0]",
        "a]",        "h:-1",
        "h:+1",      "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]"}) {
    EXPECT_FALSE(IsValidHost(host)) << host;
  }
}

}  // namespace
}  // namespace uwsgi::protocol
