// SPDX-License-Identifier: MIT

#include "compression/compressor.h"

#include <algorithm>
#include <utility>

#include "protocol/accept_encoding.h"
#include "protocol/field_lines.h"
#include "protocol/scan.h"

namespace uwsgi::compression {
namespace {

using protocol::EqualsIgnoringCase;
using protocol::TrimBlanks;

// Encoders that wait for the next response; each holds some 300 KiB.
constexpr std::size_t kMostIdle = 8;

bool ListHas(std::string_view list, std::string_view wanted) {
  for (std::string_view element; protocol::NextListElement(list, element);) {
    if (EqualsIgnoringCase(element, wanted)) return true;
  }
  return false;
}

}  // namespace

// What the application's fields say.
struct Compressor::Facts {
  explicit Facts(std::string_view fields) {
    for (protocol::FieldLine field; protocol::NextFieldLine(fields, field);) {
      if (EqualsIgnoringCase(field.name, "content-type")) {
        type = field.value;
      } else if (EqualsIgnoringCase(field.name, "content-encoding") ||
                 EqualsIgnoringCase(field.name, "content-range")) {
        is_encoded = true;
      } else if (EqualsIgnoringCase(field.name, "cache-control")) {
        forbids = forbids || ListHas(field.value, "no-transform");
      } else if (EqualsIgnoringCase(field.name, "uwsgi-encoding")) {
        asks = EqualsIgnoringCase(field.value, "gzip");
      } else if (EqualsIgnoringCase(field.name, "vary")) {
        varies = varies || ListHas(field.value, "accept-encoding") || ListHas(field.value, "*");
      }
    }
  }

  std::string_view type;
  bool is_encoded = false;
  bool forbids = false;
  bool asks = false;  // uWSGI-Encoding: gzip
  bool varies = false;
};

Compressor::Compressor(const CompressionOptions& options) : options_(options) {
  codings_ = options.codings.names;
  if (codings_.empty() && options.auto_gzip) codings_ = {"gzip"};
}

bool Compressor::IsListed(std::string_view type) const {
  return std::ranges::any_of(options_.types.names, [&](std::string_view listed) {
    const bool is_prefix = listed.ends_with('/') || listed.starts_with('+');
    if (!is_prefix) return EqualsIgnoringCase(type, listed);
    if (type.size() < listed.size()) return false;
    return EqualsIgnoringCase(
        listed[0] == '+' ? type.substr(type.size() - listed.size()) : type.substr(0, listed.size()),
        listed);
  });
}

bool Compressor::MayCompress(const ResponseHead& head, const Facts& facts,
                             std::optional<std::uint64_t> size) const {
  const int code = head.code;
  if (code < 200 || (code >= 204 && code <= 206) || code == 304) return false;
  if (facts.is_encoded || facts.forbids) return false;
  if (options_.auto_gzip && facts.asks && !head.content_length) return true;
  return Suits(facts.type, size.value_or(options_.min_size.bytes));
}

bool Compressor::Suits(std::string_view type, std::uint64_t size) const {
  return !options_.codings.names.empty() && size >= options_.min_size.bytes &&
         IsListed(TrimBlanks(type.substr(0, type.find(';'))));
}

std::string_view Compressor::ChooseCoding(std::string_view accept_encoding) const {
  return protocol::ChooseCoding(accept_encoding, codings_);
}

std::unique_ptr<Encoder> Compressor::Choose(const ResponseHead& head,
                                            std::string_view accept_encoding,
                                            std::optional<std::uint64_t> size,
                                            std::string& fields) {
  fields.clear();
  const Facts facts(head.fields);
  if (!MayCompress(head, facts, size)) return nullptr;
  const std::string_view coding = ChooseCoding(accept_encoding);
  std::unique_ptr<Encoder> encoder = coding.empty() ? nullptr : Take(coding);
  std::string_view rest = head.fields;
  for (protocol::FieldLine field; protocol::NextFieldLine(rest, field);) {
    if (encoder != nullptr && EqualsIgnoringCase(field.name, "accept-ranges")) continue;
    if (encoder != nullptr && EqualsIgnoringCase(field.name, "etag") &&
        field.value.starts_with('"')) {
      fields.append("ETag: W/").append(field.value).append("\r\n");
    } else {
      fields += field.line;
    }
  }
  if (encoder != nullptr) fields.append("Content-Encoding: ").append(coding).append("\r\n");
  if (!facts.varies) fields += "Vary: Accept-Encoding\r\n";
  return encoder;
}

std::unique_ptr<Encoder> Compressor::Take(std::string_view coding) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = std::ranges::find(idle_, coding, &Encoder::coding);
    if (found != idle_.end()) {
      std::unique_ptr<Encoder> encoder = std::move(*found);
      idle_.erase(found);
      return encoder;
    }
  }
  return MakeEncoder(coding);
}

void Compressor::Return(std::unique_ptr<Encoder> encoder) {
  encoder->Reset();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(encoder));
}

}  // namespace uwsgi::compression
