// SPDX-License-Identifier: MIT
//
// From CGI variables to a Request: both wires end here, so that a variable means the
// same whoever sent it.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "uwsgi/request.h"

namespace uwsgi::protocol {

// What the server knows about a connection and the peer does not say. The views must
// outlive the request.
struct CgiDefaults {
  std::string_view server_name;
  std::string_view server_port;
  // HTTP only: a uwsgi peer sends these itself. An empty one is left out of the variables.
  std::string_view remote_addr;
  std::string_view remote_port;
  bool https = false;         // The connection is TLS,
  std::span<const Var> more;  // and has these variables.
  // Whether X-Forwarded-* and their like are believed. If not, they are removed.
  bool trust_forwarded = true;
};

// Makes `request` whole from `request.vars`: one pass that
//  - removes what a peer must not set: `wsgi.*` and `uwsgi.*`, which are the server's; without
//    trust_forwarded also the X-Forwarded-*, Forwarded, X-Real-IP and X-Client-IP headers;
//  - fills the views, the last duplicate winning;
//  - appends the variables that PEP 3333 requires and the peer left out (or empty, where the
//    value must not be): GET, "", HTTP/1.0, the server's name and port;
//  - cuts the slash that ends SCRIPT_NAME where PATH_INFO begins with one, as in "/" and "/page"
//    from Apache's mod_proxy_uwsgi: joined, they would not be the request's path;
//  - sets the scheme (UWSGI_SCHEME, X-Forwarded-Proto, HTTPS and X-Forwarded-SSL, in this order)
//    and content_length: CONTENT_LENGTH, else nothing if Transfer-Encoding is chunked, else 0.
//    (nginx sends both for a chunked upload that it has collected: the length is then true.)
//
// Fails with kMalformed on a CONTENT_LENGTH that is not a plain decimal number ("" is 0), and on
// control characters in the method, URI or protocol; with kTooLarge on a CONTENT_LENGTH of 2^63 or
// more.
Result<void> IndexVars(Request& request, const CgiDefaults& defaults);

// No file and no offset is longer than this.
inline constexpr std::uint64_t kMaxContentLength = INT64_MAX;

// A Content-Length value: digits only, nothing for everything else. What is 2^64 or more comes out
// as 2^64 - 1, beyond kMaxContentLength.
std::optional<std::uint64_t> ParseContentLength(std::string_view text);

}  // namespace uwsgi::protocol
