// SPDX-License-Identifier: MIT

#include "protocol/chunked.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "protocol/http_cases.h"

namespace uwsgi::protocol {
namespace {

using namespace std::string_literals;
using State = ChunkedDecoder::State;

struct Decoded {
  std::string body;
  std::size_t consumed = 0;
  State state = State::kMore;

  bool operator==(const Decoded&) const = default;
};

// Offers `in` in pieces of `in_size` bytes, and takes at most `out_size` bytes at a time.
Decoded Decode(std::string_view in, std::size_t in_size, std::size_t out_size) {
  ChunkedDecoder decoder;
  Decoded decoded;
  std::string out(out_size, '\0');
  std::size_t end = 0;
  while (decoded.state == State::kMore) {
    const bool used_up = decoded.consumed == end;
    if (used_up && end == in.size()) break;
    if (used_up) end = std::min(in.size(), end + in_size);
    const auto step = decoder.Decode(in.substr(decoded.consumed, end - decoded.consumed), out);
    EXPECT_TRUE(step.consumed > 0 || step.state != State::kMore) << "no progress";
    decoded.body.append(out, 0, step.produced);
    decoded.consumed += step.consumed;
    decoded.state = step.state;
  }
  return decoded;
}

Decoded DecodeWhole(std::string_view in) { return Decode(in, in.size() + 1, in.size() + 1); }

TEST(ChunkedDecoderTest, DecodesOrRefusesTheCases) {
  for (const HttpCase& expected : ReadHttpCases(".chunked")) {
    SCOPED_TRACE(expected.name);
    const Decoded decoded = DecodeWhole(expected.bytes);
    if (expected.outcome == "malformed") {
      EXPECT_EQ(decoded.state, State::kMalformed);
    } else {
      const std::string body = expected.variables.empty() ? "" : expected.variables.front();
      EXPECT_EQ(decoded, (Decoded{body, expected.bytes.size(), State::kDone}));
    }
  }
}

TEST(ChunkedDecoderTest, StopsAtTheEnd) {
  const Decoded decoded = DecodeWhole("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
  EXPECT_EQ(decoded, (Decoded{"a", 11, State::kDone}));
}

TEST(ChunkedDecoderTest, WaitsForTheEnd) {
  const std::string body = "5;x\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(DecodeWhole(body.substr(0, size)).state, State::kMore) << size;
  }
}

TEST(ChunkedDecoderTest, BoundsExtensionsAndTrailers) {
  const auto long_text = std::string(ChunkedDecoder::kMaxOverhead - 1, 'x');
  EXPECT_EQ(DecodeWhole("0;" + long_text + "\r\n\r\n").state, State::kDone);
  EXPECT_EQ(DecodeWhole("0;xx" + long_text + "\r\n\r\n").state, State::kMalformed);
  EXPECT_EQ(DecodeWhole("0\r\nA:" + long_text + "\r\n\r\n").state, State::kMalformed);
  EXPECT_EQ(DecodeWhole("0\r\n" + long_text + "xx").state, State::kMalformed);
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "1;x\r\na\r\n";
  EXPECT_EQ(DecodeWhole(many + "0\r\n\r\n").state, State::kMalformed);
}

TEST(ChunkedDecoderTest, AllowsMoreExtensionsInALargeBody) {
  constexpr std::size_t kAllowed = ChunkedDecoder::kMaxOverhead;
  const std::string signature = ";chunk-signature=" + std::string(64, '0');
  const struct {
    std::size_t chunks;
    std::size_t chunk_size;
    std::size_t extension;  // Of each chunk, with its semicolon.
    std::size_t trailer;
    State state;
  } kCases[] = {
      // Uploads with a signature in each chunk.
      {190, 65536, signature.size(), 0, State::kDone},
      {2000, 8192, signature.size(), 200, State::kDone},
      // The bound, and one byte beyond it.
      {1, 16000, 1 + kAllowed, 0, State::kDone},
      {1, 16000, 2 + kAllowed, 0, State::kMalformed},
      {1, 16000, 0, kAllowed + 1000, State::kDone},
      {1, 16000, 0, kAllowed + 1001, State::kMalformed},
      {1, 15999, 0, kAllowed + 1000, State::kMalformed},
      // Floods.
      {1, 1, 200'000, 0, State::kMalformed},
      {1, 100'000, 0, 200'000, State::kMalformed},
      {10'000, 1, 20, 0, State::kMalformed},
      {10'000, 100, 20, 0, State::kMalformed},
  };
  for (const auto& row : kCases) {
    char size[20];
    snprintf(size, sizeof size, "%zx", row.chunk_size);
    std::string extension;
    if (row.extension > 0) extension = ";" + std::string(row.extension - 1, 'x');
    const std::string chunk = size + extension + "\r\n" + std::string(row.chunk_size, 'b') + "\r\n";
    std::string in;
    for (std::size_t i = 0; i < row.chunks; ++i) in += chunk;
    in += "0\r\n";
    if (row.trailer > 0) in += "A:" + std::string(row.trailer - 2, 'x') + "\r\n";
    EXPECT_EQ(DecodeWhole(in + "\r\n").state, row.state)
        << row.chunks << " x " << row.chunk_size << ' ' << row.extension << ' ' << row.trailer;
  }
}

TEST(ChunkedDecoderTest, IsTheSameInPieces) {
  const std::string bodies[] = {"5;x=y\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\nrest",
                                "5\r\nhello\r\n0\r\nHost: b\r\n\r\n"};
  for (const std::string& body : bodies) {
    const Decoded whole = DecodeWhole(body);
    for (std::size_t in_size = 1; in_size < body.size(); ++in_size) {
      for (std::size_t out_size = 1; out_size < 20; ++out_size) {
        EXPECT_EQ(Decode(body, in_size, out_size), whole) << in_size << ' ' << out_size;
      }
    }
  }
}

TEST(ChunkedDecoderTest, SaysTheSameAfterTheEnd) {
  ChunkedDecoder decoder;
  std::string out(10, '\0');
  ASSERT_EQ(decoder.Decode("0\r\n\r\n", out).state, State::kDone);
  EXPECT_EQ(decoder.Decode("5\r\n", out).state, State::kDone);
  EXPECT_EQ(decoder.Decode("5\r\n", out).consumed, 0U);
  decoder.Reset();
  ASSERT_EQ(decoder.Decode("x", out).state, State::kMalformed);
  EXPECT_EQ(decoder.Decode("5\r\n", out).consumed, 0U);
  EXPECT_EQ(decoder.Decode("", out).state, State::kMalformed);
}

TEST(ChunkedDecoderTest, DecodesInPlace) {
  std::string body;
  std::string expected;
  for (int i = 1; i < 200; ++i) {
    const std::string chunk(static_cast<std::size_t>(i % 30 + 1), static_cast<char>('a' + i % 26));
    char size[8];
    snprintf(size, sizeof size, "%zx", chunk.size());
    body += size + "\r\n"s + chunk + "\r\n";
    expected += chunk;
  }
  body += "0\r\n\r\n";
  ChunkedDecoder decoder;
  const auto step = decoder.Decode(body, std::span(body.data(), body.size()));
  EXPECT_EQ(step.state, State::kDone);
  EXPECT_EQ(step.consumed, body.size());
  EXPECT_EQ(body.substr(0, step.produced), expected);
}

TEST(ChunkedDecoderTest, SurvivesMutations) {
  std::mt19937 random(1);
  const std::string seed = "5;x=y\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n";
  for (int i = 0; i < 50'000; ++i) {
    std::string body = seed;
    for (auto mutations = random() % 4; mutations > 0; --mutations) {
      body[random() % body.size()] = "0123fF;:\r\n \tA"[random() % 13];
    }
    const Decoded whole = DecodeWhole(body);
    EXPECT_EQ(Decode(body, 1 + random() % 9, 1 + random() % 9), whole) << body;
    EXPECT_LE(whole.body.size(), whole.consumed);
  }
}

}  // namespace
}  // namespace uwsgi::protocol
