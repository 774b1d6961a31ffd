// SPDX-License-Identifier: MIT

#include "compression/message_deflate.h"

#include <zlib.h>

#include <algorithm>

namespace uwsgi::compression {
namespace {

constexpr int kLevel = 5;
constexpr int kMemoryLevel = 6;  // 64 KiB with the usual window, for the time of one message.
constexpr std::size_t kStep = 16 * 1024;
// What ends a message on both sides, and is not sent.
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);
// zlib counts in 32 bits.
constexpr std::size_t kMostAtOnce = 1 << 30;

Bytef* Bytes(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

class Deflater {
 public:
  explicit Deflater(int window_bits)
      : is_good_(deflateInit2(&stream_, kLevel, Z_DEFLATED, -window_bits, kMemoryLevel,
                              Z_DEFAULT_STRATEGY) == Z_OK) {}
  ~Deflater() {
    if (is_good_) deflateEnd(&stream_);
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  bool is_good() const { return is_good_; }

  bool Append(std::string_view bytes, int flush, std::string& out) {
    stream_.next_in = Bytes(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const std::size_t before = out.size();
      out.resize(before + kStep);
      stream_.next_out = Bytes(out.data() + before);
      stream_.avail_out = kStep;
      const int result = deflate(&stream_, flush);
      out.resize(before + kStep - stream_.avail_out);
      if (result != Z_OK && result != Z_BUF_ERROR) return false;
    } while (stream_.avail_out == 0);
    return true;
  }

 private:
  z_stream stream_{};
  const bool is_good_;
};

class Inflater {
 public:
  Inflater() : is_good_(inflateInit2(&stream_, -MAX_WBITS) == Z_OK) {}
  ~Inflater() {
    if (is_good_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool is_good() const { return is_good_; }

  Inflated Append(std::string_view bytes, std::size_t limit, std::string& out) {
    stream_.next_in = Bytes(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (true) {
      const std::size_t before = out.size();
      // One byte beyond the limit tells that there is more.
      const std::size_t room = std::min(kStep, limit + 1 - before);
      out.resize(before + room);
      stream_.next_out = Bytes(out.data() + before);
      stream_.avail_out = static_cast<uInt>(room);
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      out.resize(before + room - stream_.avail_out);
      if (out.size() > limit) {
        out.resize(limit);
        return Inflated::kTooLarge;
      }
      switch (result) {
        case Z_STREAM_END:  // A block said that it is the last; others may follow all the same.
          if (inflateReset(&stream_) != Z_OK) return Inflated::kMalformed;
          break;
        case Z_OK:
        case Z_BUF_ERROR:
          break;
        case Z_MEM_ERROR:
          return Inflated::kNoMemory;
        default:
          return Inflated::kMalformed;
      }
      if (stream_.avail_in == 0 && stream_.avail_out > 0) return Inflated::kOk;
      if (result == Z_BUF_ERROR && stream_.avail_out > 0) return Inflated::kMalformed;
    }
  }

 private:
  z_stream stream_{};
  const bool is_good_;
};

}  // namespace

bool DeflateMessage(std::string_view message, int window_bits, std::string& out) {
  Deflater deflater(window_bits);
  if (!deflater.is_good()) return false;
  const std::size_t before = out.size();
  while (message.size() > kMostAtOnce) {
    if (!deflater.Append(message.substr(0, kMostAtOnce), Z_NO_FLUSH, out)) return false;
    message.remove_prefix(kMostAtOnce);
  }
  if (!deflater.Append(message, Z_SYNC_FLUSH, out)) return false;
  if (out.size() < before + kTail.size()) return false;
  out.resize(out.size() - kTail.size());
  // Of an empty message nothing is left, and a block has a beginning.
  if (out.size() == before) out += '\0';
  return true;
}

Inflated InflateMessage(std::string_view compressed, std::size_t limit, std::string& out) {
  Inflater inflater;
  if (!inflater.is_good()) return Inflated::kNoMemory;
  out.clear();
  for (; compressed.size() > kMostAtOnce; compressed.remove_prefix(kMostAtOnce)) {
    const Inflated step = inflater.Append(compressed.substr(0, kMostAtOnce), limit, out);
    if (step != Inflated::kOk) return step;
  }
  const Inflated step = inflater.Append(compressed, limit, out);
  return step == Inflated::kOk ? inflater.Append(kTail, limit, out) : step;
}

}  // namespace uwsgi::compression
