// SPDX-License-Identifier: MIT

#include "base/c_locale.h"

#include <gtest/gtest.h>
#include <netdb.h>
#include <signal.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <ctime>
#include <string>

#include "base/ascii.h"
#include "base/result.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

constexpr std::time_t kMay = 1'777'717'230;  // Saturday, 2 May 2026, 10:20:30 UTC.

std::string LocalTime(std::time_t time, const std::string& format) {
  std::string text = "before ";
  AppendLocalTime(time, format, text);
  return text.substr(7);
}

// Makes a locale and sets it, as an application does.
bool SetLocale(const TempDir& directory, const std::string& language) {
  const std::string name = language + ".UTF-8";
  const std::string make = "localedef -i " + language + " -f UTF-8 " + (directory / name);
  return std::system(make.c_str()) == 0 && setenv("LOCPATH", directory.path().c_str(), 1) == 0 &&
         std::setlocale(LC_ALL, name.c_str()) != nullptr;
}

TEST(CLocaleTest, FormatsTheLocalTime) {
  setenv("TZ", "Europe/Prague", 1);
  tzset();
  EXPECT_EQ(LocalTime(kMay, "%F %T %z %%"), "2026-05-02 12:20:30 +0200 %");
  EXPECT_EQ(LocalTime(kMay, ""), "");
  EXPECT_EQ(LocalTime(kMay, std::string(511, 'x')), std::string(511, 'x'));
  EXPECT_EQ(LocalTime(kMay, std::string(512, 'x')), "");
}

TEST(CLocaleTest, SpeaksEnglishInACzechApplication) {
  const TempDir directory;
  const auto day = [] {
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%A", std::gmtime(&kMay));
    return std::string(text.data());
  };
  EXPECT_EQ(RunInChild([&] {
              if (!SetLocale(directory, "cs_CZ") || day() != "Sobota") return 1;
              if (LocalTime(kMay, "%A %a %B %b") != "Saturday Sat May May") return 2;
              if (ErrorText(EACCES) != "Permission denied") return 3;
              if (SystemError("cannot", ENOENT).message != "cannot: No such file or directory") {
                return 4;
              }
              if (ResolverErrorText(EAI_NONAME) != "Name or service not known") return 5;
              if (SignalText(SIGKILL) != "Killed") return 6;
              return day() == "Sobota" ? 0 : 7;  // Theirs is as it was.
            }),
            0);
}

TEST(AsciiTest, LettersAreThoseOfAsciiInATurkishApplication) {
  const TempDir directory;
  EXPECT_EQ(RunInChild([&] {
              if (!SetLocale(directory, "tr_TR")) return 1;
              return ToLower("INDEX.GIF \xc4\xb0") == "index.gif \xc4\xb0" ? 0 : 2;
            }),
            0);
  EXPECT_EQ(ToUpper('i'), 'I');
  EXPECT_EQ(ToUpper('\xe9'), '\xe9');
  EXPECT_FALSE(IsAlpha('\xe9'));
  EXPECT_TRUE(IsAlphanumeric('z') && IsAlphanumeric('9'));
  EXPECT_FALSE(IsAlphanumeric('_'));
}

}  // namespace
}  // namespace uwsgi
