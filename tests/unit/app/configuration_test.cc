// SPDX-License-Identifier: MIT
//
// Each data/NAME.ini is loaded, and what comes out is compared with data/NAME.expected.
// UPDATE_EXPECTED=1 writes those files anew; read the difference before you commit it.

#include "app/configuration.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "app/command_options.h"
#include "app/configuration_harness.h"
#include "app/option_table.h"
#include "config/raw_options_codec.h"
#include "log/options.h"
#include "master/options.h"
#include "options/option_docs.h"
#include "os/listen_options.h"
#include "os/process_options.h"
#include "unit_test_data.h"
#include "worker/options.h"
#include "wsgi/options.h"

namespace uwsgi::config {
namespace {

std::filesystem::path DataDirectory() { return std::filesystem::path(kUnitTests) / "app/data"; }

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Lines(std::string_view prefix, const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += std::string(prefix) + line + "\n";
  return all;
}

// Everything that Load found, without the directory in which the test's files happen to be.
std::string Report(const Result<Configuration>& result) {
  std::string report;
  if (!result.ok()) {
    std::istringstream errors(result.error().message);
    for (std::string line; std::getline(errors, line);) report += "error: " + line + "\n";
  } else {
    report = Lines("warning: ", result->warnings) + Lines("notice: ", result->notices) +
             ShowConfig(result->raw) + ";options that are not at their default\n";
    for (const OptionSpec& row : AllOptions().rows()) {
      if (row.field.show == nullptr) continue;
      const std::string value = row.field.show(result->options);
      if (value == row.field.show(OptionSet{})) continue;
      report += std::string(row.name) + " = " + value + "\n";
    }
  }
  const std::string directory = DataDirectory().string() + "/";
  for (std::size_t at = report.find(directory); at != std::string::npos;
       at = report.find(directory, at)) {
    report.erase(at, directory.size());
  }
  return report;
}

class LoadFileTest : public testing::TestWithParam<const char*> {};

TEST_P(LoadFileTest, FindsWhatIsExpected) {
  const std::string name = GetParam();
  const std::string ini = (DataDirectory() / (name + ".ini")).string();
  const std::filesystem::path expected = DataDirectory() / (name + ".expected");
  const std::string report = Report(LoadWith({"--ini", ini}, {"PRESENT=here"}));
  if (std::getenv("UPDATE_EXPECTED") != nullptr) std::ofstream(expected) << report;
  EXPECT_EQ(report, Contents(expected));
}

INSTANTIATE_TEST_SUITE_P(Data, LoadFileTest,
                         testing::Values("seed", "seed_commented", "commented_flags", "production",
                                         "wild_numbers", "all_errors", "bad_values", "placeholders",
                                         "logic", "hints"),
                         [](const auto& test) { return std::string(test.param); });

TEST(LoadTest, CommentsChangeNothingInTheSeedsFile) {
  const auto plain = LoadWith({(DataDirectory() / "seed.ini").string()});
  const auto commented = LoadWith({(DataDirectory() / "seed_commented.ini").string()});
  ASSERT_TRUE(plain.ok());
  ASSERT_TRUE(commented.ok());
  ASSERT_EQ(plain->raw.size(), commented->raw.size());
  for (std::size_t i = 1; i < plain->raw.size(); ++i) {
    EXPECT_EQ(plain->raw[i].value, commented->raw[i].value) << plain->raw[i].name;
  }
  EXPECT_EQ(commented->options.Get<ListenOptions>().sockets,
            std::vector<std::string>{"0.0.0.0:3031"});
  EXPECT_EQ(commented->options.Get<MasterOptions>().processes, 5);
  EXPECT_EQ(commented->options.Get<WorkerOptions>().threads, 30);
  EXPECT_EQ(commented->options.Get<ListenOptions>().chmod, FileMode{0666});
  EXPECT_EQ(plain->notices.size(), 1U);  // The name of the file.
  EXPECT_EQ(commented->notices.size(), 2U);
}

TEST(LoadTest, TheLastScalarWinsAndListsGrow) {
  const auto result = LoadWith({"--http", ":1", "--http", ":2", "-p", "2", "--workers", "3"},
                               {"UWSGI_PROCESSES=7", "UWSGI_HTTP=:0", "UWSGI_RELOADS=3"});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->options.Get<ListenOptions>().http,
            (std::vector<std::string>{":0", ":1", ":2"}));
  EXPECT_EQ(result->options.Get<MasterOptions>().processes, 3);
  EXPECT_EQ(RawValue(result->raw, "reloads"), "<none>");
  EXPECT_TRUE(result->warnings.empty());
}

TEST(LoadTest, AnAddressHasOneSocket) {
  for (const std::vector<std::string>& twice :
       {std::vector<std::string>{"--http=:1", "--http=:1"},
        std::vector<std::string>{"--socket=:1", "--http=:1"},
        std::vector<std::string>{"--https=:1,a.crt,a.key", "--https=:1,b.crt,b.key,,!ca.crt"}}) {
    const auto result = LoadWith(twice);
    ASSERT_FALSE(result.ok());
    EXPECT_NE(result.error().message.find(": :1 is the address of two sockets, leave one: --"),
              std::string::npos)
        << result.error().message;
  }
  EXPECT_TRUE(LoadWith({"--http=127.0.0.1:0", "--http=127.0.0.1:0"}).ok());
}

TEST(LoadTest, ALogThatTheMasterWritesTurnsItOn) {
  for (const std::vector<std::string>& log :
       {std::vector<std::string>{"--logto=x.log", "--log-maxsize=9"},
        std::vector<std::string>{"--logger=stdio", "--logger=file:x.log"}}) {
    std::vector<std::string> arguments = {"--http=:1", "--master=false"};
    arguments.insert(arguments.end(), log.begin(), log.end());
    const auto result = LoadWith(arguments);
    ASSERT_TRUE(result.ok());
    EXPECT_TRUE(result->options.Get<MasterOptions>().master);
    EXPECT_EQ(result->warnings.size(), 1U);
  }
  EXPECT_EQ(LoadWith({"--http=:1", "--log-maxsize=9"})->warnings.size(), 1U);
}

TEST(LoadTest, WhatIsOffOrTheDefaultNeedsNoWarning) {
  for (const char* argument : {"--py-autoreload=0", "--py-autoreload=false", "--cheaper=0",
                               "--idle=0", "--async=0", "--logger=stdio", "--logger=default stdio",
                               "--log-maxsize=0", "--compress=false", "--memory-report=false"}) {
    const auto result = LoadWith({"--http", ":1", argument});
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->warnings, std::vector<std::string>{}) << argument;
  }
}

