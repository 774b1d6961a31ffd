// SPDX-License-Identifier: MIT

#include "exchange/file_filter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "exchange/recording_filter.h"

namespace uwsgi {
namespace {

using testing::RecordingFilter;
using testing::SendText;

class FileFilterTest : public ::testing::Test {
 protected:
  FileFilterTest() {
    directory_ = ::testing::TempDir() + "file_filterXXXXXX";
    EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
    std::ofstream(directory_ + "/named") << "0123456789";
    options_.file_serve_mode = FileServeMode::kSendfile;
    options_.safe_dirs = {directory_};
    files_ = std::make_unique<AppFiles>(options_);
    filter_.Attach(*files_, request_, next_);
    request_.method = "GET";
  }
  ~FileFilterTest() override {
    ::unlink((directory_ + "/named").c_str());
    ::rmdir(directory_.c_str());
  }

  Passed SendHead(const std::string& fields, BodyPlan::Kind kind = BodyPlan::Kind::kPieces) {
    fields_ = fields;
    head_.code = 200;
    head_.fields = fields_;
    BodyPlan plan;
    plan.kind = kind;
    return filter_.SendHead(head_, plan);
  }

  std::string directory_;
  StaticOptions options_;
  std::unique_ptr<AppFiles> files_;
  Request request_;
  RecordingFilter next_;
  FileFilter filter_;
  std::string fields_;
  ResponseHead head_;
};

TEST_F(FileFilterTest, TheNamedFileAnswers) {
  EXPECT_EQ(SendHead("X-Sendfile: " + directory_ + "/named\r\nA: b\r\n"), Passed::kAnswered);
  ASSERT_EQ(next_.heads.size(), 1U);
  EXPECT_EQ(next_.heads[0].plan.whole, 10U);
  EXPECT_EQ(next_.heads[0].plan.kind, BodyPlan::Kind::kFile);
  EXPECT_EQ(next_.heads[0].fields.find("X-Sendfile"), std::string::npos);
  EXPECT_NE(next_.heads[0].fields.find("A: b\r\n"), std::string::npos);
  EXPECT_EQ(next_.file_sizes, std::vector<std::uint64_t>{10});
  EXPECT_EQ(next_.rests, (std::vector<Rest>{Rest::kSoon, Rest::kEnd}));
}

TEST_F(FileFilterTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_EQ(SendHead("X-Sendfile: " + directory_ + "/other\r\n"), Passed::kAnswered);
  EXPECT_EQ(next_.heads.at(0).code, 404);
  EXPECT_EQ(head_.code, 404) << "for the log";
  EXPECT_EQ(next_.body, "Not Found");
}

TEST_F(FileFilterTest, OtherResponsesPass) {
  EXPECT_EQ(SendHead("A: b\r\n"), Passed::kOn);
  EXPECT_EQ(next_.heads.at(0).fields, "A: b\r\n");
  EXPECT_EQ(SendText(filter_, "body", Rest::kEnd), Passed::kOn);
  EXPECT_EQ(next_.body, "body");
}

TEST_F(FileFilterTest, NoClientSeesTheHeader) {
  const std::string named = "X-Sendfile: " + directory_ + "/named\r\nA: b\r\n";
  EXPECT_EQ(SendHead(named, BodyPlan::Kind::kNone), Passed::kOn);
  EXPECT_EQ(next_.heads.at(0).fields, "A: b\r\n");
}

}  // namespace
}  // namespace uwsgi
