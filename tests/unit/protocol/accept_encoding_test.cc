// SPDX-License-Identifier: MIT

#include "protocol/accept_encoding.h"

#include <gtest/gtest.h>

namespace uwsgi::protocol {
namespace {

TEST(AcceptEncodingTest, ChoosesWhatTheClientLikesBest) {
  static constexpr std::string_view kOffered[] = {"br", "zstd", "gzip"};
  struct Case {
    std::string_view field;
    std::string_view chosen;
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"gzip", "gzip"},
      {"GZip", "gzip"},
      {"gzip, deflate, br", "br"},
      {"gzip, deflate, br, zstd", "br"},
      {"gzip, br;q=0.5", "gzip"},
      {"gzip;q=0.5, zstd;q=0.501", "zstd"},
      {"gzip;q=0", ""},
      {"gzip;q=0.000", ""},
      {"gzip ; q=1.000 ,br;q=0", "gzip"},
      {"*", "br"},
      {"br;q=0, *", "zstd"},
      {"*;q=0", ""},
      {"*;q=0, gzip", "gzip"},
      {"identity", ""},
      {"identity, gzip;q=0.5", ""},
      {"identity;q=0.5, gzip", "gzip"},
      {"identity;q=0, gzip;q=0.1", "gzip"},
      {"deflate, compress", ""},
      {"x-gzip", ""},
      {"gzip;q=2", ""},
      {"gzip;q=1.5", ""},
      {"gzip;q=", ""},
      {"gzip;q=0.1234", ""},
      {"gzip;q=-1", ""},
      {"gzip;level=9", ""},
      {",,gzip,,", "gzip"},
      {"gzipbr", ""},
      {"gzip;Q=0.5", "gzip"},
  };
  for (const auto& [field, chosen] : kCases) {
    EXPECT_EQ(ChooseCoding(field, kOffered), chosen) << field;
  }
}

TEST(AcceptEncodingTest, OffersNothingButWhatThereIs) {
  static constexpr std::string_view kGzip[] = {"gzip"};
  EXPECT_EQ(ChooseCoding("br, gzip;q=0.1", kGzip), "gzip");
  EXPECT_EQ(ChooseCoding("br", kGzip), "");
  EXPECT_EQ(ChooseCoding("br, *", {}), "");
}

}  // namespace
}  // namespace uwsgi::protocol
