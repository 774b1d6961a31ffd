// SPDX-License-Identifier: MIT

#include "compression/encoder.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>

namespace uwsgi::compression {
namespace {

// Where more compression begins to cost more time than it saves on the line.
constexpr int kGzipLevel = 5;
constexpr int kBrotliQuality = 4;
constexpr int kZstdLevel = 3;
// 2^18 bytes look back: enough for a page, and little memory.
constexpr int kWindowBits = 18;
constexpr std::size_t kStep = 16 * 1024;

class Gzip final : public Encoder {
 public:
  static std::unique_ptr<Encoder> Make() {
    auto made = std::make_unique<Gzip>();
    constexpr int kGzipFormat = 16;
    const int result = deflateInit2(&made->stream_, kGzipLevel, Z_DEFLATED, MAX_WBITS + kGzipFormat,
                                    MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
    if (result != Z_OK) return nullptr;
    return made;
  }
  ~Gzip() override { deflateEnd(&stream_); }

  std::string_view coding() const override { return "gzip"; }
  void Reset() override { deflateReset(&stream_); }
  bool Encode(std::string_view bytes, Flush flush, std::string& out) override {
    while (bytes.size() > kMostAtOnce) {
      if (!Deflate(bytes.substr(0, kMostAtOnce), Z_NO_FLUSH, out)) return false;
      bytes.remove_prefix(kMostAtOnce);
    }
    return Deflate(bytes, flush == Flush::kFinish ? Z_FINISH : Z_SYNC_FLUSH, out);
  }

 private:
  // zlib counts in 32 bits.
  static constexpr std::size_t kMostAtOnce = 1 << 30;

  bool Deflate(std::string_view bytes, int mode, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const std::size_t before = out.size();
      out.resize(before + kStep);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = kStep;
      const int result = deflate(&stream_, mode);
      out.resize(before + kStep - stream_.avail_out);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
    } while (stream_.avail_out == 0);
    return true;
  }

  z_stream stream_{};
};

class Brotli final : public Encoder {
 public:
  Brotli() { Brotli::Reset(); }
  ~Brotli() override { BrotliEncoderDestroyInstance(state_); }

  std::string_view coding() const override { return "br"; }
  void Reset() override {
    BrotliEncoderDestroyInstance(state_);  // There is no other way to begin again.
    state_ = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
    if (state_ == nullptr) return;
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, kBrotliQuality);
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, kWindowBits);
  }
  bool Encode(std::string_view bytes, Flush flush, std::string& out) override {
    if (state_ == nullptr) return false;
    std::size_t in_left = bytes.size();
    const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto operation =
        flush == Flush::kFinish ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH;
    do {
      std::size_t none = 0;
      if (BrotliEncoderCompressStream(state_, operation, &in_left, &in, &none, nullptr, nullptr) ==
          BROTLI_FALSE) {
        return false;
      }
      while (BrotliEncoderHasMoreOutput(state_) == BROTLI_TRUE) {
        std::size_t size = 0;
        const std::uint8_t* piece = BrotliEncoderTakeOutput(state_, &size);
        out.append(reinterpret_cast<const char*>(piece), size);
      }
    } while (in_left > 0);
    return true;
  }

 private:
  BrotliEncoderState* state_ = nullptr;
};

class Zstd final : public Encoder {
 public:
  static std::unique_ptr<Encoder> Make() {
    auto made = std::make_unique<Zstd>();
    if (made->context_ == nullptr) return nullptr;
    ZSTD_CCtx_setParameter(made->context_, ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(made->context_, ZSTD_c_windowLog, kWindowBits);
    return made;
  }
  ~Zstd() override { ZSTD_freeCCtx(context_); }

  std::string_view coding() const override { return "zstd"; }
  void Reset() override { ZSTD_CCtx_reset(context_, ZSTD_reset_session_only); }
  bool Encode(std::string_view bytes, Flush flush, std::string& out) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    const auto mode = flush == Flush::kFinish ? ZSTD_e_end : ZSTD_e_flush;
    std::size_t left = 0;
    do {
      const std::size_t before = out.size();
      out.resize(before + kStep);
      ZSTD_outBuffer to{out.data() + before, kStep, 0};
      left = ZSTD_compressStream2(context_, &to, &in, mode);
      out.resize(before + to.pos);
      if (ZSTD_isError(left) != 0) return false;
    } while (left > 0);
    return true;
  }

 private:
  ZSTD_CCtx* const context_ = ZSTD_createCCtx();
};

}  // namespace

std::unique_ptr<Encoder> MakeEncoder(std::string_view coding) {
  if (coding == "gzip") return Gzip::Make();
  if (coding == "br") return std::make_unique<Brotli>();
  return coding == "zstd" ? Zstd::Make() : nullptr;
}

}  // namespace uwsgi::compression
