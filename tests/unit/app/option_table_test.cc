// SPDX-License-Identifier: MIT

#include "app/option_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include "options/text.h"

namespace uwsgi::config {
namespace {

TEST(OptionTableTest, NamesAndShortFlagsAreUnique) {
  std::set<std::string_view> names;
  std::set<char> flags;
  for (const OptionSpec& row : AllOptions().rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    for (const auto alias : Split(row.aliases, " "))
      EXPECT_TRUE(names.insert(alias).second) << alias;
    if (row.short_flag != 0) {
      EXPECT_TRUE(flags.insert(row.short_flag).second) << row.name;
    }
  }
}

TEST(OptionTableTest, NoMemberHasTwoRows) {
  std::set<const void*> members;
  for (const OptionSpec& row : AllOptions().rows()) {
    const void* const id = row.field.id;
    EXPECT_TRUE(id == nullptr || members.insert(id).second || row.field.is_list) << row.name;
  }
}

TEST(OptionTableTest, LettersOfUwsgiAreThoseOfItsOptions) {
  std::string letters;
  for (const OptionSpec& row : AllOptions().rows()) {
    if (row.group == Group::kOthers && row.short_flag != 0) letters += row.short_flag;
  }
  std::ranges::sort(letters);
  EXPECT_EQ(letters, "AJQTacijrxy");
}

TEST(OptionTableTest, HelpIsOneSentenceThatFitsALine) {
  for (const OptionSpec& row : AllOptions().rows()) {
    EXPECT_TRUE(row.help.ends_with('.')) << row.name;
    if (row.group != Group::kOthers) {
      EXPECT_LE(row.help.size(), 100U) << row.name;
    }
  }
}

TEST(OptionTableTest, OwnNamesAreKebabCase) {
  const std::regex kebab("[a-z0-9]+(-[a-z0-9]+)*");
  for (const OptionSpec& row : AllOptions().rows()) {
    if (row.group == Group::kOthers) continue;
    EXPECT_TRUE(std::regex_match(std::string(row.name), kebab)) << row.name;
  }
}

TEST(OptionTableTest, DefaultsRoundTripThroughTheirParser) {
  for (const OptionSpec& row : AllOptions().rows()) {
    if (row.field.parse == nullptr || row.field.is_list) continue;
    const std::string before = row.field.show(OptionSet{});
    if (before.empty()) continue;
    OptionSet options;
    EXPECT_EQ(row.field.parse(options, before).kind, Remark::Kind::kFine) << row.name;
    EXPECT_EQ(row.field.show(options), before) << row.name;
  }
}

TEST(OptionTableTest, ImpliedValuesAreAcceptedByTheirOwnParser) {
  for (const OptionSpec& row : AllOptions().rows()) {
    if (row.field.parse == nullptr || row.implied.empty()) continue;
    OptionSet options;
    EXPECT_EQ(row.field.parse(options, row.implied).kind, Remark::Kind::kFine) << row.name;
  }
}

TEST(OptionTableTest, EveryRowWithoutAFieldIsGrammarOrForeign) {
  for (const OptionSpec& row : AllOptions().rows()) {
    if (row.field.parse != nullptr) continue;
    EXPECT_TRUE(row.has(kGrammar) || row.support != Support::kSupported) << row.name;
  }
}

TEST(OptionTableTest, MetavarsStandForValuesOnly) {
  for (const OptionSpec& row : AllOptions().rows())
    EXPECT_EQ(row.is_flag(), row.metavar.empty()) << row.name;
}

TEST(OptionTableTest, KnowsAboutEveryOptionOfUwsgi) {
  std::size_t names = 0;
  for (const OptionSpec& row : AllOptions().rows()) names += 1 + Split(row.aliases, " ").size();
  EXPECT_GE(names, 1254U);
}

struct Lookup {
  std::string_view name;
  std::string_view row;
  Support support;
};

class FindOptionTest : public testing::TestWithParam<Lookup> {};

TEST_P(FindOptionTest, FindsTheRow) {
  const OptionSpec* spec = AllOptions().Find(GetParam().name);
  ASSERT_NE(spec, nullptr);
  EXPECT_EQ(spec->name, GetParam().row);
  EXPECT_EQ(spec->support, GetParam().support);
}

INSTANTIATE_TEST_SUITE_P(
    Names, FindOptionTest,
    testing::Values(Lookup{"workers", "processes", Support::kSupported},
                    Lookup{"venv", "home", Support::kSupported},
                    Lookup{"http-socket", "http", Support::kSupported},
                    Lookup{"thunder-lock", "thunder-lock", Support::kAccepted},
                    Lookup{"cheaper", "cheaper", Support::kPending},
                    Lookup{"stats", "stats", Support::kPending},
                    Lookup{"route", "route", Support::kRefused},
                    Lookup{"chroot", "chroot", Support::kRefused},
                    Lookup{"gevent", "gevent", Support::kRefused},
                    Lookup{"https-socket", "https", Support::kSupported},
                    Lookup{"attach-daemon", "attach-daemon", Support::kRefused},
                    Lookup{"fileserve-mode", "file-serve-mode", Support::kSupported}));

TEST(NearestNameTest, FindsWhatWasMeant) {
  EXPECT_EQ(AllOptions().NearestName("proceses"), "processes");
  EXPECT_EQ(AllOptions().NearestName("harakri"), "harakiri");
  EXPECT_EQ(AllOptions().NearestName("vaccum"), "vacuum");
  EXPECT_EQ(AllOptions().NearestName("socker"), "socket");
  EXPECT_EQ(AllOptions().NearestName("thread"), "threads");
  EXPECT_EQ(AllOptions().NearestName("buffer_size"), "buffer-size");
  EXPECT_EQ(AllOptions().NearestName("disable-write-exceptions"), "disable-write-exception");
  EXPECT_EQ(AllOptions().NearestName("py-callos-afterfork"), "py-call-osafterfork");
  EXPECT_EQ(AllOptions().NearestName("my-private-setting"), "");
}

}  // namespace
}  // namespace uwsgi::config
