// SPDX-License-Identifier: MIT
//
// https, https2 and sni: from their texts to files.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace uwsgi {

// One address with TLS, or one server name: what is written of it.
struct TlsIdentity {
  std::string name;         // The address, or the server name.
  std::string certificate;  // Of these three, the file.
  std::string key;
  std::string client_ca;     // Empty: clients need no certificate.
  bool client_must = false;  // They need one; otherwise they are asked.
  std::string ciphers;       // Up to TLS 1.2, as OpenSSL writes them; empty: good ones.
};

// "ADDRESS,CERTIFICATE,KEY[,CIPHERS[,CA]]"; a '!' before the CA makes clients show a certificate.
Result<TlsIdentity> ParseHttps(std::string_view text);
// "addr=ADDRESS,cert=FILE,key=FILE[,ciphers=CIPHERS][,clientca=FILE]"
Result<TlsIdentity> ParseHttps2(std::string_view text);
// "NAME CERTIFICATE,KEY[,CIPHERS[,CA]]"
Result<TlsIdentity> ParseSni(std::string_view text);

}  // namespace uwsgi
