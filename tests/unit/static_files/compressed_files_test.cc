// SPDX-License-Identifier: MIT

#include "static_files/compressed_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "static_files/static_files.h"
#include "support/gunzip.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

std::string Text(std::size_t size) {
  std::string text;
  for (std::size_t line = 0; text.size() < size; ++line) {
    text += "body " + std::to_string(line) + " { color: red }\n";
  }
  text.resize(size);
  return text;
}

// Bytes that no compressor makes fewer.
std::string Noise(std::size_t size) {
  std::string noise(size, '\0');
  std::uint64_t state = 88172645463325252U;
  for (char& byte : noise) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<char>(state);
  }
  return noise;
}

std::string BodyOf(const FileResponse& response) {
  std::string body(response.body_size(), '\0');
  EXPECT_EQ(pread(response.fd.get(), body.data(), body.size(), 0),
            static_cast<ssize_t>(body.size()));
  return body;
}

class CompressedFilesTest : public ::testing::Test {
 protected:
  CompressedFilesTest() { options_.maps = {{"/s", directory_.path()}}; }

  FileResponse Get(const std::string& name, std::vector<Var> vars = {},
                   std::string_view method = "GET") {
    vars.push_back({"HTTP_ACCEPT_ENCODING", accepted_});
    Request request;
    request.method = method;
    const std::string path = "/s/" + name;
    request.path_info = path;
    request.vars = std::move(vars);
    OpenRoots roots;
    auto found = StaticFiles(options_).Find(request, roots, &files_);
    EXPECT_TRUE(found.has_value()) << name;
    return found ? *std::move(found) : FileResponse();
  }
  static bool Has(const FileResponse& response, std::string_view line) {
    return response.fields.find(std::string(line) + "\r\n") != std::string::npos;
  }
  static bool IsGzip(const FileResponse& response) {
    return Has(response, "Content-Encoding: gzip");
  }
  static std::string TagOf(const FileResponse& response) {
    const std::size_t at = response.fields.find("ETag: ") + 6;
    return response.fields.substr(at, response.fields.find("\r\n", at) - at);
  }

  TempDir directory_;
  StaticOptions options_;
  const CompressionOptions compression_{.codings = *ParseCodings("gzip,br")};
  std::string accepted_ = "gzip";
  int wakes_ = 0;
  compression::Compressor compressor_{compression_};
  CompressedFiles files_{compressor_, [this] { ++wakes_; }};
};

TEST_F(CompressedFilesTest, CompressesATextAtOnce) {
  const std::string text = Text(5000);
  directory_.Write("a.css", text);
  const FileResponse first = Get("a.css");
  EXPECT_EQ(first.code, 200);
  EXPECT_TRUE(IsGzip(first));
  EXPECT_TRUE(Has(first, "Vary: Accept-Encoding"));
  EXPECT_TRUE(Has(first, "Content-Type: text/css"));
  EXPECT_FALSE(Has(first, "Accept-Ranges: bytes"));
  EXPECT_TRUE(TagOf(first).starts_with("W/\"")) << TagOf(first);
  EXPECT_TRUE(TagOf(first).ends_with("-gzip\"")) << TagOf(first);
  EXPECT_LT(first.body_size(), 2000U);
  EXPECT_EQ(first.head().content_length, first.body_size());
  EXPECT_EQ(Gunzip(BodyOf(first)), text);
  const FileResponse again = Get("a.css");
  EXPECT_EQ(BodyOf(again), BodyOf(first));
  EXPECT_EQ(again.fields, first.fields);
  EXPECT_EQ(wakes_, 0);
}

TEST_F(CompressedFilesTest, LeavesAloneWhatIsNotWorthIt) {
  directory_.Write("small.css", Text(1023));
  directory_.Write("a.png", Text(5000));
  directory_.Write("noise.txt", Noise(5000));
  for (const char* name : {"small.css", "a.png", "noise.txt"}) {
    const FileResponse response = Get(name);
    EXPECT_FALSE(IsGzip(response)) << name;
    EXPECT_TRUE(Has(response, "Accept-Ranges: bytes")) << name;
    EXPECT_EQ(Has(response, "Vary: Accept-Encoding"), name == std::string("noise.txt")) << name;
  }
}

