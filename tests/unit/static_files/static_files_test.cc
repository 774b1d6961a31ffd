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
#include "support/descriptor_limit.h"
#include "support/parsed_values.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

using ::testing::HasSubstr;
using testing::ParsedValues;

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
    options_.maps = {{"/static", directory_ / "static"}, {"/favicon.ico", directory_ / "icon.ico"}};
  }

  std::optional<FileResponse> Find(std::string_view path, std::string_view method = "GET",
                                   std::vector<Var> vars = {}) const {
    Request request;
    request.method = method;
    request.path_info = path;
    request.vars = std::move(vars);
    OpenRoots roots;
    return StaticFiles(options_).Find(request, roots);
  }
  // The file's content, or "miss".
  std::string Content(std::string_view path, std::string_view method = "GET") const {
    const auto found = Find(path, method);
    if (!found) return "miss";
    return ContentOf(*found);
  }
  static std::string ContentOf(const FileResponse& response) {
    std::string content;
    for (const auto& [before, offset, count] : response.parts) {
      content += before;
      std::string piece(count, '\0');
      EXPECT_EQ(pread(response.fd.get(), piece.data(), count, static_cast<off_t>(offset)),
                static_cast<ssize_t>(count));
      content += piece;
    }
    return content + response.after;
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
            "Content-Type: text/css\r\nAccept-Ranges: bytes\r\n"
            "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: \"2ebc98a1.0-7\"\r\n");
  EXPECT_EQ(head.field_count, 5);
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
  EXPECT_EQ(head.fields,
            "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: \"2ebc98a1.0-7\"\r\n");
}

TEST_F(StaticFilesTest, AnEntityTagOutranksTheDate) {
  const auto found = Find("/static/site.css", "GET",
                          {{"HTTP_IF_MODIFIED_SINCE", "Sun, 06 Nov 2044 08:49:37 GMT"},
                           {"HTTP_IF_NONE_MATCH", "\"x\""}});
  EXPECT_EQ(found->code, 200);
}

TEST_F(StaticFilesTest, TagsFollowTheContent) {
  const auto tag = [&] {
    const auto found = Find("/static/app/app.js");
    return found->fields.substr(found->fields.find("ETag"));
  };
  const std::string before = tag();
  EXPECT_EQ(tag(), before);
  directory_.Write("static/app/app.js", "let xy");
  EXPECT_NE(tag(), before);
}

TEST_F(StaticFilesTest, RangesAndPreconditions) {
  struct Case {
    std::vector<Var> vars;
    int code;
    std::string_view content;
    std::string_view fields;
  };
  const Case cases[] = {
      {{{"HTTP_RANGE", "bytes=0-3"}}, 206, "body", "Content-Range: bytes 0-3/7"},
      {{{"HTTP_RANGE", "bytes=-2"}}, 206, "{}", "Content-Range: bytes 5-6/7"},
      {{{"HTTP_RANGE", "bytes=7-"}}, 416, "", "Content-Range: bytes */7"},
      {{{"HTTP_RANGE", "lines=1-"}}, 200, "body {}", "Accept-Ranges: bytes"},
      {{{"HTTP_RANGE", "bytes=0-3"}, {"HTTP_IF_RANGE", "\"2ebc98a1.0-7\""}}, 206, "body", ""},
      {{{"HTTP_RANGE", "bytes=0-3"}, {"HTTP_IF_RANGE", "\"older\""}}, 200, "body {}", ""},
      {{{"HTTP_IF_NONE_MATCH", "\"2ebc98a1.0-7\""}}, 304, "", "ETag"},
      {{{"HTTP_IF_MATCH", "\"older\""}}, 412, "", "ETag"},
  };
  for (const auto& [vars, code, content, fields] : cases) {
    const auto found = Find("/static/site.css", "GET", vars);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->code, code) << vars.front().value;
    EXPECT_EQ(ContentOf(*found), content) << vars.front().value;
    EXPECT_THAT(found->fields, HasSubstr(fields));
  }
}

TEST_F(StaticFilesTest, RangesAreForGetOnly) {
  for (const char* field : {"bytes=0-3", "Bytes=0-3", "bytes=7-", "bytes=0-1,3-4"}) {
    const auto head = Find("/static/site.css", "HEAD", {{"HTTP_RANGE", field}});
    EXPECT_EQ(head->code, 200) << field;
    EXPECT_EQ(head->head().content_length, 7U) << field;
    EXPECT_NE(Find("/static/site.css", "GET", {{"HTTP_RANGE", field}})->code, 200) << field;
  }
}

