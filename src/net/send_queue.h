// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "net/peer_socket.h"
#include "net/spool_file.h"

namespace uwsgi {

// Open for as long as one of the pieces of a response that lie in it waits.
using SharedFile = std::shared_ptr<const UniqueFd>;

// What waits to be sent to one client: bytes and pieces of files, in order. What is too much for
// memory lies in a file of the queue's own.
class SendQueue {
 public:
  // More waiting bytes than this go to a file, as far as its limit allows.
  static constexpr std::size_t kMemoryLimit = 256 * 1024;

  // Starts empty. Both outlive the response.
  void Begin(PeerSocket& socket, const SpoolLimits& spool_limits);
  // Forgets what waits, its files, and memory beyond `capacity` bytes.
  void Reset(std::size_t capacity);
  // Forgets what waits.
  void Clear();

  // The bytes at the end of the queue, to be appended to.
  std::string& tail() { return bytes_; }
  // `count` bytes of `file` from `offset` come next.
  void AppendFile(const SharedFile& file, std::uint64_t offset, std::uint64_t count);
  // `count` bytes of a file whose descriptor stays the caller's come next. False, with errno, if it
  // can not be duplicated: nothing has changed then.
  bool AppendCopy(int file, std::uint64_t offset, std::uint64_t count);

  // Sends what waits and then `pieces`, of which only what the socket does not take is copied.
  // kOk: all of it was sent or waits now.
  IoStatus Send(std::span<const std::string_view> pieces);
  // Sends what waits. kOk: nothing is left; kWouldBlock: more is left; kEnd: a file became
  // shorter than was promised; kClosed: the peer is gone.
  IoStatus Drain();

  bool empty() const { return sent_ == bytes_.size() && files_.empty(); }
  // Bytes in memory, files not counted. Beyond kMemoryLimit when the file is full, too.
  std::size_t bytes_waiting() const { return bytes_.size() - sent_; }
  std::size_t files_waiting() const { return files_.size(); }

 private:
  struct FilePiece {
    std::size_t position;  // It follows that many of bytes_.
    SharedFile file;       // Null: a part of spool_.
    std::uint64_t offset;
    std::uint64_t left;
  };

  // Puts what is in memory behind the last file, and then `bytes`, into the queue's own file. False
  // if it has no room: nothing has changed then.
  bool Spool(std::string_view bytes);
  bool OpenSpool();
  // Takes the bytes now if they are few. False if not.
  bool ReadFile(int file, std::uint64_t offset, std::uint64_t size);
  // Forgets what was sent of a queue that is never empty, once that is much, and more than waits.
  void DropSent();
  IoStatus SendBytesUntil(std::size_t end, bool more);
  IoStatus SendFirstFile(std::size_t& budget);

  PeerSocket* socket_ = nullptr;
  const SpoolLimits* spool_limits_ = nullptr;
  std::string bytes_;
  std::size_t sent_ = 0;  // Of bytes_.
  std::vector<FilePiece> files_;
  SpoolFile spool_;
  bool spool_failed_ = false;
};

}  // namespace uwsgi