TEST_F(CompressedFilesTest, SendsTheFileAsItIsToClientsThatAcceptNothing) {
  directory_.Write("a.css", Text(5000));
  accepted_ = "identity";
  const FileResponse response = Get("a.css");
  EXPECT_EQ(BodyOf(response), Text(5000));
  EXPECT_TRUE(Has(response, "Vary: Accept-Encoding"));
  EXPECT_TRUE(TagOf(response).starts_with("\"")) << TagOf(response);
}

TEST_F(CompressedFilesTest, ChoosesTheCodingThatTheClientLikesBest) {
  directory_.Write("a.css", Text(5000));
  accepted_ = "br, gzip;q=0.5";
  EXPECT_TRUE(Has(Get("a.css"), "Content-Encoding: br"));
  accepted_ = "gzip";
  EXPECT_TRUE(IsGzip(Get("a.css")));
}

TEST_F(CompressedFilesTest, SendsATwinFirst) {
  directory_.Write("a.css", Text(5000));
  directory_.Write("a.css.gz", "twin");
  options_.gzip_all = true;
  const FileResponse response = Get("a.css");
  EXPECT_EQ(BodyOf(response), "twin");
  EXPECT_TRUE(IsGzip(response));
}

TEST_F(CompressedFilesTest, SendsRangesOfTheFileAsItIs) {
  directory_.Write("a.css", Text(5000));
  const std::string weak = TagOf(Get("a.css"));
  const FileResponse part = Get("a.css", {{"HTTP_RANGE", "bytes=10-19"}});
  EXPECT_EQ(part.code, 206);
  EXPECT_FALSE(IsGzip(part));
  EXPECT_TRUE(Has(part, "Content-Range: bytes 10-19/5000"));
  EXPECT_TRUE(Has(part, "Vary: Accept-Encoding"));
  // A part of something else than the client has would be of no use.
  const FileResponse whole = Get("a.css", {{"HTTP_RANGE", "bytes=10-19"}, {"HTTP_IF_RANGE", weak}});
  EXPECT_EQ(whole.code, 200);
  EXPECT_EQ(BodyOf(whole), Text(5000));
}

TEST_F(CompressedFilesTest, AClientThatHasOneOfTheTwoContentsGetsNeither) {
  directory_.Write("a.css", Text(5000));
  const std::string weak = TagOf(Get("a.css"));
  accepted_ = "identity";
  const std::string strong = TagOf(Get("a.css"));
  accepted_ = "gzip";
  for (const std::string& tag : {weak, strong}) {
    const FileResponse unchanged = Get("a.css", {{"HTTP_IF_NONE_MATCH", tag}});
    EXPECT_EQ(unchanged.code, 304);
    EXPECT_EQ(TagOf(unchanged), tag);
    EXPECT_TRUE(Has(unchanged, "Vary: Accept-Encoding"));
  }
  EXPECT_TRUE(IsGzip(Get("a.css", {{"HTTP_IF_NONE_MATCH", "\"other\""}})));
  // Who does not accept it any more gets the file.
  accepted_ = "";
  EXPECT_EQ(Get("a.css", {{"HTTP_IF_NONE_MATCH", weak}}).code, 200);
}

TEST_F(CompressedFilesTest, IfMatchMeansTheFileAsItIs) {
  directory_.Write("a.css", Text(5000));
  const std::string weak = TagOf(Get("a.css"));
  accepted_ = "identity";
  const std::string strong = TagOf(Get("a.css"));
  accepted_ = "gzip";
  const FileResponse same = Get("a.css", {{"HTTP_IF_MATCH", strong}});
  EXPECT_EQ(same.code, 200);
  EXPECT_FALSE(IsGzip(same));
  EXPECT_EQ(Get("a.css", {{"HTTP_IF_MATCH", weak}}).code, 412);
}

