// SPDX-License-Identifier: MIT

#include "worker/head_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace uwsgi {
namespace {

// The value of a variable in a request from this address, or "absent".
std::string VariableFrom(const PeerAddress& peer, std::string_view variable) {
  const WorkerOptions options;
  const std::string hostname = "host";
  HeadReader reader(options, hostname);
  Listener listener;
  listener.wire = Wire::kHttp;
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

TEST(HeadReaderTest, BelievesForwardedHeadersOfTrustedProxies) {
  EXPECT_EQ(VariableFrom({.is_trusted = true}, "HTTP_X_FORWARDED_FOR"), "9.9.9.9");
  EXPECT_EQ(VariableFrom({.is_trusted = true}, "scheme"), "https");
}

TEST(HeadReaderTest, RemovesForwardedHeadersOfOthers) {
  EXPECT_EQ(VariableFrom({.is_trusted = false}, "HTTP_X_FORWARDED_FOR"), "absent");
  EXPECT_EQ(VariableFrom({.is_trusted = false}, "scheme"), "http");
}

}  // namespace
}  // namespace uwsgi