TEST_F(StaticFilesTest, SeveralRangesMakeAMultipart) {
  const auto found = Find("/static/site.css", "GET", {{"HTTP_RANGE", "bytes=5-6,0-3"}});
  EXPECT_EQ(found->code, 206);
  const std::size_t at = found->fields.find("boundary=") + 9;
  const std::string boundary = found->fields.substr(at, found->fields.find("\r\n") - at);
  const std::string expected = "--" + boundary +
                               "\r\nContent-Type: text/css\r\nContent-Range: bytes 5-6/7\r\n\r\n{}"
                               "\r\n--" +
                               boundary +
                               "\r\nContent-Type: text/css\r\nContent-Range: bytes 0-3/7\r\n\r\n"
                               "body\r\n--" +
                               boundary + "--\r\n";
  EXPECT_EQ(ContentOf(*found), expected);
  EXPECT_EQ(found->head().content_length, expected.size());
}

TEST_F(StaticFilesTest, CompressedTwinsForWhoAcceptsThem) {
  directory_.Write("static/site.css.gz", "zipped");
  directory_.Write("static/site.css.br", "brotli");
  const auto ask = [&](std::string_view accept) {
    const auto found = Find("/static/site.css", "GET", {{"HTTP_ACCEPT_ENCODING", accept}});
    return ContentOf(*found) + "|" + found->fields;
  };
  EXPECT_THAT(ask("gzip"), ::testing::StartsWith("body {}|"));
  EXPECT_THAT(ask("gzip"), ::testing::Not(HasSubstr("Vary")));
  for (const bool all : {true, false}) {
    options_.gzip_all = all;
    options_.gzip = {*Pattern::Compile("[.]css$")};
    EXPECT_THAT(ask("gzip, br"), ::testing::StartsWith("brotli|"));
    EXPECT_THAT(ask("gzip, zstd"), ::testing::StartsWith("zipped|"));
    EXPECT_THAT(ask("gzip"), HasSubstr("Content-Type: text/css\r\n"));
    EXPECT_THAT(ask("gzip"), HasSubstr("Content-Encoding: gzip\r\n"));
    EXPECT_THAT(ask("gzip"), HasSubstr("Vary: Accept-Encoding\r\n"));
    EXPECT_THAT(ask("deflate"), ::testing::StartsWith("body {}|"));
    EXPECT_THAT(ask("deflate"), HasSubstr("Vary: Accept-Encoding\r\n"));
  }
  options_.gzip = {*Pattern::Compile("[.]js$")};
  EXPECT_THAT(ask("gzip"), ::testing::StartsWith("body {}|"));
  options_.gzip_dirs = {directory_ / "static/s"};
  EXPECT_THAT(ask("gzip"), ::testing::StartsWith("zipped|"));
  options_.gzip_dirs.clear();
  options_.gzip_suffixes = {".css"};
  EXPECT_THAT(ask("gzip"), ::testing::StartsWith("zipped|"));
}

TEST_F(StaticFilesTest, RangesOfACompressedTwinAreOfItsBytes) {
  options_.gzip_all = true;
  directory_.Write("static/site.css.gz", "zip");
  const timespec times[] = {{kModified, 0}, {kModified, 0}};
  utimensat(AT_FDCWD, (directory_ / "static/site.css.gz").c_str(), times, 0);
  const Var accepts = {"HTTP_ACCEPT_ENCODING", "gzip"};
  struct Case {
    std::vector<Var> vars;
    int code;
    std::string_view content;
    std::string_view fields;
  };
  const Case cases[] = {
      {{accepts, {"HTTP_RANGE", "bytes=1-"}}, 206, "ip", "Content-Range: bytes 1-2/3"},
      {{accepts, {"HTTP_RANGE", "bytes=1-"}}, 206, "ip", "Content-Encoding: gzip"},
      {{accepts, {"HTTP_RANGE", "bytes=1-"}}, 206, "ip", "Vary: Accept-Encoding"},
      {{accepts, {"HTTP_RANGE", "bytes=3-"}}, 416, "", "Content-Range: bytes */3"},
      {{{"HTTP_RANGE", "bytes=4-"}}, 206, " {}", "Content-Range: bytes 4-6/7"},
      // The part that a client has is of the other one.
      {{accepts, {"HTTP_RANGE", "bytes=1-"}, {"HTTP_IF_RANGE", "\"2ebc98a1.0-7\""}},
       200,
       "zip",
       ""},
      {{accepts, {"HTTP_RANGE", "bytes=1-"}, {"HTTP_IF_RANGE", "\"2ebc98a1.0-3-gzip\""}},
       206,
       "ip",
       "ETag: \"2ebc98a1.0-3-gzip\""},
  };
  for (const auto& [vars, code, content, fields] : cases) {
    const auto found = Find("/static/site.css", "GET", vars);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->code, code) << content;
    EXPECT_EQ(ContentOf(*found), content);
    EXPECT_THAT(found->fields, HasSubstr(fields));
  }
}

