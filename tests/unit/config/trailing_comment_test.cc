// SPDX-License-Identifier: MIT

#include "config/trailing_comment.h"

#include <gtest/gtest.h>

namespace uwsgi::config {
namespace {

TEST(WithoutTrailingCommentTest, CutsWhatFollowsABlankAndAMark) {
  const std::pair<const char*, const char*> cases[] = {
      {"0.0.0.0:3031                  # 指定socket监听的地址和端口", "0.0.0.0:3031"},
      {"666      # socket权限", "666"},
      {"true ; Delete sockets", "true"},
      {"true         //主进程", "true"},
      {"65535 #", "65535"},
      {"8192 #10240", "8192"},
      {"300\t# MB", "300"},
      {"127.0.0.1:3031\u3000# 指定", "127.0.0.1:3031"},
      {"30\u00a0\u3000 ;nombre", "30"},
      {"/数#据", "/数#据"},
      {"# only a comment", ""},
      {"; only a comment", ""},
      {"/path#with", "/path#with"},
      {"a;b", "a;b"},
      {"http://host/", "http://host/"},
      {"//host/share", "//host/share"},
      {"", ""},
  };
  for (const auto& [value, expected] : cases) {
    EXPECT_EQ(WithoutTrailingComment(value), expected) << value;
  }
}

}  // namespace
}  // namespace uwsgi::config
