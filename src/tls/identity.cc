// SPDX-License-Identifier: MIT

#include "tls/identity.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "options/text.h"

namespace uwsgi {
namespace {

using config::Split;
using config::Trim;

void SetClientCa(TlsIdentity& identity, std::string_view text) {
  identity.client_must = text.starts_with('!');
  identity.client_ca = text.substr(identity.client_must ? 1 : 0);
}

// "CERTIFICATE,KEY[,CIPHERS[,CA]]" into what `identity` lacks; false if it is not of this form.
bool ParseFiles(std::string_view text, TlsIdentity& identity) {
  std::vector<std::string_view> words;
  while (true) {  // Ciphers may be empty.
    const std::size_t comma = std::min(text.find(','), text.size());
    words.push_back(Trim(text.substr(0, comma)));
    if (comma == text.size()) break;
    text.remove_prefix(comma + 1);
  }
  if (words.size() < 2 || words.size() > 4 || words[0].empty() || words[1].empty()) return false;
  identity.certificate = words[0];
  identity.key = words[1];
  if (words.size() > 2) identity.ciphers = words[2];
  if (words.size() > 3) SetClientCa(identity, words[3]);
  return true;
}

}  // namespace

Result<TlsIdentity> ParseHttps(std::string_view text) {
  TlsIdentity identity;
  const std::size_t comma = text.find(',');
  identity.name = text.substr(0, comma);
  const bool good = comma != std::string_view::npos && ParseFiles(text.substr(comma + 1), identity);
  if (good && !identity.name.empty()) return identity;
  return Error{ErrorCode::kInvalid, "expected ADDRESS,CERTIFICATE,KEY[,CIPHERS[,CA]]"};
}

Result<TlsIdentity> ParseHttps2(std::string_view text) {
  TlsIdentity identity;
  for (const std::string_view pair : Split(text, ",")) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equals);
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    if (key == "addr") {
      identity.name = value;
    } else if (key == "cert" || key == "crt") {
      identity.certificate = value;
    } else if (key == "key") {
      identity.key = value;
    } else if (key == "ciphers") {
      identity.ciphers = value;
    } else if (key == "clientca" || key == "client_ca") {
      SetClientCa(identity, value);
    } else if (key != "spdy") {
      return Error{ErrorCode::kInvalid, "does not know `" + std::string(key) + "`"};
    }
  }
  if (!identity.name.empty() && !identity.certificate.empty() && !identity.key.empty()) {
    return identity;
  }
  return Error{ErrorCode::kInvalid, "expected addr=ADDRESS,cert=FILE,key=FILE"};
}

Result<TlsIdentity> ParseSni(std::string_view text) {
  TlsIdentity identity;
  const std::size_t space = text.find(' ');
  identity.name = text.substr(0, space);
  if (space != std::string_view::npos && ParseFiles(Trim(text.substr(space)), identity)) {
    return identity;
  }
  return Error{ErrorCode::kInvalid, "expected NAME CERTIFICATE,KEY[,CIPHERS[,CA]]"};
}

}  // namespace uwsgi