TEST(LoadTest, ABooleanMayHaveAValueWhereverItStands) {
  const ScratchDirectory scratch;
  for (const auto& [text, expected] :
       {std::pair{"false", false}, std::pair{"0", false}, std::pair{"off", false},
        std::pair{"No", false}, std::pair{"true", true}, std::pair{"1", true}}) {
    const std::string file =
        scratch.Write("flag.ini", "[uwsgi]\nhttp = :1\nmaster = " + std::string(text) + "\n");
    EXPECT_EQ(LoadWith({file})->options.Get<MasterOptions>().master, expected) << text;
    EXPECT_EQ(LoadWith({"--http=:1", "--master=" + std::string(text)})
                  ->options.Get<MasterOptions>()
                  .master,
              expected)
        << text;
    EXPECT_EQ(LoadWith({"--http=:1"}, {"UWSGI_MASTER=" + std::string(text)})
                  ->options.Get<MasterOptions>()
                  .master,
              expected)
        << text;
  }
}

TEST(LoadTest, AServerWithoutASocketIsAnErrorButACommandIsNot) {
  if (LoadWith({}).ok()) GTEST_SKIP() << "standard input is a socket";
  EXPECT_NE(LoadWith({"--module", "x"}).error().message.find("no socket"), std::string::npos);
  EXPECT_TRUE(LoadWith({"--version"}).ok());
  EXPECT_TRUE(LoadWith({"--stop", "x.pid"}).ok());
  const auto help = LoadWith({"--help"});
  ASSERT_TRUE(help.ok());
  EXPECT_TRUE(help->options.Get<CommandOptions>().help);
  EXPECT_EQ(help->options.Get<CommandOptions>().help_group, "");
  EXPECT_EQ(LoadWith({"--help", "logging"})->options.Get<CommandOptions>().help_group, "logging");
  EXPECT_EQ(LoadWith({"--dump-options=md"})->options.Get<CommandOptions>().dump_options, "md");
}

