// SPDX-License-Identifier: MIT

#include "static_files/open_beneath.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/descriptor_limit.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

TEST(IsPlainPathTest, AcceptsOneSpellingOnly) {
  for (const std::string_view plain :
       {"", "a", "a/b", "a/b/", ".hidden", "..a", "a..", "a/...", "a b"}) {
    EXPECT_TRUE(IsPlainPath(plain)) << plain;
  }
  using std::string_view_literals::operator""sv;
  for (const std::string_view other :
       {"/"sv, "/a"sv, "a//b"sv, "a//"sv, "."sv, ".."sv, "./a"sv, "../a"sv, "a/.."sv, "a/../b"sv,
        "a/./b"sv, "a/../"sv, "a\0b"sv, "\0"sv}) {
    EXPECT_FALSE(IsPlainPath(other)) << other;
  }
}

// From now on openat2 fails in this process, as on an old kernel or in some containers.
bool ForbidOpenat2() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{std::size(program), program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0) return false;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return false;
  return syscall(SYS_openat2, -1, nullptr, nullptr, 0) == -1 && errno == ENOSYS;
}

class OpenBeneathTest : public ::testing::Test {
 protected:
  OpenBeneathTest() {
    directory_.Write("root/a.txt", "a");
    directory_.Write("root/sub/b.txt", "b");
    directory_.Write("outside/secret.txt", "secret");
    directory_.Write("root-beside/c.txt", "c");
  }

  // The file's content, or "miss".
  std::string Open(const std::string& relative, const std::vector<std::string>& safe = {}) {
    return Open(relative, LinkPolicy{FollowLinks::kSafe, safe});
  }
  std::string Open(const std::string& relative, const LinkPolicy& policy) {
    const UniqueFd fd = OpenBeneath(OpenRoot(directory_ / "root"), relative, policy).fd;
    if (!fd.valid()) return "miss";
    std::array<char, 64> content;
    const ssize_t size = read(fd.get(), content.data(), content.size());
    return size < 0 ? "no file" : std::string(content.data(), static_cast<std::size_t>(size));
  }
  void Link(const std::string& to, const std::string& name) {
    std::filesystem::create_symlink(to, directory_ / name);
  }

  TempDir directory_;
};

