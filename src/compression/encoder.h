// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace uwsgi::compression {

enum class Flush {
  kSync,    // The receiver can decode all there was so far.
  kFinish,  // Nothing follows.
};

// Compresses one body after the other. One thread at a time.
class Encoder {
 public:
  virtual ~Encoder() = default;

  virtual std::string_view coding() const = 0;  // As Content-Encoding names it.
  // Begins a new body, whatever became of the last one.
  virtual void Reset() = 0;
  // Appends what `bytes` come to. False when there is no memory.
  virtual bool Encode(std::string_view bytes, Flush flush, std::string& out) = 0;
};

// The codings that there are, as Content-Encoding names them.
inline constexpr std::string_view kCodings[] = {"br", "zstd", "gzip"};

// "br", "gzip" or "zstd", at a level that suits responses made on the fly. Null for other
// codings, or when there is no memory.
std::unique_ptr<Encoder> MakeEncoder(std::string_view coding);

}  // namespace uwsgi::compression
