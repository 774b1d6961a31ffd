// SPDX-License-Identifier: MIT

#include "tls/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/temp_dir.h"

namespace uwsgi::tls {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Credentials Some(const std::string& name) {
  Credentials some;
  some.files = {name, "c.pem", "k.pem", "ca.pem", true, "HIGH"};
  some.certificate = "certificate of " + name;
  some.key = std::string("key\0with a zero", 15);
  some.client_ca = "authority";
  return some;
}

TEST(CredentialsTest, TravelAsText) {
  Material material;
  material.endpoints = {Some(":443"), Some(":8443")};
  material.names = {Some("example.com")};
  material.ticket_key = std::string(kTicketKeySize, '\1');
  material.session_context = "site";
  material.export_certificate = true;
  const auto decoded = Decode(Encode(material));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(Encode(*decoded), Encode(material));
  EXPECT_EQ(decoded->endpoints[1].files.name, ":8443");
  EXPECT_TRUE(decoded->names[0].files.client_must);
  EXPECT_TRUE(Decode("")->empty());
  EXPECT_FALSE(Decode(Encode(material).substr(1)));
}

TEST(CredentialsTest, SaysWhichFileIsMissing) {
  const TempDir directory;
  TlsOptions options;
  TlsIdentity identity;
  identity.certificate = directory.Write("site.crt", "x");
  identity.key = directory / "site.key";
  options.endpoints = {identity};
  const auto read = MaterialReader().Read(options);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("cannot read the key " + identity.key));
}

TEST(CredentialsTest, SaysThatTheDirectoryOfNamesIsMissing) {
  TlsOptions options;
  options.endpoints.emplace_back();
  options.sni_dir = "/nowhere";
  const auto read = MaterialReader().Read(options);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message,
            "cannot read the directory /nowhere: No such file or directory; correct its path "
            "(--sni-dir /nowhere)");
}

TEST(CredentialsTest, SaysWhatItMayNotRead) {
  const TempDir directory;
  TlsOptions options;
  TlsIdentity identity;
  identity.name = ":8443";
  identity.certificate = directory.Write("site.crt", "x");
  ::chmod(identity.certificate.c_str(), 0);
  options.endpoints = {identity};
  const uid_t self = ::geteuid();
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::seteuid(self == 0 ? kNobody : self), 0);  // Root may read everything.
  const auto read = MaterialReader().Read(options);
  ASSERT_EQ(::seteuid(self), 0);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "cannot read the certificate " + identity.certificate +
                                      ": Permission denied; let the server's user read it "
                                      "(--https :8443)");
}

TEST(CredentialsTest, WithoutEndpointsNothingIsRead) {
  TlsOptions options;
  options.sni_dir = "/nowhere";
  EXPECT_EQ(*MaterialReader().Read(options), "");
  EXPECT_TRUE(FilesOf(options).empty());
}

TEST(CredentialsTest, FilesAreThoseOfEveryName) {
  const TempDir directory;
  const std::string certificate = directory.Write("b.example.crt", "");
  TlsOptions options;
  TlsIdentity identity;
  identity.certificate = "a.crt";
  identity.key = "a.key";
  options.endpoints = {identity};
  options.sni_dir = directory.path();
  EXPECT_THAT(FilesOf(options), ElementsAre(directory.path(), certificate,
                                            directory / "b.example.key", "a.crt", "a.key"));
}

}  // namespace
}  // namespace uwsgi::tls
