// SPDX-License-Identifier: MIT

#include "python/python_home.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace uwsgi::python {
namespace {

using testing::HasSubstr;

class PythonHomeTest : public testing::Test {
 protected:
  PythonHomeTest() {
    char pattern[] = "/tmp/uwsgi-home-XXXXXX";
    folder = ::mkdtemp(pattern);
  }
  ~PythonHomeTest() override { std::filesystem::remove_all(folder); }

  std::string Make(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.parent_path();
  }

  std::string folder;
};

TEST_F(PythonHomeTest, TakesEnvironmentsOfTheRightVersion) {
  for (const char* line : {"version = 3.11.2", "version_info = 3.11.2.final.0",
                           "home = /usr/bin\nversion=3.11", "version_info = 3.11.7\n"}) {
    const std::string venv = Make("venv/pyvenv.cfg", line);
    const auto home = ResolvePythonHome(venv, "", "3.11", "this server embeds 3.11");
    ASSERT_TRUE(home) << line << home.error().message;
    EXPECT_EQ(home->virtualenv, venv);
  }
}

TEST_F(PythonHomeTest, TakesABasePrefix) {
  Make("lib/python3.11/os.py", "");
  const auto home = ResolvePythonHome(folder, "", "3.11", "this server embeds 3.11");
  ASSERT_TRUE(home) << home.error().message;
  EXPECT_EQ(home->prefix, folder);
  EXPECT_EQ(home->virtualenv, "");
}

TEST_F(PythonHomeTest, SaysWhatIsWrongInOneLine) {
  const std::string other = Make("other/pyvenv.cfg", "version = 3.12.1");
  const std::string file = Make("plain/file", "") + "/file";
  const std::pair<std::string, const char*> cases[] = {
      {folder + "/missing", "No such file or directory"},
      {file, "not a directory"},
      {other, "is an environment of Python 3.12, this server embeds 3.11"},
      {folder + "/plain", "it has neither pyvenv.cfg nor lib/python3.11/os.py"},
  };
  for (const auto& [path, text] : cases) {
    const auto home = ResolvePythonHome(path, "", "3.11", "this server embeds 3.11");
    ASSERT_FALSE(home) << path;
    EXPECT_THAT(home.error().message, HasSubstr(path));
    EXPECT_THAT(home.error().message, HasSubstr(text));
    EXPECT_EQ(home.error().message.find('\n'), std::string::npos);
  }
}

TEST_F(PythonHomeTest, PassesOverAnActiveEnvironmentThatDoesNotFit) {
  const std::string other = Make("other/pyvenv.cfg", "version = 3.12.1");
  testing::internal::CaptureStderr();
  const auto home = ResolvePythonHome("", other, "3.11", "this server embeds 3.11");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("warning: $VIRTUAL_ENV"));
  ASSERT_TRUE(home);
  EXPECT_EQ(home->virtualenv, "");
  const std::string good = Make("good/pyvenv.cfg", "version = 3.11.1");
  EXPECT_EQ(ResolvePythonHome("", good, "3.11", "this server embeds 3.11")->virtualenv, good);
}

}  // namespace
}  // namespace uwsgi::python
