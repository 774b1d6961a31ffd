// SPDX-License-Identifier: MIT

#include "static_files/app_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "support/temp_dir.h"

namespace uwsgi {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AppFilesTest : public ::testing::Test {
 protected:
  AppFilesTest() {
    directory_.Write("files/report.txt", "report");
    directory_.Write("files/a b.txt", "blank");
    directory_.Write("secret.txt", "secret");
    x_sendfile_.file_serve_mode = FileServeMode::kSendfile;
    x_sendfile_.safe_dirs = {directory_ / "files"};
    x_accel_redirect_.file_serve_mode = FileServeMode::kAccelRedirect;
    x_accel_redirect_.internal_maps = {{"/protected/", directory_ / "files"}};
  }

  static std::optional<FileResponse> Find(const StaticOptions& options, const std::string& fields,
                                          int code = 200) {
    ResponseHead head;
    head.code = code;
    head.fields = fields;
    Request request;
    request.method = "GET";
    return AppFiles(options).Find(head, request);
  }
  // "404", or what the file holds.
  static std::string Answer(const StaticOptions& options, const std::string& fields) {
    const auto found = Find(options, fields);
    if (!found || found->code != 200) return found ? std::to_string(found->code) : "none";
    std::string content(found->parts.front().count, '\0');
    EXPECT_EQ(pread(found->fd.get(), content.data(), content.size(), 0),
              static_cast<ssize_t>(content.size()));
    return content;
  }
  std::string SendFile(std::string_view name) const {
    return "X-Sendfile: " + directory_ / std::string(name) + "\r\n";
  }

  TempDir directory_;
  StaticOptions x_sendfile_;
  StaticOptions x_accel_redirect_;
};

TEST_F(AppFilesTest, TheFileAnswersWithTheFieldsThatDoNotDescribeIt) {
  const auto found = Find(x_sendfile_, "ETag: \"app\"\r\nX-App: 1\r\nLast-Modified: never\r\n" +
                                           SendFile("files/report.txt") +
                                           "Content-Type: text/x-report\r\nSet-Cookie: a=b\r\n");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->code, 200);
  EXPECT_THAT(found->fields, HasSubstr("X-App: 1\r\nSet-Cookie: a=b\r\n"));
  EXPECT_THAT(found->fields, HasSubstr("Content-Type: text/x-report\r\n"));
  EXPECT_THAT(found->fields, Not(HasSubstr("\"app\"")));
  EXPECT_THAT(found->fields, Not(HasSubstr("never")));
  EXPECT_THAT(found->fields, Not(HasSubstr("Sendfile")));
}

TEST_F(AppFilesTest, OnlyFilesInTheAllowedDirectoriesAreServed) {
  EXPECT_EQ(Answer(x_sendfile_, SendFile("files/report.txt")), "report");
  EXPECT_EQ(Answer(x_sendfile_, SendFile("secret.txt")), "404");
  EXPECT_EQ(Answer(x_sendfile_, SendFile("files/../secret.txt")), "404");
  EXPECT_EQ(Answer(x_sendfile_, SendFile("files/none.txt")), "404");
  EXPECT_EQ(Answer(x_sendfile_, SendFile("files")), "404");
  std::filesystem::create_symlink(directory_ / "secret.txt", directory_ / "files/link");
  EXPECT_EQ(Answer(x_sendfile_, SendFile("files/link")), "404");
}

TEST_F(AppFilesTest, AnInternalPathIsDecodedAndMapped) {
  EXPECT_EQ(Answer(x_accel_redirect_, "X-Accel-Redirect: /protected/report.txt\r\n"), "report");
  EXPECT_EQ(Answer(x_accel_redirect_, "X-Accel-Redirect: /protected/a%20b.txt?q\r\n"), "blank");
  EXPECT_EQ(Answer(x_accel_redirect_, "X-Accel-Redirect: /protected/a%2.txt\r\n"), "404");
  EXPECT_EQ(Answer(x_accel_redirect_, "X-Accel-Redirect: /protectedreport.txt\r\n"), "404");
  EXPECT_EQ(Answer(x_accel_redirect_, "X-Accel-Redirect: /protected/%2e%2e/secret.txt\r\n"), "404");
}

TEST_F(AppFilesTest, OtherResponsesAreTheApplications) {
  EXPECT_FALSE(AppFiles(StaticOptions{}).is_enabled());
  EXPECT_FALSE(Find(x_sendfile_, "Content-Type: text/plain\r\n").has_value());
  EXPECT_FALSE(Find(x_sendfile_, SendFile("files/report.txt"), 404).has_value());
  EXPECT_FALSE(Find(x_sendfile_, "X-Accel-Redirect: /protected/report.txt\r\n").has_value());
}

TEST_F(AppFilesTest, NoClientSeesTheServersHeader) {
  const AppFiles files(x_sendfile_);
  const std::string given = "A: 1\r\nx-SENDFILE: /etc/passwd\r\nB: 2\r\n";
  ResponseHead head;
  head.fields = given;
  std::string kept;
  files.Strip(head, kept);
  EXPECT_EQ(head.fields, "A: 1\r\nB: 2\r\n");
}

}  // namespace
}  // namespace uwsgi
