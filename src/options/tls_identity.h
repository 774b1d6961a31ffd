// SPDX-License-Identifier: MIT
//
// https, https2 and sni: from their texts to files.

#pragma once

#include <string_view>

#include "base/result.h"
#include "uwsgi/options.h"

namespace uwsgi::config {

// "ADDRESS,CERTIFICATE,KEY[,CIPHERS[,CA]]"; a '!' before the CA makes clients show a certificate.
Result<TlsIdentity> ParseHttps(std::string_view text);
// "addr=ADDRESS,cert=FILE,key=FILE[,ciphers=CIPHERS][,clientca=FILE]"
Result<TlsIdentity> ParseHttps2(std::string_view text);
// "NAME CERTIFICATE,KEY[,CIPHERS[,CA]]"
Result<TlsIdentity> ParseSni(std::string_view text);

// Fills endpoints and names from the texts that are well-formed.
void FillTls(TlsOptions& options);

}  // namespace uwsgi::config
