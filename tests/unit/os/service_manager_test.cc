// SPDX-License-Identifier: MIT

#include "os/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "os/clock.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

using namespace std::chrono_literals;

class ServiceManagerTest : public testing::Test {
 protected:
  ServiceManagerTest() : path_(directory_ / "notify") {
    socket_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto address = Resolve(*ParseAddress(path_));
    EXPECT_EQ(bind(socket_.get(), address->get(), address->size), 0);
    setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~ServiceManagerTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  std::string Next() const {
    std::array<char, 4096> text;
    const ssize_t size = recv(socket_.get(), text.data(), text.size(), 0);
    return size < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(size));
  }

  const TempDir directory_;
  const std::string path_;
  const std::string pid_ = "MAINPID=" + std::to_string(getpid()) + "\n";
  UniqueFd socket_;
};

TEST_F(ServiceManagerTest, SaysWhatSdNotifyDefines) {
  auto manager = ServiceManager::FromEnvironment();
  manager.Starting("one");
  EXPECT_EQ(Next(), pid_ + "STATUS=one\n");
  manager.Ready("two");
  EXPECT_EQ(Next(), "READY=1\n" + pid_ + "STATUS=two\n");
  const std::int64_t before = MonotonicNs() / 1000;
  manager.Reloading("three");
  const std::string text = Next();
  const std::string begin = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(text.starts_with(begin)) << text;
  const std::int64_t said = std::stoll(text.substr(begin.size()));
  EXPECT_GE(said, before);
  EXPECT_LE(said, MonotonicNs() / 1000);
  EXPECT_EQ(text, begin + std::to_string(said) + "\n" + pid_ + "STATUS=three\n");
  manager.Stopping("four");
  EXPECT_EQ(Next(), "STOPPING=1\n" + pid_ + "STATUS=four\n");
  manager.Ping();
  EXPECT_EQ(Next(), "WATCHDOG=1\n");
}

TEST_F(ServiceManagerTest, PingsTwiceInTheTimeThatIsGrantedToThisProcess) {
  EXPECT_EQ(ServiceManager::FromEnvironment().ping_interval(), 0ms);
  setenv("WATCHDOG_USEC", "90000000", 1);
  EXPECT_EQ(ServiceManager::FromEnvironment().ping_interval(), 45s);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(ServiceManager::FromEnvironment().ping_interval(), 45s);
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager::FromEnvironment().ping_interval(), 0ms);
}

TEST_F(ServiceManagerTest, SaysNothingWhereNobodyAsks) {
  unsetenv("NOTIFY_SOCKET");
  ServiceManager::FromEnvironment().Ready("serving");
  EXPECT_EQ(Next(), "nothing");
}

}  // namespace
}  // namespace uwsgi::os