TEST_F(StaticFilesTest, ExpiryByRule) {
  const auto fields = [&] { return Find("/static/site.css")->fields; };
  EXPECT_THAT(fields(), ::testing::Not(HasSubstr("Expires")));
  options_.expires = ParsedValues<ParsePatternExpiry>({"/other/* 5", "/static/* 60"});
  EXPECT_THAT(fields(), HasSubstr("Cache-Control: max-age=60\r\n"));
  options_.expires_type_mtime = ParsedValues<ParseTypeExpiry>({"text/css=86400"});
  EXPECT_THAT(fields(), HasSubstr("Expires: Mon, 07 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_THAT(fields(), HasSubstr("Cache-Control: max-age=0\r\n"));
  options_ = {};
  options_.maps = {{"/static", directory_ / "static"}};
  options_.expires_path_info = ParsedValues<ParsePatternExpiry>({"^/static/.*[.]css$ 7"});
  EXPECT_THAT(fields(), HasSubstr("Cache-Control: max-age=7\r\n"));
}

TEST_F(StaticFilesTest, TheSecondKindOfMapKeepsThePrefix) {
  options_.maps.clear();
  options_.maps2 = {{"/static", directory_.path()}};
  EXPECT_EQ(Content("/static/site.css"), "body {}");
  EXPECT_EQ(Content("/icon.ico"), "miss");
}

TEST_F(StaticFilesTest, TypesFromAnotherTable) {
  options_.mime_files = {directory_.Write("types", "text/x-mine css")};
  EXPECT_THAT(Find("/static/site.css")->fields, HasSubstr("Content-Type: text/x-mine\r\n"));
}

TEST_F(StaticFilesTest, TypesOfTheConfigurationComeBeforeEveryTable) {
  options_.mime_files = {directory_.Write("types", "text/x-mine css js")};
  options_.mime_types =
      ParsedValues<ParseAddedMimeType>({"text/x-first; v=1=CSS other", "text/x-second=css", "js"});
  EXPECT_THAT(Find("/static/site.css")->fields, HasSubstr("Content-Type: text/x-first; v=1\r\n"));
  EXPECT_THAT(Find("/static/app/app.js")->fields, HasSubstr("Content-Type: text/x-mine\r\n"));
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
  options_.maps.push_back({"/static/", directory_ / "more/"});
  EXPECT_EQ(Content("/static/site.css"), "body {}");
  EXPECT_EQ(Content("/static/more.css"), "more");
}

TEST_F(StaticFilesTest, FilesAndDirectoriesMayAppearLater) {
  options_.maps = {{"/media", directory_ / "media"}};
  const StaticFiles files(options_);
  Request request;
  request.method = "GET";
  request.path_info = "/media/a.txt";
  OpenRoots roots;
  EXPECT_FALSE(files.Find(request, roots).has_value());
  directory_.Write("media/a.txt", "late");
  roots.Close();
  EXPECT_TRUE(files.Find(request, roots).has_value());
}

TEST_F(StaticFilesTest, UnreadableFilesAreMisses) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  chmod((directory_ / "static/site.css").c_str(), 0);
  EXPECT_EQ(Content("/static/site.css"), "miss");
}

TEST_F(StaticFilesTest, AShortageOfDescriptorsIsA503) {
  options_.indexes = {"index.html"};
  options_.gzip_all = true;
  directory_.Write("static/site.css.gz", "zipped");
  const StaticFiles files(options_);
  const auto code = [&](std::string_view path, int room) {
    Request request;
    request.method = "GET";
    request.path_info = path;
    request.vars = {{"HTTP_ACCEPT_ENCODING", "gzip"}};
    std::optional<FileResponse> found;
    OpenRoots roots;
    const DescriptorLimit limit(room);
    found = files.Find(request, roots);
    return found ? found->code : 0;
  };
  ::testing::internal::CaptureStderr();
  for (const int room : {0, 1}) {
    for (const char* path : {"/static/site.css", "/static/none", "/static/app/"}) {
      EXPECT_EQ(code(path, room), 503) << path;
    }
  }
  // Once for all of them.
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "warning: a file cannot be opened for a client: Too many open files, see --max-fd\n");
  EXPECT_EQ(code("/other", 0), 0);
  EXPECT_EQ(code("/favicon.ico", 0), 503);
  EXPECT_EQ(code("/static/none", 2), 0);
  EXPECT_EQ(code("/static/app/", 2), 503);
  EXPECT_EQ(code("/static/app/", 3), 200);
  EXPECT_EQ(code("/static/site.css", 2), 200);  // Its twin needs more.
}

TEST_F(StaticFilesTest, SpecialFilesAreMisses) {
  ASSERT_EQ(mkfifo((directory_ / "static/fifo").c_str(), 0600), 0);
  EXPECT_EQ(Content("/static/fifo"), "miss");
}

TEST_F(StaticFilesTest, AMappingWithoutSenseMapsNothing) {
  options_.maps = ParsedValues<ParseStaticMap>({"/static", "static=/tmp", "=/tmp", "/x=", ""});
  EXPECT_TRUE(StaticFiles(options_).empty());
}

}  // namespace
}  // namespace uwsgi
