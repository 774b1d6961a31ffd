// SPDX-License-Identifier: MIT

#include "static_files/static_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <string>

#include "protocol/http_date.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

using ::testing::HasSubstr;

constexpr std::time_t kModified = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest() {
    directory_.Write("static/site.css", "body {}");
    directory_.Write("static/app/app.js", "let x");
    directory_.Write("static/app/index.html", "<p>");
    directory_.Write("static/notes.secret", "no");
    directory_.Write("icon.ico", "icon");
    directory_.Write("outside.txt", "outside");
    const timespec times[] = {{kModified, 0}, {kModified, 0}};
    utimensat(AT_FDCWD, (directory_ / "static/site.css").c_str(), times, 0);
    options_.maps = {"/static=" + (directory_ / "static"),
                     "/favicon.ico=" + (directory_ / "icon.ico")};
  }

  std::optional<StaticFile> Find(std::string_view path, std::string_view method = "GET",
                                 std::vector<Var> vars = {}) const {
    Request request;
    request.method = method;
    request.path_info = path;
    request.vars = std::move(vars);
    return StaticFiles(options_).Find(request);
  }
  // The file's content, or "miss".
  std::string Content(std::string_view path, std::string_view method = "GET") const {
    const auto found = Find(path, method);
    if (!found) return "miss";
    std::string content(found->size, '\0');
    EXPECT_EQ(pread(found->fd.get(), content.data(), content.size(), 0),
              static_cast<ssize_t>(content.size()));
    return content;
  }

  TempDir directory_;
  StaticOptions options_;
};

TEST_F(StaticFilesTest, ServesWithTypeLengthAndDate) {
  const auto found = Find("/static/site.css");
  ASSERT_TRUE(found.has_value());
  const ResponseHead head = found->head();
  EXPECT_EQ(head.status, "200 OK");
  EXPECT_EQ(head.code, 200);
  EXPECT_EQ(head.content_length, 7U);
  EXPECT_EQ(head.fields,
            "Content-Type: text/css\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(head.field_count, 3);
  EXPECT_EQ(Content("/static/site.css"), "body {}");
  EXPECT_EQ(Content("/static/site.css", "HEAD"), "body {}");
  EXPECT_EQ(Content("/static/app/app.js"), "let x");
}

TEST_F(StaticFilesTest, EverythingElseGoesOnToTheApplication) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view path :
       {""sv, "/"sv, "/other"sv, "/static"sv, "/static/"sv, "/static/app"sv, "/static/app/"sv,
        "/static/none.css"sv, "/staticsite.css"sv, "/statics/site.css"sv, "/STATIC/site.css"sv,
        "/static/site.css/"sv, "/static/site.css/x"sv, "static/site.css"sv, "/favicon.ico/"sv,
        "/favicon.ico/x"sv}) {
    EXPECT_EQ(Content(path), "miss") << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get", ""}) {
    EXPECT_EQ(Content("/static/site.css", method), "miss") << method;
  }
}

TEST_F(StaticFilesTest, NoSpellingLeavesTheRoot) {
  using std::string_view_literals::operator""sv;
  std::filesystem::create_symlink(directory_ / "outside.txt", directory_ / "static/link");
  std::filesystem::create_symlink("..", directory_ / "static/up");
  for (const std::string_view path :
       {"/static/../outside.txt"sv, "/static/app/../../outside.txt"sv, "/static/.."sv,
        "/static/..;/outside.txt"sv, "/static/..\\outside.txt"sv, "/static/%2e%2e/outside.txt"sv,
        "/static//site.css"sv, "/static///etc/passwd"sv, "//static/site.css"sv,
        "/static/./site.css"sv, "/static/app/../site.css"sv, "/static/site.css\0.png"sv,
        "/static/\0"sv, "/static/link"sv, "/static/up/outside.txt"sv}) {
    EXPECT_EQ(Content(path), "miss") << path;
  }
  options_.safe_dirs = {directory_.path()};
  EXPECT_EQ(Content("/static/link"), "outside");
  EXPECT_EQ(Content("/static/../outside.txt"), "miss");
}

