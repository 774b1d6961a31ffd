// SPDX-License-Identifier: MIT

#include "zygote/process_options.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

namespace uwsgi {
namespace {

TEST(ApplyToApplicationsTest, SetsAndUnsetsVariablesAndTheUmask) {
  ::setenv("PROCESS_OPTIONS_OLD", "x", 1);
  ProcessOptions options;
  options.env = {{"PROCESS_OPTIONS_NEW", "a=b"}};
  options.unenv = {"PROCESS_OPTIONS_OLD"};
  options.umask = FileMode{027};
  ASSERT_TRUE(ApplyToApplications(options));
  EXPECT_STREQ(::getenv("PROCESS_OPTIONS_NEW"), "a=b");
  EXPECT_EQ(::getenv("PROCESS_OPTIONS_OLD"), nullptr);
  EXPECT_EQ(::umask(022), 027U);
}

TEST(ApplyToApplicationsTest, RefusesAVariableWithoutAName) {
  ProcessOptions options;
  options.env = {{"", "x"}};
  EXPECT_FALSE(ApplyToApplications(options));
}

TEST(ChangeDirectoryTest, NamesTheDirectoryThatIsNotThere) {
  const auto before = std::filesystem::current_path();
  EXPECT_TRUE(ChangeDirectory(""));
  EXPECT_EQ(std::filesystem::current_path(), before);
  const auto failed = ChangeDirectory("/nonexistent/place");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("/nonexistent/place"), std::string::npos);
}

}  // namespace
}  // namespace uwsgi
