// SPDX-License-Identifier: MIT

#include "os/memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

constexpr std::size_t kSize = 64 * 1024;

class MemoryTest : public testing::Test {
 protected:
  // The file, mapped privately.
  char* Map(int protection) {
    std::ofstream(path_) << std::string(kSize, 'x');
    const UniqueFd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    void* const at = ::mmap(nullptr, kSize, protection, MAP_PRIVATE, file.get(), 0);
    EXPECT_NE(at, MAP_FAILED);
    return static_cast<char*>(at);
  }

  // Of the mapping, as /proc/self/smaps has it: "64 kB".
  std::string Resident() const {
    std::ifstream smaps("/proc/self/smaps");
    bool found = false;
    for (std::string line; std::getline(smaps, line);) {
      if (line.ends_with(path_)) found = true;
      if (found && line.starts_with("Rss:")) return line.substr(line.find_first_not_of(' ', 4));
    }
    return "no such mapping";
  }

  TempDir directory_;
  const std::string path_ = directory_.path() + "/mapped";
};

TEST_F(MemoryTest, DropsWhatCanBeReadAgain) {
  const char* const bytes = Map(PROT_READ);
  ASSERT_EQ(std::string_view(bytes, kSize), std::string(kSize, 'x'));
  ASSERT_EQ(Resident(), "64 kB");
  DropFilePages();
  EXPECT_EQ(Resident(), "0 kB");
  EXPECT_EQ(std::string_view(bytes, kSize), std::string(kSize, 'x'));
}

TEST_F(MemoryTest, KeepsWhatWasChangedBeforeItBecameReadOnly) {
  char* const bytes = Map(PROT_READ | PROT_WRITE);
  bytes[0] = 'y';
  ASSERT_EQ(::mprotect(bytes, kSize, PROT_READ), 0);
  DropFilePages();
  EXPECT_EQ(bytes[0], 'y');
}

TEST_F(MemoryTest, KeepsWhatMayBeWritten) {
  char* const bytes = Map(PROT_READ | PROT_WRITE);
  bytes[0] = 'y';
  DropFilePages();
  EXPECT_EQ(bytes[0], 'y');
}

}  // namespace
}  // namespace uwsgi::os
