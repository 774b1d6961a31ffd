// SPDX-License-Identifier: MIT

#include "compression/compressor.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace uwsgi::compression {
namespace {

struct Case {
  const char* name;
  const char* fields;
  const char* accept;
  int code = 200;
  std::optional<std::uint64_t> size = 5000;
  const char* coding = nullptr;    // Null: the body stays as it is,
  const char* replaced = nullptr;  // and so do the fields.
};

class CompressorTest : public testing::TestWithParam<Case> {};

TEST_P(CompressorTest, Chooses) {
  CompressionOptions options;
  options.codings = *ParseCodings("br,gzip");
  Compressor compressor(options);
  ResponseHead head;
  head.code = GetParam().code;
  head.fields = GetParam().fields;
  std::string fields;
  const auto encoder = compressor.Choose(head, GetParam().accept, GetParam().size, fields);
  EXPECT_EQ(encoder == nullptr ? "" : encoder->coding(),
            GetParam().coding == nullptr ? "" : GetParam().coding);
  EXPECT_EQ(fields, GetParam().replaced == nullptr ? "" : GetParam().replaced);
}

constexpr const char* kHtml = "Content-Type: text/html; charset=utf-8\r\n";
constexpr const char* kHtmlVaries =
    "Content-Type: text/html; charset=utf-8\r\nVary: Accept-Encoding\r\n";

INSTANTIATE_TEST_SUITE_P(
    Responses, CompressorTest,
    testing::Values(
        Case{"our_first", kHtml, "gzip, br", 200, 5000, "br",
             "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: br\r\n"
             "Vary: Accept-Encoding\r\n"},
        Case{"their_first", kHtml, "gzip, br;q=0.5", 200, 5000, "gzip",
             "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
             "Vary: Accept-Encoding\r\n"},
        Case{"unknown_size", kHtml, "gzip", 200, std::nullopt, "gzip",
             "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
             "Vary: Accept-Encoding\r\n"},
        Case{"none_accepted", kHtml, "", 200, 5000, nullptr, kHtmlVaries},
        Case{"refused", kHtml, "*;q=0", 200, 5000, nullptr, kHtmlVaries},
        Case{"small", kHtml, "gzip", 200, 1023}, Case{"partial", kHtml, "gzip", 206},
        Case{"unchanged", kHtml, "gzip", 304}, Case{"empty", kHtml, "gzip", 204},
        Case{"picture", "Content-Type: image/png\r\n", "gzip"}, Case{"no_type", "", "gzip"},
        Case{"suffix", "content-type: application/problem+json\r\n", "gzip", 404, 5000, "gzip",
             "content-type: application/problem+json\r\nContent-Encoding: gzip\r\n"
             "Vary: Accept-Encoding\r\n"},
        Case{"encoded", "Content-Type: text/css\r\nContent-Encoding: br\r\n", "gzip"},
        Case{"range", "Content-Type: text/css\r\nContent-Range: bytes 0-1/2\r\n", "gzip"},
        Case{"no_transform", "Content-Type: text/css\r\nCache-Control: a, No-Transform\r\n",
             "gzip"},
        Case{"tags",
             "Content-Type: text/css\r\nETag: \"a\"\r\nAccept-Ranges: bytes\r\nVary: Cookie, "
             "Accept-Encoding\r\n",
             "gzip", 200, 5000, "gzip",
             "Content-Type: text/css\r\nETag: W/\"a\"\r\nVary: Cookie, "
             "Accept-Encoding\r\nContent-Encoding: gzip\r\n"}),
    [](const auto& tested) { return tested.param.name; });

TEST(CompressorTest, SuitsATypeWithItsParameters) {
  CompressionOptions options;
  options.codings = *ParseCodings("gzip");
  const Compressor compressor(options);
  EXPECT_TRUE(compressor.Suits("text/css", 1024));
  EXPECT_TRUE(compressor.Suits("application/json ; charset=utf-8", 1024));
  EXPECT_FALSE(compressor.Suits("text/css", 1023));
  EXPECT_FALSE(compressor.Suits("image/png", 1024));
  EXPECT_FALSE(compressor.Suits("", 1024));
  const CompressionOptions off;
  EXPECT_FALSE(Compressor(off).Suits("text/css", 1024));
}

TEST(AutoGzipTest, OnlyWhatTheApplicationMarks) {
  CompressionOptions options;
  options.auto_gzip = true;
  Compressor compressor(options);
  std::string fields;
  ResponseHead head;
  head.code = 200;
  head.fields = "Content-Type: text/html\r\n";
  EXPECT_EQ(compressor.Choose(head, "gzip", 5000, fields), nullptr);
  head.fields = "Content-Type: image/x\r\nuWSGI-Encoding: gzip\r\n";
  EXPECT_NE(compressor.Choose(head, "gzip", 5, fields), nullptr);
  EXPECT_EQ(compressor.Choose(head, "br", 5, fields), nullptr);
  head.content_length = 5;
  EXPECT_EQ(compressor.Choose(head, "gzip", 5, fields), nullptr);
}

TEST(CompressorPoolTest, EncodersAreUsedAgain) {
  CompressionOptions options;
  options.codings = *ParseCodings("gzip");
  Compressor compressor(options);
  ResponseHead head;
  head.code = 200;
  head.fields = kHtml;
  std::string fields;
  auto first = compressor.Choose(head, "gzip", 5000, fields);
  const Encoder* address = first.get();
  compressor.Return(std::move(first));
  EXPECT_EQ(compressor.Choose(head, "gzip", 5000, fields).get(), address);
}

TEST(CompressorPoolTest, OffMeansOff) {
  const CompressionOptions options;
  EXPECT_FALSE(Compressor(options).is_enabled());
}

}  // namespace
}  // namespace uwsgi::compression
