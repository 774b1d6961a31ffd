// SPDX-License-Identifier: MIT

#include "log/request_log.h"

#include <gtest/gtest.h>

#include <functional>

namespace uwsgi {
namespace {

using namespace std::chrono_literals;

protocol::RequestRecord PlainRecord() {
  protocol::RequestRecord record;
  record.status = 200;
  record.body_bytes = 10;
  record.duration = 20ms;
  return record;
}

bool Wants(const LogOptions& options, const protocol::RequestRecord& record, bool forced = false) {
  auto log = RequestLog::Create(options);
  return log.ok() && log->Wants(record, forced);
}

TEST(RequestLogTest, EveryRequestIsLoggedUnlessLoggingIsOff) {
  LogOptions options;
  EXPECT_TRUE(Wants(options, PlainRecord()));
  options.disable_logging = true;
  EXPECT_FALSE(Wants(options, PlainRecord()));
  EXPECT_TRUE(Wants(options, PlainRecord(), true));
}

// With logging off, each option lets some requests have their line all the same.
TEST(RequestLogTest, OptionsNameTheExceptions) {
  const struct {
    const char* name;
    std::function<void(LogOptions&)> set;
    std::function<void(protocol::RequestRecord&)> be;
    bool is_wanted;
  } kCases[] = {
      {"4xx", [](auto& o) { o.log_4xx = true; }, [](auto& r) { r.status = 400; }, true},
      {"4xx", [](auto& o) { o.log_4xx = true; }, [](auto& r) { r.status = 499; }, true},
      {"4xx", [](auto& o) { o.log_4xx = true; }, [](auto& r) { r.status = 399; }, false},
      {"4xx", [](auto& o) { o.log_4xx = true; }, [](auto& r) { r.status = 500; }, false},
      {"5xx", [](auto& o) { o.log_5xx = true; }, [](auto& r) { r.status = 500; }, true},
      {"5xx", [](auto& o) { o.log_5xx = true; }, [](auto& r) { r.status = 499; }, false},
      {"zero", [](auto& o) { o.log_zero = true; }, [](auto& r) { r.body_bytes = 0; }, true},
      {"zero", [](auto& o) { o.log_zero = true; }, [](auto& r) { r.body_bytes = 1; }, false},
      {"big", [](auto& o) { o.log_big.bytes = 10; }, [](auto& r) { r.body_bytes = 10; }, true},
      {"big", [](auto& o) { o.log_big.bytes = 10; }, [](auto& r) { r.body_bytes = 9; }, false},
      {"slow", [](auto& o) { o.log_slow = 5ms; }, [](auto& r) { r.duration = 5ms; }, true},
      {"slow", [](auto& o) { o.log_slow = 5ms; }, [](auto& r) { r.duration = 4999us; }, false},
      {"file", [](auto& o) { o.log_sendfile = true; }, [](auto& r) { r.via = "x"; }, true},
      {"file", [](auto& o) { o.log_sendfile = true; }, [](auto&) {}, false},
      {"ioerror", [](auto& o) { o.log_ioerror = true; }, [](auto& r) { r.write_errors = 1; }, true},
      {"ioerror", [](auto& o) { o.log_ioerror = true; }, [](auto& r) { r.read_errors = 1; }, true},
      {"ioerror", [](auto& o) { o.log_ioerror = true; }, [](auto&) {}, false},
  };
  for (const auto& row : kCases) {
    protocol::RequestRecord record = PlainRecord();
    row.be(record);
    LogOptions options;
    options.disable_logging = true;
    EXPECT_FALSE(Wants(options, record)) << row.name;
    row.set(options);
    EXPECT_EQ(Wants(options, record), row.is_wanted) << row.name;
  }
}

TEST(RequestLogTest, AFormatThatCannotBeReadIsAnError) {
  LogOptions options;
  options.log_format = "%(uri";
  EXPECT_FALSE(RequestLog::Create(options).ok());
}

}  // namespace
}  // namespace uwsgi
