// SPDX-License-Identifier: MIT

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "python/python_session.h"
#include "wsgi/fake_exchange.h"
#include "wsgi/wsgi_gateway.h"

namespace uwsgi::wsgi {

// A gateway with applications that are written in the test.
class GatewayTest : public testing::Test {
 protected:
  GatewayTest() { Configure(); }

  // `flag` is on; all else is at its default.
  void Configure(bool AppOptions::*flag = nullptr, int threads = 1, int processes = 1) {
    options = {};
    if (flag != nullptr) options.*flag = true;
    python::Session();
    gateway = std::make_unique<WsgiGateway>(options, threads, processes);
    ASSERT_TRUE(gateway->Init()) << python::TakeErrorText();
  }

  // Runs `source`, which defines `application`, and mounts that.
  void Load(const std::string& source, const std::string& mountpoint = "") {
    names = python::RunPython(source);
    gateway->apps().Add(mountpoint,
                        python::Handle::Share(PyDict_GetItemString(names.get(), "application")));
  }

  // One request to the gateway. What it logs is in `log`.
  void Serve() {
    testing::internal::CaptureStderr();
    gateway->Handle(exchange);
    log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(PyErr_Occurred(), nullptr);
    EXPECT_EQ(exchange.writer.writes_after_the_end, 0);
  }

  // repr() of an expression in the application's namespace.
  std::string Eval(const std::string& expression) { return python::Eval(expression, names.get()); }

  AppOptions options;
  std::unique_ptr<WsgiGateway> gateway;
  python::Handle names;
  FakeExchange exchange;
  std::string log;
};

}  // namespace uwsgi::wsgi
