// SPDX-License-Identifier: MIT

#include "os/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "os/address.h"
#include "os/system_info.h"
#include "support/child_process.h"

namespace uwsgi::os {
namespace {

using ::testing::HasSubstr;

int Option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  getsockopt(fd, level, name, &value, &size);
  return value;
}

bool CanConnect(const std::string& name) {
  const auto target = Resolve(*ParseAddress(name));
  const UniqueFd fd(socket(target->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(fd.get(), target->get(), target->size) == 0;
}

// As messages name it.
std::string ThisProcess() { return "process " + std::to_string(getpid()) + " (os_test)"; }

BoundListener Open(const std::string& address, const ListenOptions& options = {}) {
  auto opened = OpenListener(address, Wire::kUwsgi, options);
  EXPECT_TRUE(opened.ok()) << opened.error().message;
  return opened.ok() ? std::move(*opened) : BoundListener{};
}

TEST(OpenListenerTest, TcpIsReadyForWorkers) {
  const BoundListener bound = Open("127.0.0.1:0");
  const int fd = bound.fd.get();
  EXPECT_EQ(bound.listener.fd, fd);
  EXPECT_TRUE(bound.port_auto_assigned);
  EXPECT_EQ(bound.listener.name, "127.0.0.1:" + bound.listener.port);
  EXPECT_EQ(bound.listener.host, Hostname());
  EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(Option(fd, SOL_SOCKET, SO_REUSEADDR), 1);
  EXPECT_EQ(Option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_GT(Option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
  EXPECT_EQ(Option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_TRUE(CanConnect(bound.listener.name));
  EXPECT_EQ(bound.Describe(2), "uwsgi socket 2 bound to TCP address " + bound.listener.name +
                                   " (port auto-assigned) fd " + std::to_string(fd));
}

TEST(OpenListenerTest, DescribesWhatABrowserTakes) {
  auto opened = OpenListener("127.0.0.1:0", Wire::kHttp, {});
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const std::string end = " (port auto-assigned) fd " + std::to_string(opened->fd.get());
  EXPECT_EQ(opened->Describe(0), "uWSGI http bound on http://" + opened->listener.name + "/" + end);
  opened->listener.tls = 0;
  EXPECT_EQ(opened->Describe(0),
            "uWSGI http bound on https://" + opened->listener.name + "/" + end);
  opened->listener.name = ":443";
  EXPECT_EQ(opened->Describe(0), "uWSGI http bound on https://0.0.0.0:443/" + end);
}

TEST(OpenListenerTest, OptionsReachTheSocket) {
  ListenOptions options;
  options.no_defer_accept = true;
  options.keep_alive = true;
  options.reuse_port = true;
  const BoundListener bound = Open("127.0.0.1:0", options);
  EXPECT_EQ(Option(bound.fd.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
  EXPECT_EQ(Option(bound.fd.get(), SOL_SOCKET, SO_KEEPALIVE), 1);
  const BoundListener twin = Open("127.0.0.1:" + bound.listener.port, options);
  EXPECT_TRUE(twin.fd.valid());
  EXPECT_FALSE(twin.port_auto_assigned);
  EXPECT_EQ(twin.listener.name, "127.0.0.1:" + bound.listener.port);
}

TEST(OpenListenerTest, AddressInUseNamesTheAddressItsHolderAndTheWayOut) {
  const BoundListener bound = Open("127.0.0.1:0");
  const auto second = OpenListener(bound.listener.name, Wire::kUwsgi, {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_EQ(second.error().message, "cannot bind " + bound.listener.name +
                                        ": address already in use by " + ThisProcess() +
                                        " (another instance? see --pidfile)");
}

TEST(OpenListenerTest, TheHolderOfAnAddressIsFoundBehindAWildcardToo) {
  const BoundListener bound = Open("0.0.0.0:0");
  const auto second = OpenListener("127.0.0.1:" + bound.listener.port, Wire::kUwsgi, {});
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("already in use by " + ThisProcess() + " ("));
}

TEST(OpenListenerTest, TheHolderOfOneAddressIsNotTakenForThatOfAnother) {
  const BoundListener ours = Open("127.0.0.1:0");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd held(ends[0]);
  const pid_t other = fork();
  if (other == 0) {
    const auto there = OpenListener("127.0.0.2:" + ours.listener.port, Wire::kUwsgi, {});
    [[maybe_unused]] const ssize_t told = write(ends[1], there.ok() ? "y" : "n", 1);
    pause();
  }
  close(ends[1]);
  char answer = 'n';
  ASSERT_EQ(read(held.get(), &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  const auto opened = OpenListener("127.0.0.2:" + ours.listener.port, Wire::kUwsgi, {});
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("by process " + std::to_string(other) + " ("));
}

TEST(OpenListenerTest, ForeignAddressIsAnError) {
  const auto opened = OpenListener("192.0.2.1:0", Wire::kUwsgi, {});
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("no interface of this machine"));
}

TEST(OpenListenerTest, AbstractNames) {
  const std::string name = "@uwsgi-test-" + std::to_string(getpid());
  const BoundListener bound = Open(name);
  EXPECT_EQ(bound.listener.name, name);
  EXPECT_EQ(bound.listener.family, AddressFamily::kAbstract);
  EXPECT_FALSE(bound.file.has_value());
  EXPECT_TRUE(CanConnect(name));
  const auto second = OpenListener(name, Wire::kUwsgi, {});
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("already in use by " + ThisProcess() + " ("));
}

TEST(OpenListenerTest, AdoptsAListeningDescriptor) {
  const BoundListener original = Open("127.0.0.1:0");
  const int fd = dup(original.fd.get());
  const auto adopted = OpenListener("fd://" + std::to_string(fd), Wire::kHttp, {});
  ASSERT_TRUE(adopted.ok()) << adopted.error().message;
  EXPECT_EQ(adopted->fd.get(), fd);
  EXPECT_EQ(adopted->listener.name, original.listener.name);
  EXPECT_EQ(adopted->listener.wire, Wire::kHttp);
  EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(adopted->Describe(0),
            "uWSGI http inherited http://" + original.listener.name + "/ fd " + std::to_string(fd));
}

TEST(OpenListenerTest, RefusesADescriptorThatDoesNotListen) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const auto adopted = OpenListener("fd://" + std::to_string(fd), Wire::kUwsgi, {});
  ASSERT_FALSE(adopted.ok());
  EXPECT_THAT(adopted.error().message, HasSubstr("not a listening socket"));
}

TEST(EffectiveBacklogTest, IsNeverMoreThanTheKernelTakes) {
  EXPECT_EQ(EffectiveBacklog(1), 1);
  EXPECT_EQ(EffectiveBacklog(0), std::min(4096, Somaxconn()));
  EXPECT_EQ(EffectiveBacklog(1 << 30), Somaxconn());
}

TEST(ListenerTest, DoesNotCloseADescriptorThatIsNoListener) {
  const UniqueFd other(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto adopted =
      OpenListener("fd://" + std::to_string(other.get()), Wire::kUwsgi, ListenOptions{});
  EXPECT_FALSE(adopted.ok());
  EXPECT_GE(::fcntl(other.get(), F_GETFD), 0);
}

TEST(InheritedListenersTest, TakesSystemdsSockets) {
  const int status = RunInChild([] {
    BoundListener original = Open("127.0.0.1:0");
    const std::string name = original.listener.name;
    const UniqueFd keep(fcntl(original.fd.release(), F_DUPFD, 20));
    dup2(keep.get(), 3);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    const auto inherited = InheritedListeners();
    if (inherited.size() != 1 || inherited[0].fd.get() != 3) return 1;
    if (inherited[0].listener.name != name) return 2;
    if (std::getenv("LISTEN_FDS") != nullptr) return 3;
    return InheritedListeners().empty() ? 0 : 4;
  });
  EXPECT_EQ(status, 0);
}

TEST(InheritedListenersTest, LeavesSocketsThatAreMeantForAnotherProcess) {
  setenv("LISTEN_FDS", "1", 1);
  setenv("LISTEN_PID", "1", 1);
  EXPECT_TRUE(InheritedListeners().empty());
  EXPECT_EQ(std::getenv("LISTEN_PID"), nullptr);
}

TEST(InheritedListenersTest, TakesStandardInput) {
  const int status = RunInChild([] {
    const BoundListener original = Open("127.0.0.1:0");
    dup2(original.fd.get(), STDIN_FILENO);
    const auto inherited = InheritedListeners();
    if (inherited.size() != 1 || inherited[0].fd.get() <= STDERR_FILENO) return 1;
    if (Option(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN) == 1) return 2;
    return inherited[0].listener.name == original.listener.name ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace uwsgi::os
