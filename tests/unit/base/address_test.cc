// SPDX-License-Identifier: MIT

#include "base/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace uwsgi {
namespace {

using ::testing::HasSubstr;

struct GoodCase {
  std::string text;
  AddressFamily family;
  std::string host;
  int port;
  std::string path;
  int fd;
};

class ParseAddressTest : public ::testing::TestWithParam<GoodCase> {};

TEST_P(ParseAddressTest, Understands) {
  const GoodCase& expected = GetParam();
  const auto address = ParseAddress(expected.text);
  ASSERT_TRUE(address.ok()) << address.error().message;
  EXPECT_EQ(address->host, expected.host);
  EXPECT_EQ(address->port, expected.port);
  EXPECT_EQ(address->path, expected.path);
  EXPECT_EQ(address->inherited_fd, expected.fd);
  if (expected.fd < 0) {
    EXPECT_EQ(address->family, expected.family);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Spellings, ParseAddressTest,
    ::testing::Values(GoodCase{":3031", AddressFamily::kTcp4, "", 3031, "", -1},
                      GoodCase{"*:3031", AddressFamily::kTcp4, "", 3031, "", -1},
                      GoodCase{"0.0.0.0:3031", AddressFamily::kTcp4, "0.0.0.0", 3031, "", -1},
                      GoodCase{"localhost:80", AddressFamily::kTcp4, "localhost", 80, "", -1},
                      GoodCase{"127.0.0.1:0", AddressFamily::kTcp4, "127.0.0.1", 0, "", -1},
                      GoodCase{"[::1]:3031", AddressFamily::kTcp6, "::1", 3031, "", -1},
                      GoodCase{"[::]:65535", AddressFamily::kTcp6, "::", 65535, "", -1},
                      GoodCase{"/run/site.sock", AddressFamily::kUnix, "", 0, "/run/site.sock", -1},
                      GoodCase{"./site.sock", AddressFamily::kUnix, "", 0, "./site.sock", -1},
                      GoodCase{"site.sock", AddressFamily::kUnix, "", 0, "site.sock", -1},
                      GoodCase{"/run/a:80", AddressFamily::kUnix, "", 0, "/run/a:80", -1},
                      GoodCase{"@site", AddressFamily::kAbstract, "", 0, "site", -1},
                      GoodCase{"\\0site", AddressFamily::kAbstract, "", 0, "site", -1},
                      GoodCase{"fd://3", AddressFamily::kUnix, "", 0, "", 3}));

TEST(ParseAddressTest, RefusesWhatIsNoAddress) {
  const std::string long_path = "/" + std::string(107, 'a');
  for (const std::string& text :
       {std::string(""), std::string(":"), std::string(":http"), std::string(":65536"),
        std::string(":-1"), std::string("host:12x"), std::string("::1:80"), std::string("[::1:80"),
        std::string("[]:80"), std::string("fd://"), std::string("fd://-1"), std::string("@"),
        std::string("a\0b", 3), long_path}) {
    const auto address = ParseAddress(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(address.error().message, HasSubstr("invalid socket address '"));
  }
  EXPECT_TRUE(ParseAddress(long_path.substr(0, 107)).ok());
}

TEST(AddressOfHttpUrlTest, CutsTheScheme) {
  const std::pair<const char*, const char*> kCases[] = {
      {"http://localhost:8000", "localhost:8000"}, {"http://:8000/", ":8000"},
      {"http://[::1]:8000", "[::1]:8000"},         {"localhost:8000", "localhost:8000"},
      {"/run/site.sock", "/run/site.sock"},        {"fd://3", "fd://3"},
  };
  for (const auto& [text, address] : kCases) {
    const auto cut = AddressOfHttpUrl(text);
    ASSERT_TRUE(cut.ok()) << text;
    EXPECT_EQ(*cut, address);
  }
}

TEST(AddressOfHttpUrlTest, SaysWhatIsWrongWithAUrl) {
  const std::pair<const char*, const char*> kCases[] = {
      {"https://localhost:8000", "set https = ADDRESS,CERTIFICATE,KEY"},
      {"http://localhost", "the port is missing"},
      {"http://", "the port is missing"},
      {"http://localhost:8000/app", "a socket has no path"},
  };
  for (const auto& [text, words] : kCases) {
    const auto cut = AddressOfHttpUrl(text);
    ASSERT_FALSE(cut.ok()) << text;
    EXPECT_THAT(cut.error().message, HasSubstr(words));
  }
  EXPECT_THAT(ParseAddress("http://localhost:8000").error().message, HasSubstr("the option http"));
}

}  // namespace
}  // namespace uwsgi
