// SPDX-License-Identifier: MIT

#include "tls/identity.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi {
namespace {

std::string Shown(const Result<TlsIdentity>& parsed) {
  if (!parsed) return "refused";
  return parsed->name + " " + parsed->certificate + " " + parsed->key + " [" + parsed->ciphers +
         "] " + (parsed->client_must ? "!" : "") + parsed->client_ca;
}

TEST(TlsIdentityTest, Https) {
  EXPECT_EQ(Shown(ParseHttps(":443,c.pem,k.pem")), ":443 c.pem k.pem [] ");
  EXPECT_EQ(Shown(ParseHttps(":443,c.pem,k.pem,HIGH")), ":443 c.pem k.pem [HIGH] ");
  EXPECT_EQ(Shown(ParseHttps(":443, c.pem, k.pem,,!ca.pem")), ":443 c.pem k.pem [] !ca.pem");
  EXPECT_EQ(Shown(ParseHttps(":443,c.pem,k.pem,HIGH,ca.pem")), ":443 c.pem k.pem [HIGH] ca.pem");
  for (const char* text :
       {"", ":443", ":443,c.pem", ",c.pem,k.pem", ":443,,k.pem", ":1,c,k,h,a,x"}) {
    EXPECT_EQ(Shown(ParseHttps(text)), "refused") << text;
  }
}

TEST(TlsIdentityTest, Https2) {
  EXPECT_EQ(Shown(ParseHttps2("addr=:443,cert=c,key=k,ciphers=HIGH,clientca=!a")),
            ":443 c k [HIGH] !a");
  for (const char* text :
       {"", "addr=:443,cert=c", "addr=:443,cert=c,key=k,colour=red", ":443,c,k"}) {
    EXPECT_EQ(Shown(ParseHttps2(text)), "refused") << text;
  }
}

TEST(TlsIdentityTest, Sni) {
  EXPECT_EQ(Shown(ParseSni("example.com c.pem,k.pem")), "example.com c.pem k.pem [] ");
  EXPECT_EQ(Shown(ParseSni("*.a.com  c,k,HIGH,ca")), "*.a.com c k [HIGH] ca");
  EXPECT_EQ(Shown(ParseSni("example.com")), "refused");
}

}  // namespace
}  // namespace uwsgi
