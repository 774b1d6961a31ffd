// SPDX-License-Identifier: MIT
//
// Which responses are compressed, and how: RFC 9110 sections 8.4, 12.5.3 and 12.5.5.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compression/encoder.h"
#include "compression/options.h"
#include "uwsgi/response.h"

namespace uwsgi::compression {

// Shared by all requests of a worker. Any thread.
class Compressor {
 public:
  // `options` outlives it.
  explicit Compressor(const CompressionOptions& options);

  // False when nothing is ever compressed.
  bool is_enabled() const { return !codings_.empty(); }

  // Whether a body of this media type and size is worth it.
  bool Suits(std::string_view type, std::uint64_t size) const;
  // The coding that a client likes best, empty for none.
  std::string_view ChooseCoding(std::string_view accept_encoding) const;

  // An encoder for this response, or null if it stays as it is. Puts into `fields` what replaces
  // head.fields, empty if nothing does: Content-Encoding and Vary are added, a strong entity tag
  // becomes a weak one. `size` is the body's, if it is known.
  std::unique_ptr<Encoder> Choose(const ResponseHead& head, std::string_view accept_encoding,
                                  std::optional<std::uint64_t> size, std::string& fields);
  // One for a coding that was chosen; null when there is no memory.
  std::unique_ptr<Encoder> Take(std::string_view coding);
  // Takes it back for the next response.
  void Return(std::unique_ptr<Encoder> encoder);

 private:
  struct Facts;
  bool MayCompress(const ResponseHead& head, const Facts& facts,
                   std::optional<std::uint64_t> size) const;
  bool IsListed(std::string_view type) const;

  const CompressionOptions& options_;
  std::vector<std::string_view> codings_;  // The best first.
  std::mutex mutex_;
  std::vector<std::unique_ptr<Encoder>> idle_;  // Guarded.
};

}  // namespace uwsgi::compression
