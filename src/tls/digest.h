// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

namespace uwsgi::tls {

// The base64 of the SHA-1 of `text`: 28 characters. Empty when there is no memory.
std::string Sha1Base64(std::string_view text);

}  // namespace uwsgi::tls
