// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "compression/options.h"

#include <algorithm>

#include "compression/encoder.h"
#include "options/option_spec.h"
#include "options/text.h"
#include "protocol/scan.h"

namespace uwsgi {

Result<Codings> ParseCodings(std::string_view text) {
  Codings codings;
  if (config::IsOff(text)) return codings;
  for (const std::string_view word : config::Split(text, ", ")) {
    const auto* const known = std::ranges::find(compression::kCodings, word);
    if (known == std::end(compression::kCodings)) {
      return Error{ErrorCode::kInvalid, std::string(word) + " is none of br, zstd and gzip"};
    }
    codings.names.push_back(*known);
  }
  return codings;
}

std::string ShowValue(const Codings& codings) {
  std::string text;
  for (const std::string_view name : codings.names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

Result<MediaTypes> ParseMediaTypes(std::string_view text) {
  MediaTypes types;
  for (std::string_view word; protocol::NextListElement(text, word);) {
    types.names.emplace_back(word);
  }
  return types;
}

std::string ShowValue(const MediaTypes& types) {
  std::string text;
  for (const std::string& name : types.names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

namespace config {
namespace {

constexpr OptionSpec kRows[] = {
    {Group::kRequests, "compress", "", 0, "CODING,…",
     Parsed<&CompressionOptions::codings, ParseCodings>(),
     "Compresses responses of HTTP sockets: br, zstd, gzip, the first that a client likes best.",
     kEveryday, "br,zstd,gzip"},
    {Group::kRequests, "compress-min-size", "", 0, "BYTES", To<&CompressionOptions::min_size>(),
     "Shorter bodies are not compressed, where the length is known."},
    {Group::kRequests, "compress-types", "", 0, "TYPE,…",
     Parsed<&CompressionOptions::types, ParseMediaTypes>(),
     "Media types that are compressed; text/ and +json stand for many."},
    {Group::kRequests, "http-auto-gzip", "", 0, "", To<&CompressionOptions::auto_gzip>(),
     "Compresses what the application marks by uWSGI-Encoding: gzip and gives no length."},
};

}  // namespace

OptionRows CompressionRows() { return kRows; }

}  // namespace config
}  // namespace uwsgi
