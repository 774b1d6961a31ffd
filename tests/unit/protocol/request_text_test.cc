// SPDX-License-Identifier: MIT

#include "protocol/request_text.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi::protocol {
namespace {

TEST(RequestTextTest, TheLastOfSeveralVariablesCounts) {
  Request request;
  request.vars = {{"HOST", "one"}, {"PATH", "/"}, {"HOST", "two"}};
  EXPECT_EQ(FindVar(request, "HOST"), "two");
  EXPECT_EQ(FindVar(request, "host"), "");
}

TEST(RequestTextTest, NothingThatIsShownEndsALineOrAField) {
  std::string shown = "<";
  AppendLogText("a b\n\"\\\t\x7f\xc3\xa9\x1b", shown);
  EXPECT_EQ(shown, "<a b\\x0A\\x22\\x5C\\x09\\x7F\xc3\xa9\\x1B");
  AppendLogText("", shown);
  AppendLogText(">", shown);
  EXPECT_TRUE(shown.ends_with("\\x1B>"));
}

}  // namespace
}  // namespace uwsgi::protocol
