// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/quantities.h"
#include "base/result.h"
#include "options/rows.h"

namespace uwsgi {

// Names of codings that there are encoders of, the best first.
struct Codings {
  std::vector<std::string_view> names;  // Of encoder.h's constants: they live forever.
};
// A list with commas or blanks between its names; off is none. Fails on what is no coding here.
Result<Codings> ParseCodings(std::string_view text);
std::string ShowValue(const Codings& codings);

// Media types; "text/" and "+json" stand for many.
struct MediaTypes {
  std::vector<std::string> names;
};
Result<MediaTypes> ParseMediaTypes(std::string_view text);
std::string ShowValue(const MediaTypes& types);

// Compression of responses on HTTP sockets.
struct CompressionOptions {
  Codings codings;         // compress; empty: none.
  bool auto_gzip = false;  // http-auto-gzip: what the application marks with uWSGI-Encoding.
  ByteCount min_size{1024};
  MediaTypes types{{"text/", "application/json", "application/javascript", "application/xml",
                    "application/wasm", "image/svg+xml", "font/ttf", "+json", "+xml"}};
};

namespace config {
OptionRows CompressionRows();
}  // namespace config

}  // namespace uwsgi