TEST_F(CompressedFilesTest, ALargeFileIsSentAsItIsUntilItIsCompressed) {
  const std::string text = Text(1 << 20);
  directory_.Write("a.js", text);
  EXPECT_FALSE(IsGzip(Get("a.js")));
  EXPECT_FALSE(IsGzip(Get("a.js")));
  EXPECT_EQ(wakes_, 1) << "the second request starts nothing";
  int steps = 1;
  while (files_.Work()) ++steps;
  EXPECT_EQ(steps, 16);
  const FileResponse response = Get("a.js");
  EXPECT_TRUE(IsGzip(response));
  EXPECT_EQ(Gunzip(BodyOf(response)), text);
  EXPECT_FALSE(files_.Work());
}

TEST_F(CompressedFilesTest, AClientOfALargeFileIsNotAskedToLoadItAgainAfterAReload) {
  directory_.Write("a.js", Text(1 << 20));
  EXPECT_FALSE(IsGzip(Get("a.js")));
  while (files_.Work()) {
  }
  const std::string weak = TagOf(Get("a.js"));
  CompressedFiles after_reload(compressor_, [] {});
  Request request;
  request.method = "GET";
  request.path_info = "/s/a.js";
  request.vars = {{"HTTP_ACCEPT_ENCODING", "gzip"}, {"HTTP_IF_NONE_MATCH", weak}};
  OpenRoots roots;
  EXPECT_EQ(StaticFiles(options_).Find(request, roots, &after_reload)->code, 304);
}

TEST_F(CompressedFilesTest, AVeryLargeFileStaysAsItIs) {
  directory_.Write("a.txt", "x");
  ASSERT_EQ(truncate((directory_ / "a.txt").c_str(), CompressedFiles::kLargest + 1), 0);
  const FileResponse response = Get("a.txt");
  EXPECT_FALSE(IsGzip(response));
  EXPECT_FALSE(Has(response, "Vary: Accept-Encoding"));
  EXPECT_EQ(wakes_, 0);
}

TEST_F(CompressedFilesTest, NoticesThatAFileHasChanged) {
  directory_.Write("a.css", Text(5000));
  EXPECT_TRUE(IsGzip(Get("a.css")));
  directory_.Write("a.css", Text(6000));
  EXPECT_EQ(Gunzip(BodyOf(Get("a.css"))), Text(6000));
}

TEST_F(CompressedFilesTest, KeepsNothingOfAFileThatChangesMeanwhile) {
  directory_.Write("a.js", Text(1 << 20));
  EXPECT_FALSE(IsGzip(Get("a.js")));
  EXPECT_TRUE(files_.Work());
  directory_.Write("a.js", Text(1000));
  while (files_.Work()) {
  }
  directory_.Write("a.js", Text(2000));
  EXPECT_EQ(Gunzip(BodyOf(Get("a.js"))), Text(2000));
}

TEST_F(CompressedFilesTest, ForgetsWhatWasAskedForLeastRecently) {
  for (std::size_t i = 0; i <= CompressedFiles::kMostResults; ++i) {
    directory_.Write(std::to_string(i) + ".css", Text(1100));
  }
  const FileResponse first = Get("0.css");
  ino_t before = 0;
  struct stat status {};
  ASSERT_EQ(fstat(first.fd.get(), &status), 0);
  before = status.st_ino;
  for (std::size_t i = 1; i < CompressedFiles::kMostResults; ++i) Get(std::to_string(i) + ".css");
  ASSERT_EQ(fstat(Get("0.css").fd.get(), &status), 0);
  EXPECT_EQ(status.st_ino, before) << "it is kept, and asked for again";
  Get(std::to_string(CompressedFiles::kMostResults) + ".css");
  ASSERT_EQ(fstat(Get("0.css").fd.get(), &status), 0);
  EXPECT_EQ(status.st_ino, before);
}

}  // namespace
}  // namespace uwsgi
