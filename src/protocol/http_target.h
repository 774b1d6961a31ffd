// SPDX-License-Identifier: MIT
//
// Request targets and hosts (RFC 9112 section 3.2, RFC 3986), as far as a server needs them.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace uwsgi::protocol {

// The size of a leading "http://" or "https://" in any case, 0 if there is none.
std::size_t AbsoluteFormPrefix(std::string_view target);

// "host", "host:port", "[ipv6]:port"; the empty host is valid. No user information.
bool IsValidHost(std::string_view host);

// The path of an origin-form target: all before '?', and in it all before '#'.
std::string_view PathOf(std::string_view target);

// False when a '%' is not followed by two hexadecimal digits, or encodes NUL.
bool HasValidEscapes(std::string_view path);

// False when AppendNormalizedPath would append the path as it is.
bool NeedsNormalizing(std::string_view path);

// Resolves the segments "." and "..", then decodes the percent escapes, in uWSGI's order:
// an encoded dot segment stays. `path` starts with '/' and has valid escapes. The result is never
// longer, and empty for a path like "/.." that leaves the root.
void AppendNormalizedPath(std::string_view path, std::string& out);

}  // namespace uwsgi::protocol