TEST_F(StaticFilesTest, NotModifiedByDate) {
  struct Case {
    std::string since;
    int code;
  };
  const Case cases[] = {
      {protocol::FormatHttpDate(kModified), 304},
      {protocol::FormatHttpDate(kModified + 1), 304},
      {protocol::FormatHttpDate(kModified - 1), 200},
      {"", 200},
      {"yesterday", 200},
  };
  for (const Case& expected : cases) {
    const auto found =
        Find("/static/site.css", "GET", {{"HTTP_IF_MODIFIED_SINCE", expected.since}});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->head().code, expected.code) << expected.since;
  }
  const auto found = Find("/static/site.css", "GET", {{"HTTP_IF_MODIFIED_SINCE", cases[0].since}});
  const ResponseHead head = found->head();
  EXPECT_EQ(head.status, "304 Not Modified");
  EXPECT_EQ(head.content_length, std::nullopt);
  EXPECT_EQ(head.fields, "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}

TEST_F(StaticFilesTest, AnEntityTagOutranksTheDate) {
  const auto found = Find("/static/site.css", "GET",
                          {{"HTTP_IF_MODIFIED_SINCE", "Sun, 06 Nov 2044 08:49:37 GMT"},
                           {"HTTP_IF_NONE_MATCH", "\"x\""}});
  EXPECT_EQ(found->code, 200);
}

TEST_F(StaticFilesTest, ADateInTheFutureIsNotGivenOut) {
  const timespec times[] = {{4102444800, 0}, {4102444800, 0}};  // The year 2100.
  utimensat(AT_FDCWD, (directory_ / "static/site.css").c_str(), times, 0);
  EXPECT_THAT(Find("/static/site.css")->fields, ::testing::Not(HasSubstr(" 2100 ")));
}

TEST_F(StaticFilesTest, AMappingMayNameOneFile) {
  EXPECT_EQ(Content("/favicon.ico"), "icon");
  EXPECT_THAT(Find("/favicon.ico")->fields, HasSubstr("Content-Type: image/"));
}

TEST_F(StaticFilesTest, DirectoriesServeTheirIndex) {
  options_.indexes = {"index.htm", "index.html"};
  EXPECT_EQ(Content("/static/app/"), "<p>");
  EXPECT_EQ(Content("/static/app"), "<p>");
  EXPECT_THAT(Find("/static/app/")->fields, HasSubstr("text/html"));
  EXPECT_EQ(Content("/static/"), "miss");
  directory_.Write("static/index.html", "root");
  EXPECT_EQ(Content("/static"), "root");
  options_.indexes = {"../outside.txt"};
  EXPECT_EQ(Content("/static/"), "miss");
}

TEST_F(StaticFilesTest, SkippedExtensionsAreTheApplications) {
  options_.skip_extensions = {".secret", ".html"};
  options_.indexes = {"index.html"};
  EXPECT_EQ(Content("/static/notes.secret"), "miss");
  EXPECT_EQ(Content("/static/app/"), "miss");
  EXPECT_EQ(Content("/static/site.css"), "body {}");
}

TEST_F(StaticFilesTest, CheckedDirectoriesTakeThePathAsItIs) {
  options_.maps.clear();
  options_.check_dirs = {"/nonexistent", directory_ / "static"};
  EXPECT_EQ(Content("/app/app.js"), "let x");
  EXPECT_EQ(Content("/"), "miss");
  EXPECT_EQ(Content("/../outside.txt"), "miss");
}

TEST_F(StaticFilesTest, TheFirstMappingThatHasTheFileWins) {
  directory_.Write("more/site.css", "second");
  directory_.Write("more/more.css", "more");
  options_.maps.push_back("/static/=" + (directory_ / "more/"));
  EXPECT_EQ(Content("/static/site.css"), "body {}");
  EXPECT_EQ(Content("/static/more.css"), "more");
}

TEST_F(StaticFilesTest, FilesAndDirectoriesMayAppearLater) {
  options_.maps = {"/media=" + (directory_ / "media")};
  const StaticFiles files(options_);
  Request request;
  request.method = "GET";
  request.path_info = "/media/a.txt";
  EXPECT_FALSE(files.Find(request).has_value());
  directory_.Write("media/a.txt", "late");
  EXPECT_TRUE(files.Find(request).has_value());
}

TEST_F(StaticFilesTest, UnreadableFilesAreMisses) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  chmod((directory_ / "static/site.css").c_str(), 0);
  EXPECT_EQ(Content("/static/site.css"), "miss");
}

TEST_F(StaticFilesTest, SpecialFilesAreMisses) {
  ASSERT_EQ(mkfifo((directory_ / "static/fifo").c_str(), 0600), 0);
  EXPECT_EQ(Content("/static/fifo"), "miss");
}

TEST_F(StaticFilesTest, AMappingWithoutSenseIsSaidAndMapsNothing) {
  options_.maps = {"/static", "static=/tmp", "=/tmp", "/x=", ""};
  testing::internal::CaptureStderr();
  const StaticFiles files(options_);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(files.empty());
  EXPECT_THAT(log, HasSubstr("error: static-map = static=/tmp maps nothing"));
}

}  // namespace
}  // namespace uwsgi
