// SPDX-License-Identifier: MIT

#include "worker/connection_services.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace uwsgi {
namespace {

using std::chrono_literals::operator""s;

class ConnectionServicesTest : public ::testing::Test {
 protected:
  std::unique_ptr<ConnectionServices> Make() {
    return std::make_unique<ConnectionServices>(
        ConnectionServices::Parts{options_, peers_, compression_, websockets_, listeners_,
                                  static_files_, app_files_, *tls_, noted_},
        [] {});
  }

  RequestOptions options_;
  const PeerOptions peers_{};
  const CompressionOptions compression_{};
  const WebSocketOptions websockets_{};
  std::vector<Listener> listeners_;
  const StaticFiles static_files_{StaticOptions{}};
  const AppFiles app_files_{StaticOptions{}};
  const std::unique_ptr<tls::ServerContexts> tls_ = *tls::ServerContexts::Make({});
  NotedNames noted_{};
};

TEST_F(ConnectionServicesTest, OnlyClientsOfHttpHaveATimeoutOfTheirOwn) {
  options_.socket_timeout = 60s;
  const WireProtocol& uwsgi = ProtocolOf(Wire::kUwsgi);
  const WireProtocol& http = ProtocolOf(Wire::kHttp);
  EXPECT_EQ(Make()->progress_timeout(http), 60s) << "there is none";
  options_.http_timeout = 5s;
  EXPECT_EQ(Make()->progress_timeout(uwsgi), 60s);
  EXPECT_EQ(Make()->progress_timeout(http), 5s);
}

TEST_F(ConnectionServicesTest, NamesThePortOfHttpsWhereItIsNotTheUsualOne) {
  EXPECT_EQ(Make()->https_port, "");
  Listener plain;
  plain.port = "80";
  Listener secure;
  secure.tls = 0;
  secure.port = "8443";
  listeners_ = {plain, secure};
  EXPECT_EQ(Make()->https_port, "8443");
  listeners_[1].port = "443";
  EXPECT_EQ(Make()->https_port, "");
}

TEST_F(ConnectionServicesTest, LimitsBodiesAsConfigured) {
  options_.limit_post.bytes = 1;
  options_.body_buffer.bytes = 2;
  options_.post_buffering.bytes = 3;
  options_.body_min_rate.bytes = 4;
  const auto services = Make();
  EXPECT_EQ(services->body_limits.post, 1U);
  EXPECT_EQ(services->body_limits.memory, 2U);
  EXPECT_EQ(services->body_limits.whole_above, 3U);
  EXPECT_EQ(services->body_limits.min_rate, 4U);
  EXPECT_EQ(services->body_limits.threads_wanted, &services->threads_wanted);
}

TEST_F(ConnectionServicesTest, WhatIsNotConfiguredIsNotThere) {
  const auto services = Make();
  EXPECT_EQ(services->app_files, nullptr);
  EXPECT_FALSE(services->compressor.is_enabled());
  EXPECT_FALSE(services->extra_fields.wants_close);
}

}  // namespace
}  // namespace uwsgi
