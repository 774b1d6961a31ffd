// SPDX-License-Identifier: MIT

#include "net/spool_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "support/temp_dir.h"

namespace uwsgi {
namespace {

TEST(SpoolRoomTest, GivesNoMoreThanThereIs) {
  SpoolRoom room(100);
  EXPECT_TRUE(room.Take(60));
  EXPECT_FALSE(room.Take(41));
  EXPECT_TRUE(room.Take(40));
  EXPECT_FALSE(room.Take(1));
  room.Return(60);
  EXPECT_TRUE(room.Take(60));
}

TEST(SpoolRoomTest, IsUselessWithoutALimitOrFiles) {
  EXPECT_FALSE(SpoolRoom(0).is_usable());
  SpoolRoom room(100);
  EXPECT_TRUE(room.is_usable());
  SpoolFile file;
  room.NoteNoFiles(file.Open("/nonexistent").error());
  EXPECT_FALSE(room.is_usable());
}

TEST(SpoolFileTest, ForgetsWhatIsCutOff) {
  const TempDir directory;
  SpoolFile file;
  ASSERT_TRUE(file.Open(directory.path()).ok());
  ASSERT_TRUE(file.Append("kept and cut").ok());
  file.Cut(4);
  ASSERT_TRUE(file.Append("!").ok());
  EXPECT_EQ(file.size(), 5U);
  std::array<char, 20> text;
  const ssize_t size = ::pread(file.fd(), text.data(), text.size(), 0);
  EXPECT_EQ(std::string_view(text.data(), static_cast<std::size_t>(size)), "kept!");
}

}  // namespace
}  // namespace uwsgi
