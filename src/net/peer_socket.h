// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/io_outcome.h"
#include "base/unique_fd.h"
#include "tls/session.h"

struct iovec;

namespace uwsgi {

// A client's socket, non-blocking and without signals, with or without TLS. The loop's owner has
// it, and the request's thread while a request runs; never both at once, but that without TLS
// anybody may send what HeldResponses has of the request meanwhile.
class PeerSocket {
 public:
  void Open(UniqueFd fd) { fd_ = std::move(fd); }
  // With TLS the handshake comes first.
  void StartTls(std::unique_ptr<tls::Session> session);
  IoStatus Handshake();
  // The handshake has failed: answers in plain text.
  void StopTls();
  void Close();
  bool is_open() const { return fd_.valid(); }
  int fd() const { return fd_.get(); }
  tls::Session* tls() const { return tls_.get(); }

  IoOutcome Receive(std::span<char> into);
  // Leaves the bytes where they are. Not with TLS.
  IoOutcome Peek(std::span<char> into) const;
  // Something has come that nobody has received.
  bool HasInput() const;
  // How much of what was sent the peer has not got yet.
  std::size_t unsent() const;
  // With `more` the kernel may wait for the next call to fill a packet.
  IoOutcome Send(std::span<const iovec> pieces, bool more = false);
  // From the regular file `file` at `offset`.
  IoOutcome SendFile(int file, std::uint64_t offset, std::size_t count);

  // Bytes were read from the kernel that nobody has received: it will not report them.
  bool has_buffered() const { return tls_ != nullptr && tls_->has_buffered(); }

  // False once the peer has closed or reset the connection.
  bool IsConnected() const;

  // The peer sees the end of what was sent, and may still send.
  void ShutdownWrite();
  // Ends both directions at once. From any thread.
  void Shutdown();
  // Resets the connection at once, or shuts it down where it can not be reset. From any thread.
  void ResetNow();
  // Close will reset the connection, so that nobody takes what was sent for all there is.
  void ResetOnClose();

 private:
  IoOutcome SendTls(std::span<const iovec> pieces);
  IoOutcome SendFileTls(int file, std::uint64_t offset, std::size_t count);

  UniqueFd fd_;
  std::unique_ptr<tls::Session> tls_;
  bool encrypts_ = false;  // What is sent goes through tls_; otherwise the kernel encrypts it.
  bool resets_ = false;
};

}  // namespace uwsgi
