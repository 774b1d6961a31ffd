// SPDX-License-Identifier: MIT

#include "compression/encoder.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <string>
#include <vector>

namespace uwsgi::compression {
namespace {

std::string Inflated(const std::string& text, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  inflateInit2(&stream, MAX_WBITS + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  inflate(&stream, Z_SYNC_FLUSH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

// What a client makes of `text`, which may be the beginning of a body.
std::string Decoded(std::string_view coding, const std::string& text, std::size_t size) {
  if (coding == "gzip") return Inflated(text, size);
  std::string out(size, '\0');
  if (coding == "zstd") {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (in.pos < in.size && ZSTD_isError(ZSTD_decompressStream(context, &to, &in)) == 0) {
    }
    ZSTD_freeDCtx(context);
    out.resize(to.pos);
    return out;
  }
  BrotliDecoderState* state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  std::size_t in_left = text.size();
  const auto* in = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t out_left = out.size();
  auto* to = reinterpret_cast<std::uint8_t*>(out.data());
  BrotliDecoderDecompressStream(state, &in_left, &in, &out_left, &to, nullptr);
  BrotliDecoderDestroyInstance(state);
  out.resize(out.size() - out_left);
  return out;
}

class EncoderTest : public testing::TestWithParam<const char*> {};

TEST_P(EncoderTest, WhatWasFlushedCanBeDecoded) {
  const auto encoder = MakeEncoder(GetParam());
  ASSERT_NE(encoder, nullptr);
  EXPECT_EQ(encoder->coding(), GetParam());
  for (int body = 0; body < 3; ++body) {
    encoder->Reset();
    std::string plain;
    std::string encoded;
    for (const std::size_t size : {1U, 0U, 70'000U, 3U, 500'000U}) {
      std::string piece;
      while (piece.size() < size) piece += "line " + std::to_string(piece.size() * 7919) + "\n";
      plain += piece;
      ASSERT_TRUE(encoder->Encode(piece, Flush::kSync, encoded));
      ASSERT_EQ(Decoded(GetParam(), encoded, plain.size() + 10), plain);
    }
    ASSERT_TRUE(encoder->Encode("end", Flush::kFinish, encoded));
    EXPECT_EQ(Decoded(GetParam(), encoded, plain.size() + 10), plain + "end");
    EXPECT_LT(encoded.size(), plain.size() / 2);
  }
}

TEST_P(EncoderTest, ABodyMayBreakOff) {
  const auto encoder = MakeEncoder(GetParam());
  std::string encoded;
  ASSERT_TRUE(encoder->Encode("broken off", Flush::kSync, encoded));
  encoder->Reset();
  encoded.clear();
  ASSERT_TRUE(encoder->Encode("whole", Flush::kFinish, encoded));
  EXPECT_EQ(Decoded(GetParam(), encoded, 100), "whole");
}

INSTANTIATE_TEST_SUITE_P(Codings, EncoderTest, testing::Values("gzip", "br", "zstd"));

TEST(MakeEncoderTest, KnowsNoOthers) { EXPECT_EQ(MakeEncoder("deflate"), nullptr); }

}  // namespace
}  // namespace uwsgi::compression