TEST(LoadTest, ABareApplicationIsServedToThisMachine) {
  for (const char* const app : {"app:app", "app.py", "/tmp"}) {
    const auto result = LoadWith({app});
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->options.Get<AppOptions>().serve, app);
    EXPECT_EQ(result->options.Get<ListenOptions>().http,
              std::vector<std::string>{"127.0.0.1:8000"});
    EXPECT_EQ(result->notices,
              std::vector<std::string>{"no socket is configured: " + std::string(app) +
                                       " is served at http://127.0.0.1:8000/ "
                                       "(see --http)"});
    const auto rebuilt = Rebuild(EncodeRawOptions(result->raw));
    EXPECT_EQ(rebuilt->options.Get<ListenOptions>().http,
              result->options.Get<ListenOptions>().http);
  }
  const auto configured = LoadWith({"--socket", ":3031", "app:app"});
  EXPECT_TRUE(configured->options.Get<ListenOptions>().http.empty());
  EXPECT_TRUE(configured->notices.empty());
}

TEST(LoadTest, WordsOfOtherServersNameOurs) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"-w", "4", "--http", ":0", "app:app"},
       "module = 4 is no module: the number of workers is processes here, -p"},
      {{"--reload", "app:app"},
       "--reload app:app: takes the pidfile of a server that is to reload; a file whose change "
       "reloads the server is touch-reload = FILE"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto result = LoadWith(arguments);
    ASSERT_FALSE(result.ok()) << message;
    EXPECT_EQ(result.error().message, message);
  }
  EXPECT_EQ(LoadWith({"--workers", "auto", "app:app"})->warnings.front(),
            "--workers auto: not a plain number, taken as 0: in an ini file %k is the number of "
            "processors, in a shell $(nproc)");
  EXPECT_EQ(LoadWith({"--listen", "127.0.0.1:80", "app:app"})->warnings.front(),
            "--listen 127.0.0.1:80: not a plain number, taken as 127: the address is http = "
            "HOST:PORT here, or socket = HOST:PORT behind a web server");
  EXPECT_EQ(LoadWith({"--http", ":0"}, {"UWSGI_BIND=:80"})->warnings,
            std::vector<std::string>{"environment: bind: the address is http = HOST:PORT here, or "
                                     "socket = HOST:PORT behind a web server"});
}

TEST(LoadTest, WhatCouldNotBeReadMayHaveBeenTheSocket) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--stop"}, "--stop: needs a value, PIDFILE"},
      {{"--stop", ""}, "--stop: needs a value, PIDFILE"},
      {{"--reload="}, "--reload: needs a value, PIDFILE"},
      {{"/nonexistent.ini"}, "cannot read /nonexistent.ini: No such file or directory"},
      {{"--htpp", ":80"}, "--htpp: no such option: did you mean --http?"},
      {{"stray"},
       "stray: neither an ini file, a Python file nor module:callable "
       "(options start with --)"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(LoadWith(arguments).error().message, message);
  }
}

TEST(LoadTest, UnknownNamesOfTheEnvironmentNeverStopTheServer) {
  const auto result = LoadWith({"--strict", "--http", ":$(UWSGI_MY_PORT)"},
                               {"UWSGI_MY_PORT=80", "UWSGI_HARAKRI=3"});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->options.Get<ListenOptions>().http, std::vector<std::string>{":80"});
  EXPECT_EQ(result->warnings,
            std::vector<std::string>{"environment: harakri: did you mean harakiri?"});
  EXPECT_EQ(RawValue(result->raw, "harakri"), "3");
}

TEST(LoadTest, FilesReadFilesInPlaceAndInheritedOnesLast) {
  const ScratchDirectory scratch;
  const std::string base = scratch.Write("base.ini", "[web]\nhttp = :1\nthreads = 2\n");
  const std::string last = scratch.Write("last.ini", "[uwsgi]\nprocesses = 9\nlogto = %(x)\n");
  const std::string main =
      scratch.Write("main.ini", "[uwsgi]\ninherit = " + last + "\nprocesses = 2\nini = " + base +
                                    ":web\nthreads = 3\nini = :more\n[more]\n");
  const auto result = LoadWith({main});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->options.Get<MasterOptions>().processes, 9);
  EXPECT_EQ(result->options.Get<WorkerOptions>().threads, 3);
  EXPECT_EQ(result->options.Get<LogOptions>().logto, "%(x)");
  EXPECT_EQ(result->raw.back().file, last);
  EXPECT_EQ(result->raw.back().line, 3);
  // ":more" is looked for in the file that was read last, which has none.
  EXPECT_EQ(result->warnings, std::vector<std::string>{base + ": there is no section [more]"});
}

