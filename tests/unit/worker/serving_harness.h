// SPDX-License-Identifier: MIT

#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "dispatch/dispatcher.h"
#include "protocol/response_head.h"
#include "support/fake_gateway.h"
#include "worker/connection_reactor.h"
#include "worker/gateway_waiter.h"
#include "worker/harakiri.h"

namespace uwsgi::testing {

// A client of one connection, which gives up loudly after a deadline.
class Client {
 public:
  explicit Client(UniqueFd fd) : fd_(std::move(fd)) {
    const timeval deadline{20, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
  }
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Bytes that have come and were not read.
  int available() const {
    int bytes = 0;
    ::ioctl(fd_.get(), FIONREAD, &bytes);
    return bytes;
  }
  void EndInput() { ::shutdown(fd_.get(), SHUT_WR); }
  // Everything until the server closes. `was_reset` says whether it did so rudely.
  std::string ReadAll(bool* was_reset = nullptr) {
    std::string all;
    for (;;) {
      std::array<char, 65536> piece;
      const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
      if (got < 0 && was_reset != nullptr) *was_reset = true;
      if (got <= 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  // At most `count` bytes, fewer if the server closes.
  std::string Read(std::size_t count) {
    std::string all(count, '\0');
    std::size_t size = 0;
    for (ssize_t got = 1; size < count && got > 0; size += static_cast<std::size_t>(got)) {
      got = std::max<ssize_t>(0, ::recv(fd_.get(), all.data() + size, count - size, 0));
    }
    return all.substr(0, size);
  }
  // Until what was read ends with `end`.
  std::string ReadUntil(std::string_view end) {
    std::string all;
    while (!all.ends_with(end)) {
      char byte = 0;
      if (::recv(fd_.get(), &byte, 1, 0) <= 0) break;
      all.push_back(byte);
    }
    return all;
  }
  void Close() { fd_.reset(); }

 private:
  UniqueFd fd_;
};

inline std::string BodyOf(const std::string& response) {
  const auto end = response.find("\r\n\r\n");
  return end == std::string::npos ? "no head: " + response : response.substr(end + 4);
}

struct HarnessOptions : RequestOptions {
  int threads = 1;
  std::chrono::seconds harakiri{0};
};

// A worker without Python: a listener on a unix socket, the real reactor and dispatcher, and a
// function for an application. Serves on a thread of its own until the destructor.
class ServingHarness {
 public:
  using Application = FakeGateway::Application;

  explicit ServingHarness(Application application, Wire wire = Wire::kUwsgi,
                          HarnessOptions options = {}, std::pair<int, int> handoff = {-1, -1})
      : options_(std::move(options)), gateway_(std::move(application)) {
    Listen(wire);
    generation_.handoff_send_fd = handoff.first;
    generation_.handoff_receive_fd = handoff.second;
    options_.post_buffering_dir = "/tmp";
    auto made = Scoreboard::Create(1, options_.threads);
    EXPECT_TRUE(made.ok());
    scoreboard_ = std::make_unique<Scoreboard>(*std::move(made));
    generation_.scoreboard = scoreboard_.get();
    generation_.listeners.push_back(listener_);
    auto request_log = RequestLog::Create(Silent());
    EXPECT_TRUE(request_log.ok());
    request_log_ = std::make_unique<RequestLog>(*std::move(request_log));
    harakiri_ = std::make_unique<Harakiri>(options_.harakiri, options_.threads, 1, gateway_);
    accounting_ =
        std::make_unique<RequestAccounting>(*scoreboard_, identity_, *request_log_, *harakiri_);
    restraint_ = std::make_unique<AcceptRestraint>(*scoreboard_, identity_.slot, 1);
    auto reactor = ConnectionReactor::Create(
        {options_, peers_, compression_, websockets_, options_.threads, generation_, static_files_,
         app_files_, *tls_, *accounting_, *request_log_, waiter_, *restraint_,
         [] { ADD_FAILURE() << "the loop is broken"; }});
    EXPECT_TRUE(reactor.ok());
    reactor_ = *std::move(reactor);
    drain_ = std::make_unique<os::Wakeup>(reactor_->loop(), [this] { reactor_->Drain(true); });
    tick_ = std::make_unique<os::Timer>(reactor_->loop());
    tick_->Start(std::chrono::milliseconds(20), std::chrono::milliseconds(20), [this] {
      reactor_->ExpireDeadlines();
      accounting_->EndOverdue();
    });
    thread_ = std::thread([this] {
      DispatcherOptions dispatching;
      dispatching.threads = options_.threads;
      Dispatcher dispatcher(dispatching, gateway_, *reactor_, *reactor_);
      EXPECT_TRUE(dispatcher.Run().ok());
    });
  }

  ~ServingHarness() {
    Drain();
    thread_.join();
    tick_.reset();
    drain_.reset();
    reactor_.reset();
    ::close(listener_.fd);
    ::unlink(path_.c_str());
  }

  void Drain() { drain_->Send(); }

  Client Connect() {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = Address();
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return Client(std::move(fd));
  }
  // One whole exchange on a connection of its own.
  std::string Ask(std::string_view request) {
    Client client = Connect();
    EXPECT_TRUE(client.Send(request));
    return client.ReadAll();
  }

  void Post(std::unique_ptr<Job> job) { reactor_->Post(std::move(job)); }

  Scoreboard& scoreboard() { return *scoreboard_; }
  FakeGateway& gateway() { return gateway_; }

 private:
  static LogOptions Silent() {
    LogOptions log;
    log.disable_logging = true;
    return log;
  }
  sockaddr_un Address() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return address;
  }
  void Listen(Wire wire) {
    std::string directory = ::testing::TempDir() + "servingXXXXXX";
    EXPECT_NE(::mkdtemp(directory.data()), nullptr);
    path_ = directory + "/socket";
    listener_.fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_un address = Address();
    EXPECT_EQ(::bind(listener_.fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    EXPECT_EQ(::listen(listener_.fd, 1024), 0);
    listener_.wire = wire;
    listener_.family = AddressFamily::kUnix;
    listener_.name = path_;
    listener_.port = "80";
  }

  HarnessOptions options_;
  FakeGateway gateway_;
  GatewayWaiter waiter_{gateway_};
  std::string path_;
  Listener listener_;
  GenerationContext generation_;
  const WorkerIdentity identity_{1, 0};
  std::unique_ptr<Scoreboard> scoreboard_;
  const PeerOptions peers_{};
  const CompressionOptions compression_{};
  const WebSocketOptions websockets_{};
  const StaticFiles static_files_{StaticOptions{}};
  const AppFiles app_files_{StaticOptions{}};
  const std::unique_ptr<tls::ServerContexts> tls_ = *tls::ServerContexts::Make({});
  std::unique_ptr<RequestLog> request_log_;
  std::unique_ptr<Harakiri> harakiri_;
  std::unique_ptr<RequestAccounting> accounting_;
  std::unique_ptr<AcceptRestraint> restraint_;
  std::unique_ptr<ConnectionReactor> reactor_;
  std::unique_ptr<os::Wakeup> drain_;
  std::unique_ptr<os::Timer> tick_;
  std::thread thread_;
};

// A uwsgi packet of these variables, followed by `body`.
inline std::string Packet(const std::vector<std::pair<std::string, std::string>>& vars,
                          std::string_view body = {}) {
  const auto append = [](std::string& out, std::size_t size) {
    out.push_back(static_cast<char>(size & 0xff));
    out.push_back(static_cast<char>(size >> 8));
  };
  std::string block;
  for (const auto& [key, value] : vars) {
    append(block, key.size());
    block += key;
    append(block, value.size());
    block += value;
  }
  std::string packet(1, '\0');
  append(packet, block.size());
  packet.push_back('\0');
  return packet + block + std::string(body);
}

// Answers 200 with one header and this body, at once.
inline void Respond(Exchange& exchange, std::string_view body, std::string_view status = "200 OK") {
  protocol::ResponseHeadBuilder builder;
  builder.SetStatus(status);
  builder.Add("Content-Type", "text/plain");
  exchange.response().SetHead(builder.head());
  exchange.response().Write({&body, 1}, true);
}

}  // namespace uwsgi::testing