TEST_F(OpenBeneathTest, OpensWhatIsThere) {
  EXPECT_EQ(Open("a.txt"), "a");
  EXPECT_EQ(Open("sub/b.txt"), "b");
  EXPECT_EQ(Open("sub"), "no file");
  EXPECT_EQ(Open(""), "no file");
  EXPECT_EQ(Open("c.txt"), "miss");
  EXPECT_EQ(Open("a.txt/"), "miss");
  EXPECT_EQ(Open("a.txt/x"), "miss");
  EXPECT_EQ(Open(std::string(100'000, 'x')), "miss");
  EXPECT_FALSE(OpenBeneath(OpenRoot(directory_ / "absent"), "a.txt", {}).fd.valid());
}

TEST_F(OpenBeneathTest, LinksStayBelowTheRoot) {
  Link("a.txt", "root/near");
  Link("../a.txt", "root/sub/up");
  Link(directory_ / "root/a.txt", "root/absolute");
  Link("../outside/secret.txt", "root/out");
  Link(directory_ / "outside", "root/folder");
  Link("../root-beside/c.txt", "root/beside");
  Link("loop", "root/loop");
  Link("/proc/self/fd/0", "root/magic");
  Link("nowhere", "root/dangling");
  EXPECT_EQ(Open("near"), "a");
  EXPECT_EQ(Open("sub/up"), "a");
  EXPECT_EQ(Open("absolute"), "a");
  for (const char* name : {"out", "folder/secret.txt", "beside", "loop", "magic", "dangling"}) {
    EXPECT_EQ(Open(name), "miss") << name;
  }
}

TEST_F(OpenBeneathTest, OtherPoliciesForLinks) {
  Link("a.txt", "root/near");
  Link("sub", "root/folder");
  Link("../outside/secret.txt", "root/out");
  const LinkPolicy none{FollowLinks::kNone, {directory_.path()}};
  EXPECT_EQ(Open("a.txt", none), "a");
  for (const char* name : {"near", "folder/b.txt", "out"}) EXPECT_EQ(Open(name, none), "miss");
  EXPECT_EQ(Open("out", LinkPolicy{FollowLinks::kAll, {}}), "secret");
  EXPECT_EQ(Open("out", LinkPolicy{FollowLinks::kOwner, {}}), "secret");
  EXPECT_EQ(Open("out/../../a.txt", LinkPolicy{FollowLinks::kSafe, {}}), "miss");
}

TEST_F(OpenBeneathTest, AnotherOwnersFileIsNotFollowed) {
  Link("../outside/secret.txt", "root/out");
  if (::chown((directory_ / "outside/secret.txt").c_str(), 12345, 12345) != 0) GTEST_SKIP();
  EXPECT_EQ(Open("out", LinkPolicy{FollowLinks::kOwner, {}}), "miss");
}

TEST_F(OpenBeneathTest, HoldsWithoutOpenat2) {
  Link("../a.txt", "root/sub/up");
  Link("../outside/secret.txt", "root/out");
  Link(directory_ / "outside", "root/folder");
  Link("../root-beside/c.txt", "root/beside");
  const int status = RunInChild([&] {
    if (!ForbidOpenat2()) return 77;
    if (Open("a.txt") != "a" || Open("sub/up") != "a") return 1;
    if (Open("out") != "miss" || Open("folder/secret.txt") != "miss") return 2;
    if (Open("beside") != "miss") return 3;
    return Open("out", {directory_ / "outside"}) == "secret" ? 0 : 4;
  });
  if (status == 77) GTEST_SKIP() << "no seccomp here";
  EXPECT_EQ(status, 0);
}

TEST_F(OpenBeneathTest, SafeDirectoriesMayBeLinkedTo) {
  Link("../outside/secret.txt", "root/out");
  Link(directory_ / "outside", "root/folder");
  Link("outside", "alias");
  EXPECT_EQ(Open("out", {directory_ / "outside"}), "secret");
  EXPECT_EQ(Open("folder/secret.txt", {"/nonexistent", directory_ / "outside"}), "secret");
  EXPECT_EQ(Open("out", {directory_ / "alias"}), "secret");
  EXPECT_EQ(Open("out", {directory_ / "out"}), "miss");
  EXPECT_EQ(Open("out", {directory_ / "root-beside"}), "miss");
  EXPECT_EQ(Open("out", {"/"}), "secret");
}

TEST_F(OpenBeneathTest, TheRootMayBeALinkThatIsSwitched) {
  const std::string current = directory_ / "current";
  OpenRoots roots;
  const auto has = [&](const char* name) {
    return OpenBeneath(roots.Open(current), name, {}).fd.valid();
  };
  EXPECT_FALSE(has("a.txt"));
  roots.Close();
  Link("root", "current");
  EXPECT_TRUE(has("a.txt"));
  std::filesystem::remove(current);
  Link("root-beside", "current");
  EXPECT_FALSE(has("c.txt"));  // Until the next Close.
  roots.Close();
  EXPECT_TRUE(has("c.txt"));
}

TEST_F(OpenBeneathTest, AShortageOfDescriptorsIsNoMiss) {
  Link("../outside/secret.txt", "root/out");
  struct Case {
    const char* name;
    int room;  // Descriptors that may be opened.
    bool is_short;
    bool is_opened;
  };
  for (const auto& [name, room, is_short, is_opened] :
       {Case{"a.txt", 0, true, false}, Case{"a.txt", 1, true, false}, Case{"a.txt", 2, false, true},
        Case{"none", 0, true, false}, Case{"none", 2, false, false}, Case{"out", 0, true, false},
        Case{"out", 1, true, false}, Case{"out", 2, true, false}, Case{"out", 3, false, true}}) {
    OpenedFile opened;
    {
      const DescriptorLimit limit(room);
      opened = OpenBeneath(OpenRoot(directory_ / "root"), name,
                           LinkPolicy{FollowLinks::kSafe, {directory_ / "outside"}});
    }
    EXPECT_EQ(opened.shortage, is_short ? EMFILE : 0) << name << " with room for " << room;
    EXPECT_EQ(opened.fd.valid(), is_opened) << name << " with room for " << room;
  }
}

TEST_F(OpenBeneathTest, AFifoDoesNotBlock) {
  ASSERT_EQ(mkfifo((directory_ / "root/fifo").c_str(), 0600), 0);
  EXPECT_EQ(Open("fifo"), "");
}

}  // namespace
}  // namespace uwsgi