TEST(LoadTest, CirclesAndMissingFilesAreErrors) {
  const ScratchDirectory scratch;
  const std::string file = (scratch.path() / "a.ini").string();
  scratch.Write("a.ini", "[uwsgi]\nhttp = :1\nini = " + file + "\n");
  EXPECT_NE(LoadWith({file}).error().message.find("circle"), std::string::npos);
  EXPECT_NE(LoadWith({"/nowhere.ini"}).error().message.find("cannot read /nowhere.ini"),
            std::string::npos);
  EXPECT_NE(LoadWith({"x.yaml"}).error().message.find("use an ini file"), std::string::npos);
}

TEST(LoadTest, LongPathsAreCleanErrors) {
  for (const std::size_t size : {std::size_t{5000}, std::size_t{100000}}) {
    const std::string path = "/" + std::string(size, 'x');
    EXPECT_FALSE(LoadWith({"--http", ":1", "--chdir", path}).ok());
    EXPECT_FALSE(LoadWith({path + ".ini"}).ok());
  }
}

TEST(BuildOptionsTest, AgreesWithLoadAfterATripThroughText) {
  const auto loaded = LoadWith({"-s", ":1", "--processes", "0", "--env", "A=b:c\nd", "-M",
                                (DataDirectory() / "logic.ini").string()});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto decoded = DecodeRawOptions(EncodeRawOptions(loaded->raw));
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded->size(), loaded->raw.size());
  for (std::size_t i = 0; i < decoded->size(); ++i) {
    EXPECT_EQ((*decoded)[i].name, loaded->raw[i].name);
    EXPECT_EQ((*decoded)[i].value, loaded->raw[i].value);
    EXPECT_EQ((*decoded)[i].file, loaded->raw[i].file);
    EXPECT_EQ((*decoded)[i].line, loaded->raw[i].line);
    EXPECT_EQ((*decoded)[i].bare, loaded->raw[i].bare);
  }
  const auto built = Rebuild(EncodeRawOptions(*decoded));
  ASSERT_TRUE(built.ok());
  for (const OptionSpec& row : AllOptions().rows()) {
    if (row.field.show == nullptr) continue;
    EXPECT_EQ(row.field.show(built->options), row.field.show(loaded->options)) << row.name;
  }
  EXPECT_EQ(built->options.Get<ProcessOptions>().env, loaded->options.Get<ProcessOptions>().env);
}

TEST(DecodeRawOptionsTest, RefusesTextThatIsCutShort) {
  const std::string text = EncodeRawOptions({{"name", "value", true, "x.ini", 3}});
  for (std::size_t size = 1; size < text.size(); ++size) {
    EXPECT_FALSE(DecodeRawOptions(std::string_view(text).substr(0, size)).ok()) << size;
  }
}

// Any bytes may stand in a file: they lead to options or errors, never to a crash or a hang.
TEST(LoadTest, SurvivesRandomFiles) {
  const ScratchDirectory scratch;
  std::mt19937 random(20240229);
  const std::vector<std::string> pieces = {
      "[uwsgi]\n",    "=",        "%(",     ")",         "$(",   "@(",
      "%d",           "\n",       " # ",    "processes", "for",  "if-env",
      "endif",        "set",      "a=b",    "%",         "\xff", "-1",
      "endfor",       "[x]",      "socket", "http = :1", "\t",   "for-times = 3\n",
      "ini = :x\n",   "log-date", "4096",   "%(_)",      "+ 1",  "\r",
      "chmod-socket", "strict\n"};
  for (int round = 0; round < 200; ++round) {
    std::string text = "[uwsgi]\n";
    const std::size_t count = random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      text += random() % 4 == 0 ? std::string(1, static_cast<char>(random() % 255 + 1))
                                : pieces[random() % pieces.size()];
    }
    const std::string file = scratch.Write("random.ini", text);
    const auto result = LoadWith({"--http", ":1", file});
    if (!result.ok()) {
      EXPECT_FALSE(result.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace uwsgi::config
