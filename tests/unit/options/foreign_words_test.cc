// SPDX-License-Identifier: MIT

#include "options/foreign_words.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "app/option_table.h"
#include "options/text.h"

namespace uwsgi::config {
namespace {

// The long options of gunicorn 23, uvicorn 0.34, waitress 3, hypercorn 0.17 and granian 1.6 that
// people write into their unit files.
constexpr std::string_view kEverydayWords =
    "bind host port uds fd unix-socket certfile keyfile ssl-certfile ssl-keyfile ca-certs timeout "
    "graceful-timeout keep-alive max-requests-jitter worker-class worker-connections preload "
    "access-logfile error-logfile access-logformat log-level log-config log-file user group pid "
    "daemon name backlog config-file print-config env-file app-dir root-path factory url-prefix "
    "forwarded-allow-ips proxy-headers limit-request-line limit-max-requests timeout-keep-alive "
    "no-access-log reload-dir interface blocking-threads trusted-proxy";

TEST(ForeignWordsTest, EverydayWordsOfOtherServersNameOurs) {
  for (const std::string_view word : Split(kEverydayWords, " ")) {
    EXPECT_FALSE(OursFor(word).empty()) << word;
  }
  EXPECT_EQ(OursFor("socket"), "");
  EXPECT_EQ(OursFor("procesess"), "");
}

// A sentence about a name that is an option would never be read.
TEST(ForeignWordsTest, NoWordIsAnOption) {
  for (const std::string_view word : Split(kEverydayWords, " ")) {
    EXPECT_EQ(AllOptions().Find(word), nullptr) << word;
  }
}

// "it is pidfile here", "http = HOST:PORT"
TEST(ForeignWordsTest, WhatTheyNameIsThere) {
  const std::regex named("is ([a-z-]+) here|([a-z0-9-]+) = [A-Z]");
  int count = 0;
  for (const std::string_view word : Split(kEverydayWords, " ")) {
    const std::string text(OursFor(word));
    for (std::sregex_iterator it(text.begin(), text.end(), named), end; it != end; ++it) {
      const std::string name = (*it)[1].matched ? it->str(1) : it->str(2);
      EXPECT_NE(AllOptions().Find(name), nullptr) << text;
      ++count;
    }
  }
  EXPECT_GT(count, 30);
}

TEST(ForeignWordsTest, ValuesOfOtherServersNameOurs) {
  const std::string address(OursFor("bind"));
  EXPECT_EQ(OursForValue("listen", "127.0.0.1:8080"), address);
  EXPECT_EQ(OursForValue("buffer-size", ":8080"), address);
  EXPECT_EQ(OursForValue("processes", "auto"),
            "in an ini file %k is the number of processors, in a shell $(nproc)");
  EXPECT_EQ(OursForValue("threads", "auto"), OursForValue("processes", "auto"));
  EXPECT_EQ(OursForValue("processes", "/run/site.pid"), "a file with the pid is pidfile here");
  EXPECT_EQ(OursForValue("module", "4"), "the number of workers is processes here, -p");
  EXPECT_EQ(OursForValue("module", "site4"), "");
}

}  // namespace
}  // namespace uwsgi::config
