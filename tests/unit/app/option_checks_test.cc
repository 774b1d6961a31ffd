// SPDX-License-Identifier: MIT
//
// What is wrong only when one looks at the options together, or at the system.

#include "app/option_checks.h"

#include <gtest/gtest.h>

#include "app/configuration_harness.h"
#include "master/options.h"

namespace uwsgi::config {
namespace {

using Arguments = std::vector<std::string>;

Result<Configuration> LoadWithSocket(Arguments arguments) {
  arguments.insert(arguments.begin(), {"--http", ":1"});
  return LoadWith(std::move(arguments));
}

TEST(ChecksTest, ErrorsNameTheOption) {
  const struct {
    Arguments arguments;
    std::string error;  // A part of it.
  } kCases[] = {
      {{"--processes", "4097"}, "--processes 4097: the limit is 4096"},
      {{"--threads", "65537"}, "--threads 65537: the limit is 65536"},
      {{"--protocol", "fastcgi"}, "protocol"},
      {{"--socket", ":1,:2"}, ":1,:2"},
      {{"--mount", "/x"}, "mount"},
      {{"--socket-timeout", "0"}, "socket-timeout"},
      {{"--static-map", "/x="}, "static-map"},
      {{"--static-map2", "/x"}, "static-map2"},
      {{"--static-expires", "css"}, "static-expires"},
      {{"--static-expires", "css 6x"}, "static-expires"},
      {{"--static-expires-type", "text/css 60"}, "static-expires-type"},
      {{"--static-expires-path-info-mtime", " 60"}, "static-expires-path-info-mtime"},
      {{"--static-follow-symlinks", "some"}, "static-follow-symlinks"},
      {{"--file-serve-mode", "x-lighttpd"}, "file-serve-mode"},
      {{"--file-serve-mode", "x-sendfile"}, "needs static-safe"},
      {{"--file-serve-mode", "x-accel-redirect"}, "needs static-internal"},
      {{"--forwarded-allow-from", "10.0.0.0/33"}, "forwarded-allow-from"},
      {{"--uwsgi-allow-from", "somewhere"}, "uwsgi-allow-from"},
      {{"--compress", "br,deflate"}, "deflate"},
      {{"--home", "/nowhere/at/all"}, "/nowhere/at/all"},
      {{"--post-buffering-dir", "/nowhere"}, "--post-buffering-dir /nowhere: there is no such"},
      {{"--pidfile", "/" + std::string(5000, 'p')}, "the path is longer"},
      {{"--processes", "2", "--cheaper", "2"}, "must be lower than processes, which is 2"},
      {{"--hook-master-start", "exec:ls"}, "hook-master-start"},
      {{"--static-expires", "css( 60"},
       "--static-expires css( 60: `css(` is no regular expression"},
      {{"--static-gzip", "[a"}, "--static-gzip [a: `[a` is no regular expression"},
      {{"--threads", "99999"}, "--threads 99999: the limit is 65536"},
      {{"-p", "4097"}, "--processes 4097: the limit is 4096"},
      {{"--max-fd", "10"}, "--max-fd 10: a server needs 40 at least"},
  };
  for (const auto& row : kCases) {
    const auto result = LoadWithSocket(row.arguments);
    ASSERT_FALSE(result.ok()) << row.error;
    EXPECT_NE(result.error().message.find(row.error), std::string::npos) << result.error().message;
  }
}

TEST(ChecksTest, SensibleValuesArePassed) {
  const Arguments kCases[] = {
      {"--processes", "4096", "--threads", "65536"},
      {"--socket", "/run/a,b.sock"},
      {"--static-expires", "css$ 60", "--static-expires-type", "text/css=60"},
      {"--file-serve-mode", "x-sendfile", "--static-safe", "/srv"},
      {"--forwarded-allow-from", "10.0.0.0/8,unix,::1"},
      {"--compress", "br, gzip"},
      {"--home", "venv", "--chdir", "/srv"},  // From there, which is not where we are yet.
      {"--processes", "3", "--cheaper", "2"},
      {"--hook-master-start", "unix_signal:15 gracefully_kill_them_all"},
      {"--plugins", "python3,http"},
      {"--master=false", "--processes", "1"},
      {"--max-fd", "64", "--static-gzip", "\\.css$"},
      {"--log-format", "%(uri) %(addr) %(var.HTTP_X) 100% %(ftime)"},
      {"--honour-stdin"},
  };
  for (const Arguments& arguments : kCases) {
    const auto result = LoadWithSocket(arguments);
    ASSERT_TRUE(result.ok()) << result.error().message;
    for (const std::string& warning : result->warnings) {
      EXPECT_NE(warning.find("cheaper"), std::string::npos) << warning;  // Is not built yet.
    }
  }
}

TEST(ChecksTest, WarningsTellWhatIsDoneInstead) {
  const struct {
    Arguments arguments;
    std::string warning;  // A part of it.
  } kCases[] = {
      {{"--processes", "0"}, "processes = 0 means 1 here"},
      {{"--master=false", "--processes", "2"}, "2 processes have a master"},
      {{"--module", "m", "--wsgi-file", "/no/such.py"}, "/no/such.py, which does not exist, is"},
      {{"--module", "m", "--wsgi-file", "/etc/passwd"}, "wsgi-file = /etc/passwd is never opened"},
      {{"--plugins", "python3,psgi"}, "psgi"},
      {{"--plugin", "psgi"}, "psgi"},
      {{"--need-plugin", "psgi"}, "psgi"},
      {{"--need-plugins", "psgi"}, "psgi"},
      {{"--hook-master-start", "unix_signal:10 gracefully_kill_them_all"}, "only SIGTERM"},
      {{"--log-format", "%(nosuch) %(uri) %(mthod)"},
       "%(nosuch), %(mthod) (did you mean %(method)?) is no variable of the server"},
      {{"--socket", "26575"}, "--socket 26575: is a unix socket, a file of this name; :26575 is"},
      {{"--http", "10.0.0.1"}, "is a unix socket, a file of this name; 10.0.0.1:PORT is a TCP"},
      {{"--honour-stdin", "-p", "2"}, "honour-stdin has no effect with several processes"},
      {{"--honour-stdin", "--daemonize", "/tmp/x"}, "honour-stdin has no effect with daemonize"},
  };
  for (const auto& row : kCases) {
    const auto result = LoadWithSocket(row.arguments);
    ASSERT_TRUE(result.ok()) << result.error().message;
    ASSERT_EQ(result->warnings.size(), 1U) << row.warning;
    EXPECT_NE(result->warnings[0].find(row.warning), std::string::npos) << result->warnings[0];
  }
  EXPECT_EQ(LoadWithSocket({"--processes", "0"})->options.Get<MasterOptions>().processes, 1);
  EXPECT_TRUE(LoadWithSocket({"--master=false", "-p", "2"})->options.Get<MasterOptions>().master);
}

TEST(ChecksTest, WhatIsWrongIsSaidWithItsLine) {
  const ScratchDirectory scratch;
  const std::string file = scratch.Write(
      "x.ini",
      "[uwsgi]\nhttp = :1\nthreads = 99999\nhome = /nope\nmax-fd = 9\nstatic-expires = ( 1\n"
      "socket = :1\nhttps = :1,c,k\n");
  const auto result = LoadWith({file});
  ASSERT_FALSE(result.ok());
  std::string expected;
  for (const char* line :
       {":3: threads = 99999: the limit is 65536", ":5: max-fd = 9: a server needs 40 at least",
        ":6: static-expires = ( 1: `(` is no regular expression",
        ":7: socket = :1: :1 is the address of two sockets, leave one: ",
        ":8: https = :1,c,k: :1 is the address of two sockets, leave one: ",
        ":4: home = /nope: there is no such directory"}) {
    EXPECT_NE(result.error().message.find(file + line), std::string::npos)
        << line << "\n"
        << result.error().message;
  }
  EXPECT_NE(result.error().message.find("leave one: " + file + ":2: http = :1"), std::string::npos);
}

TEST(ChecksTest, AnOptionThatIsSaidTwiceIsToldOnce) {
  const ScratchDirectory scratch;
  const auto notices = [&](const std::string& text) {
    const auto result = LoadWith({scratch.Write("x.ini", "[uwsgi]\nhttp = :1\n" + text)});
    std::string all;
    for (const std::string& notice : result->notices) {
      if (!notice.starts_with("[uWSGI] getting")) all += notice + "\n";
    }
    const std::string file = (scratch.path() / "x.ini").string();
    for (std::size_t at = all.find(file); at != std::string::npos; at = all.find(file)) {
      all.erase(at, file.size());
    }
    return all;
  };
  EXPECT_EQ(notices("processes = 2\nthreads = 1\nworkers = 4\n"),
            ":5: workers = 4 counts, not :3: processes = 2\n");
  EXPECT_EQ(notices("processes = 2\nprocesses = 3\nprocesses = 4\n"),
            ":5: processes = 4 counts, not :3: processes = 2\n");
  EXPECT_EQ(notices("processes = 2\nworkers = 2\nvacuum = true\nvacuum = 1\n"), "");
  EXPECT_EQ(notices("env = A=1\nenv = B=2\nprivate = 1\nprivate = 2\n"), "");
  scratch.Write("base.ini", "[uwsgi]\nprocesses = 9\n");
  EXPECT_EQ(notices("ini = " + (scratch.path() / "base.ini").string() + "\nprocesses = 2\n"), "");
}

TEST(ChecksTest, CommandsNeedNoSocket) {
  CommandOptions command;
  EXPECT_FALSE(IsCommand(command));
  command.check_config = true;
  EXPECT_FALSE(IsCommand(command));
  command.reload = "x.pid";
  EXPECT_TRUE(IsCommand(command));
}

}  // namespace
}  // namespace uwsgi::config
