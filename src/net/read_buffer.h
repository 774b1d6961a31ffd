// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace uwsgi {

// Bytes that came from a socket and were not consumed yet.
//
// Views of them live until the next Reserve, Assign or Clear: consuming moves nothing.
class ReadBuffer {
 public:
  std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  // The first byte since the last Reserve that moved, Assign or Clear, consumed or not.
  const char* begin_of_all() const { return data_.get(); }
  bool empty() const { return begin_ == end_; }
  std::span<char> space() { return {data_.get() + end_, capacity_ - end_}; }
  void Produced(std::size_t count) { end_ += count; }
  void Consume(std::size_t count) { begin_ += count; }

  // Makes room for `total` bytes counted from the first unconsumed one. May move them.
  void Reserve(std::size_t total) {
    if (capacity_ - begin_ >= total) return;
    const std::size_t size = end_ - begin_;
    if (capacity_ < total) {
      const std::size_t wanted = std::max(total, capacity_ * 2);
      // Not value-initialised: recv fills it.
      std::unique_ptr<char[]> grown(new char[wanted]);
      if (size > 0) std::memcpy(grown.get(), data_.get() + begin_, size);
      data_ = std::move(grown);
      capacity_ = wanted;
    } else {
      std::memmove(data_.get(), data_.get() + begin_, size);
    }
    begin_ = 0;
    end_ = size;
  }

  // Replaces everything. `bytes` may be a view of this buffer.
  void Assign(std::string_view bytes) {
    if (capacity_ < bytes.size()) {
      ReadBuffer other;
      other.Reserve(bytes.size());
      std::memcpy(other.data_.get(), bytes.data(), bytes.size());
      std::swap(*this, other);
    } else if (!bytes.empty()) {
      std::memmove(data_.get(), bytes.data(), bytes.size());
    }
    begin_ = 0;
    end_ = bytes.size();
  }
  // Forgets everything, and the memory beyond `capacity`.
  void Shrink(std::size_t capacity) {
    if (capacity_ > capacity) *this = ReadBuffer();
    Clear();
  }
  void Clear() { begin_ = end_ = 0; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace uwsgi
