// SPDX-License-Identifier: MIT
//
// The words of the configuration language: what each does to the options around it.

#include <gtest/gtest.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/configuration_harness.h"
#include "app/option_table.h"
#include "config/options.h"

namespace uwsgi::config {
namespace {

// A file with the word in it, and the `print` lines that count in the end. DIR is the scratch
// directory, in which there are file.ini, list and sub/; HOST is this machine.
struct Word {
  std::string_view name;
  std::string text;
  std::vector<std::string> printed;
};

const std::vector<Word>& Words() {
  static const std::vector<Word> words = {
      {"ini", "ini = DIR/file.ini\nprint = b", {"of the file", "b"}},
      {"include", "include = DIR/file.ini\nprint = b", {"of the file", "b"}},
      {"inherit", "inherit = DIR/file.ini\nprint = b", {"b", "of the file"}},
      {"set", "set = print=a", {"a"}},
      {"set-placeholder", "set-placeholder = x=a\nprint = %(x)", {"a"}},
      {"for", "for = a b\nprint = %(_)\nendfor =\nprint = c", {"a", "b", "c"}},
      {"for-glob", "for-glob = DIR/f*.ini\nprint = %(_)\nendfor =", {"DIR/file.ini"}},
      {"for-times", "for-times = 2\nprint = %(_)\nendfor =", {"1", "2"}},
      {"for-readline", "for-readline = DIR/list\nprint = %(_)\nendfor =", {"one", "two"}},
      {"endfor", "for = a b\nprint = x\nendfor =\nprint = %(_)", {"x", "x", "%(_)"}},
      {"if-env", "if-env = SET=yes\nprint = %(_)\nendif =\nif-env = NOT\nprint = b", {"yes"}},
      {"if-not-env", "if-not-env = NOT\nprint = a\nendif =\nif-not-env = SET\nprint = b", {"a"}},
      {"if-opt", "x = 1\nif-opt = x=1\nprint = a\nendif =\nif-opt = y\nprint = b", {"a"}},
      {"if-not-opt", "if-not-opt = y\nprint = a\nendif =\ny = 1\nif-not-opt = y\nprint = b", {"a"}},
      {"if-exists",
       "if-exists = DIR/list\nprint = a\nendif =\nif-exists = DIR/no\nprint = b",
       {"a"}},
      {"if-not-exists",
       "if-not-exists = DIR/no\nprint = a\nendif =\nif-not-exists = DIR/list\nprint = b",
       {"a"}},
      {"if-file", "if-file = DIR/list\nprint = a\nendif =\nif-file = DIR/sub\nprint = b", {"a"}},
      {"if-not-file",
       "if-not-file = DIR/sub\nprint = a\nendif =\nif-not-file = DIR/list\nprint = b",
       {"a"}},
      {"if-dir", "if-dir = DIR/sub\nprint = a\nendif =\nif-dir = DIR/list\nprint = b", {"a"}},
      {"if-not-dir",
       "if-not-dir = DIR/list\nprint = a\nendif =\nif-not-dir = DIR/sub\nprint = b",
       {"a"}},
      {"if-hostname",
       "if-hostname = HOST\nprint = a\nendif =\nif-hostname = x.y\nprint = b",
       {"a"}},
      {"if-not-hostname",
       "if-not-hostname = x.y\nprint = a\nendif =\nif-not-hostname = HOST\nprint = b",
       {"a"}},
      {"if-plugin", "if-plugin = python3\nprint = a\nendif =\nif-plugin = php\nprint = b", {"a"}},
      {"if-not-plugin",
       "if-not-plugin = php\nprint = a\nendif =\nif-not-plugin = http\nprint = b",
       {"a"}},
      {"endif", "if-env = NOT\nprint = a\nendif =\nprint = b", {"b"}},
  };
  return words;
}

std::string Replaced(std::string text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(GrammarTest, EveryWordDoesWhatItsRowSays) {
  const ScratchDirectory scratch;
  scratch.Write("file.ini", "[uwsgi]\nprint = of the file\n");
  scratch.Write("list", "one\ntwo\n");
  std::filesystem::create_directory(scratch.path() / "sub");
  std::array<char, HOST_NAME_MAX + 1> host{};
  ASSERT_EQ(gethostname(host.data(), host.size() - 1), 0);
  for (const Word& word : Words()) {
    std::string text = Replaced(word.text, "DIR", scratch.path());
    text = Replaced(text, "HOST", host.data());
    const std::string file = scratch.Write("main.ini", "[uwsgi]\nhttp = :1\n" + text + "\n");
    const auto result = LoadWith({file}, {"SET=yes"});
    ASSERT_TRUE(result.ok()) << word.name << ": " << result.error().message;
    std::vector<std::string> expected;
    for (const std::string& line : word.printed) {
      expected.push_back(Replaced(line, "DIR", scratch.path()));
    }
    EXPECT_EQ(result->options.Get<LanguageOptions>().print, expected) << word.name;
    std::vector<std::string> notices = result->notices;
    std::erase_if(notices,
                  [](const std::string& each) { return each.starts_with("[uWSGI] getting"); });
    EXPECT_EQ(notices, expected) << word.name;
  }
}

TEST(GrammarTest, EveryWordHasItsTest) {
  std::map<std::string_view, int> tested;
  for (const Word& word : Words()) ++tested[word.name];
  for (const OptionSpec& row : AllOptions().rows()) {
    EXPECT_EQ(tested[row.name], row.has(kGrammar) ? 1 : 0) << row.name;
  }
}

}  // namespace
}  // namespace uwsgi::config
