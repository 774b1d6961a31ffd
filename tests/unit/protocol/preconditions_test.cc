// SPDX-License-Identifier: MIT

#include "protocol/preconditions.h"

#include <gtest/gtest.h>

namespace uwsgi::protocol {
namespace {

constexpr std::time_t kModified = 784111777;
constexpr std::string_view kThen = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr Validators kFile = {"\"abc\"", kModified};
constexpr std::time_t kNow = kModified + 1'000'000;

TEST(PreconditionsTest, InTheirOrderOfPrecedence) {
  struct Case {
    ConditionalFields fields;
    int code;
  };
  const Case cases[] = {
      {{}, 200},
      {{.if_match = "\"abc\""}, 200},
      {{.if_match = "*"}, 200},
      {{.if_match = "\"x\", \"abc\""}, 200},
      {{.if_match = "\"x\""}, 412},
      {{.if_match = "W/\"abc\""}, 412},
      {{.if_match = "abc"}, 412},
      {{.if_match = "\"abc\"", .if_unmodified_since = kBefore}, 200},
      {{.if_unmodified_since = kThen}, 200},
      {{.if_unmodified_since = kBefore}, 412},
      {{.if_unmodified_since = "yesterday"}, 200},
      {{.if_none_match = "\"abc\""}, 304},
      {{.if_none_match = "W/\"abc\""}, 304},
      {{.if_none_match = "\"x\" , \"abc\""}, 304},
      {{.if_none_match = "*"}, 304},
      {{.if_none_match = "\"x\""}, 200},
      {{.if_none_match = "\"abc"}, 200},
      {{.if_none_match = "\"a\" \"abc\""}, 200},
      {{.if_none_match = "\"x\"", .if_modified_since = kAfter}, 200},
      {{.if_modified_since = kThen}, 304},
      {{.if_modified_since = kAfter}, 304},
      {{.if_modified_since = kBefore}, 200},
      {{.if_modified_since = "0"}, 200},
      {{.if_match = "\"x\"", .if_none_match = "\"abc\""}, 412},
  };
  for (const auto& [fields, code] : cases) {
    EXPECT_EQ(EvaluatePreconditions(fields, kFile, kNow), code)
        << fields.if_match << '|' << fields.if_none_match << '|' << fields.if_modified_since << '|'
        << fields.if_unmodified_since;
  }
}

TEST(PreconditionsTest, IfRangeNeedsExactlyThisContent) {
  struct Case {
    std::string_view if_range;
    bool applies;
  };
  const Case cases[] = {
      {"", true},    {"\"abc\"", true}, {"\"x\"", false}, {"W/\"abc\"", false},
      {kThen, true}, {kBefore, false},  {kAfter, false},  {"nonsense", false},
  };
  for (const auto& [if_range, applies] : cases) {
    const ConditionalFields fields = {.if_range = if_range, .range = "bytes=0-1"};
    EXPECT_EQ(RangeApplies(fields, kFile, kNow), applies) << if_range;
  }
  EXPECT_FALSE(RangeApplies({}, kFile, kNow));
}

TEST(PreconditionsTest, AreFoundInTheVariables) {
  Request request;
  request.method = "GET";
  request.vars = {{"HTTP_RANGE", "bytes=0-1"},
                  {"HTTP_ACCEPT_ENCODING", "br"},
                  {"X", "y"},
                  {"HTTP_IF_NONE_MATCH", "a"},
                  {"HTTP_IF_NONE_MATCH", "b"}};
  const ConditionalFields fields = FindConditionalFields(request);
  EXPECT_EQ(fields.range, "bytes=0-1");
  EXPECT_EQ(fields.accept_encoding, "br");
  EXPECT_EQ(fields.if_none_match, "b");
  EXPECT_EQ(fields.if_match, "");
  request.method = "HEAD";
  EXPECT_EQ(FindConditionalFields(request).range, "");
  EXPECT_EQ(FindConditionalFields(request).if_none_match, "b");
  for (const char* method : {"POST", "get", ""}) {
    request.method = method;
    EXPECT_EQ(FindConditionalFields(request).range, "") << method;
    EXPECT_EQ(FindConditionalFields(request).if_none_match, "") << method;
  }
}

TEST(PreconditionsTest, AWeakTagIsNamedForIfNoneMatchOnly) {
  const Validators weak{"W/\"a-gzip\"", 0};
  const std::time_t now = 1000;
  EXPECT_EQ(EvaluatePreconditions({.if_none_match = "W/\"a-gzip\""}, weak, now), 304);
  EXPECT_EQ(EvaluatePreconditions({.if_none_match = "\"b\", \"a-gzip\""}, weak, now), 304);
  EXPECT_EQ(EvaluatePreconditions({.if_none_match = "\"a\""}, weak, now), 200);
  EXPECT_EQ(EvaluatePreconditions({.if_match = "W/\"a-gzip\""}, weak, now), 412);
  EXPECT_EQ(EvaluatePreconditions({.if_match = "\"a-gzip\""}, weak, now), 412);
  EXPECT_EQ(EvaluatePreconditions({.if_match = "*"}, weak, now), 200);
  for (const char* tag : {"W/\"a-gzip\"", "\"a-gzip\""}) {
    EXPECT_FALSE(RangeApplies({.if_range = tag, .range = "bytes=0-1"}, weak, now)) << tag;
  }
}

}  // namespace
}  // namespace uwsgi::protocol
