// SPDX-License-Identifier: MIT

#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace uwsgi {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::kInvalid, "odd"};
  return number / 2;
}

TEST(ResultTest, HoldsAValueOrAnError) {
  const Result<int> good = Half(4);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, 2);

  const Result<int> bad = Half(3);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(bad.error().message, "odd");
}

TEST(ResultTest, MovesItsValueOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> owned = *std::move(result);
  EXPECT_EQ(*owned, 7);
}

TEST(ResultTest, MayHaveNoValueAtAll) {
  EXPECT_TRUE(Result<void>().ok());
  Result<void> failed = Error{ErrorCode::kBusy, "taken"};
  ASSERT_FALSE(failed);
  EXPECT_EQ(std::move(failed).error().message, "taken");
}

TEST(SystemErrorTest, NamesTheCallAndTheReason) {
  const Error error = SystemError("open /x", ENOENT);
  EXPECT_EQ(error.code, ErrorCode::kSystem);
  EXPECT_EQ(error.message, "open /x: No such file or directory");
}

}  // namespace
}  // namespace uwsgi
