// SPDX-License-Identifier: MIT

#include "log/targets.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/parsed_values.h"

namespace uwsgi::config {
namespace {

using testing::ParsedValues;

// "PATH>SIZE>BACKUP" of each target, joined by '|'; "-" is standard error.
std::string Targets(const LogOptions& given, const std::string& daemonize = {},
                    const std::string& daemonize2 = {}) {
  LogOptions options = given;
  FillLogTargets(options, daemonize, daemonize2);
  std::string all;
  for (const LogTarget& target : options.targets) {
    if (!all.empty()) all += '|';
    all += target.path.empty() ? "-" : target.path;
    if (target.max_size.bytes > 0) all += ">" + std::to_string(target.max_size.bytes);
    if (!target.backup_name.empty()) all += ">" + target.backup_name;
  }
  return all + (options.needs_master() ? " by the master" : "");
}

TEST(FillLogTargetsTest, FollowsTheLoggers) {
  const std::pair<std::vector<std::string_view>, const char*> cases[] = {
      {{}, ""},
      {{"stdio"}, ""},
      {{"default stdio"}, ""},
      {{"file:x.log"}, "x.log"},
      {{"file:x.log", "file:x.log"}, "x.log"},
      {{"file:/var/log/my app.log"}, "/var/log/my app.log"},
      {{"app file:x.log"}, ""},
      {{"app file:x.log", "file:y.log"}, "y.log"},
      {{"file:x.log", "stdio"}, "x.log|- by the master"},
      {{"file:x.log", "file:y.log"}, "x.log|y.log by the master"},
      {{"file:logfile=x.log,maxsize=2m,backupname=x.old"}, "x.log>2097152>x.old by the master"},
      {{"syslog:uwsgi"}, ""},
      {{"file:"}, ""},
  };
  for (const auto& [loggers, expected] : cases) {
    LogOptions options;
    options.loggers = ParsedValues<ParseLogger>(loggers);
    EXPECT_EQ(Targets(options), expected) << (loggers.empty() ? "" : loggers.front());
  }
}

TEST(FillLogTargetsTest, StandardErrorIsWhereLogtoSays) {
  LogOptions options;
  options.logto = "a.log";
  EXPECT_EQ(Targets(options), "a.log");
  options.loggers = ParsedValues<ParseLogger>({"stdio", "file:x.log"});
  EXPECT_EQ(Targets(options), "a.log|x.log by the master");
  options.loggers = ParsedValues<ParseLogger>({"file:x.log"});
  EXPECT_EQ(Targets(options), "x.log");
  options.loggers = {};
  options.logto2 = "b.log";
  EXPECT_EQ(Targets(options), "b.log");
  EXPECT_EQ(Targets({}, "d.log"), "");
  EXPECT_EQ(Targets({}, "d.log", "e.log"), "");
}

TEST(FillLogTargetsTest, SizesHoldForFilesOnly) {
  LogOptions options;
  options.max_size.bytes = 1000;
  EXPECT_EQ(Targets(options), "");
  EXPECT_EQ(Targets(options, "d.log"), "d.log>1000 by the master");
  options.backup_name = "old.log";
  options.logto = "a.log";
  EXPECT_EQ(Targets(options, "d.log"), "a.log>1000>old.log by the master");
  options.loggers =
      ParsedValues<ParseLogger>({"file:logfile=x.log,maxsize=5", "stdio", "file:y.log"});
  EXPECT_EQ(Targets(options), "x.log>5|a.log>1000>old.log|y.log>1000>old.log by the master");
}

TEST(CheckLoggerTest, SaysWhatDoesNotWork) {
  const std::pair<const char*, Remark::Kind> cases[] = {
      {"stdio", Remark::Kind::kFine},
      {"name stdio", Remark::Kind::kFine},
      {"file:x", Remark::Kind::kFine},
      {"file:logfile=x,maxsize=1", Remark::Kind::kFine},
      {"name file:x", Remark::Kind::kWarning},
      {"syslog", Remark::Kind::kWarning},
      {"rsyslog:10.0.0.1:514,uwsgi", Remark::Kind::kWarning},
      {"file", Remark::Kind::kError},
      {"file:", Remark::Kind::kError},
      {"file:maxsize=1", Remark::Kind::kError},
      {"file:logfile=x,maxsize=much", Remark::Kind::kError},
      {"file:logfile=x,colour=red", Remark::Kind::kError},
  };
  for (const auto& [text, kind] : cases) {
    const auto logger = ParseLogger(text);
    EXPECT_EQ(logger ? CheckLogger(text).kind : Remark::Kind::kError, kind) << text;
  }
}

}  // namespace
}  // namespace uwsgi::config
