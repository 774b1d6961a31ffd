// SPDX-License-Identifier: MIT

#include "worker/head_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace uwsgi {
namespace {

// The value of a variable in a request from this address, or "absent".
std::string VariableFrom(const char* address, std::string_view variable) {
  const WorkerOptions options;
  const std::string hostname = "host";
  HeadReader reader(options, hostname);
  Listener listener;
  listener.wire = Wire::kHttp;
  PeerAddress peer;
  std::strncpy(peer.text.data(), address, peer.text.size() - 1);
  reader.Begin(listener, peer);
  Request request;
  const std::string head =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n\r\n";
  EXPECT_EQ(reader.Read(head, request), HeadReader::Status::kDone);
  if (variable == "scheme") return std::string(request.scheme);
  const auto found = std::find_if(request.vars.begin(), request.vars.end(),
                                  [&](const Var& var) { return var.key == variable; });
  return found == request.vars.end() ? "absent" : std::string(found->value);
}

TEST(HeadReaderTest, BelievesForwardedHeadersOfProxiesOnThisMachine) {
  for (const char* address : {"", "127.0.0.1", "127.8.9.1", "::1"}) {
    EXPECT_EQ(VariableFrom(address, "HTTP_X_FORWARDED_FOR"), "9.9.9.9") << address;
    EXPECT_EQ(VariableFrom(address, "scheme"), "https") << address;
  }
}

TEST(HeadReaderTest, RemovesForwardedHeadersOfOthers) {
  for (const char* address : {"192.0.2.7", "1.127.0.1", "2001:db8::1"}) {
    EXPECT_EQ(VariableFrom(address, "HTTP_X_FORWARDED_FOR"), "absent") << address;
    EXPECT_EQ(VariableFrom(address, "scheme"), "http") << address;
  }
}

}  // namespace
}  // namespace uwsgi
