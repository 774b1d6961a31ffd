// SPDX-License-Identifier: MIT

#include "log/request_log.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/log_route.h"

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

// Counts the records that it gets, and keeps their texts.
class FakeSink final : public LogSink {
 public:
  void Write(const LogRecord& record, std::string_view text) override {
    EXPECT_EQ(record.kind, LogKind::kRequest);
    ++records;
    lines += text;
  }
  int records = 0;
  std::string lines;
};

class LoggedRequestsTest : public testing::Test {
 protected:
  LoggedRequestsTest() { SetLogRoutes({{.sink = &sink_}}); }
  ~LoggedRequestsTest() override { SetLogRoutes({}); }

  static RequestLog Create(const std::string& format) {
    LogOptions options;
    options.log_format = format;
    return RequestLog::Create(options).value();
  }
  void Append(RequestLog& log, int status) const {
    protocol::RequestRecord record = PlainRecord();
    record.request = &request_;
    record.status = status;
    log.Append(record);
  }

  Request request_;
  FakeSink sink_;
};

TEST_F(LoggedRequestsTest, LinesWaitForTheirFlushAndAreOneRecord) {
  RequestLog log = Create("%(status)");
  Append(log, 200);
  Append(log, 404);
  EXPECT_EQ(sink_.records, 0);
  log.Flush();
  log.Flush();
  EXPECT_EQ(sink_.records, 1);
  EXPECT_EQ(sink_.lines, "200\n404\n");
}

TEST_F(LoggedRequestsTest, AFullBatchDoesNotWait) {
  RequestLog log = Create(std::string(5000, 'x'));
  for (int i = 0; i < 3; ++i) Append(log, 200);
  EXPECT_EQ(sink_.records, 0);
  Append(log, 200);
  EXPECT_EQ(sink_.records, 1);
}

TEST(RequestLogTest, AFormatThatCannotBeReadIsAnError) {
  LogOptions options;
  options.log_format = "%(uri";
  EXPECT_FALSE(RequestLog::Create(options).ok());
}

}  // namespace
}  // namespace uwsgi
