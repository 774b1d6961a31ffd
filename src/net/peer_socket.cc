// SPDX-License-Identifier: MIT

#include "net/peer_socket.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "os/peer.h"
#include "os/process.h"

namespace uwsgi {
namespace {

IoOutcome FromSystem(ssize_t result) {
  if (result >= 0) return {static_cast<std::size_t>(result), IoStatus::kOk};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {0, IoStatus::kWouldBlock};
  return {0, IoStatus::kClosed};
}

// A record of TLS.
constexpr std::size_t kRecord = 16 * 1024;

}  // namespace

void PeerSocket::StartTls(std::unique_ptr<tls::Session> session) {
  tls_ = std::move(session);
  encrypts_ = true;
}

IoStatus PeerSocket::Handshake() {
  if (tls_ == nullptr) return IoStatus::kClosed;  // There was no memory for it.
  const IoStatus status = tls_->Handshake();
  if (status == IoStatus::kOk) encrypts_ = !tls_->kernel_encrypts();
  return status;
}

void PeerSocket::StopTls() {
  tls_.reset();
  encrypts_ = false;
}

void PeerSocket::Close() {
  if (tls_ != nullptr && !resets_) tls_->NotifyClose();
  tls_.reset();
  fd_.reset();
  encrypts_ = resets_ = false;
}

IoOutcome PeerSocket::Receive(std::span<char> into) {
  if (tls_ != nullptr) return tls_->Read(into);
  ssize_t got = 0;
  do {
    got = ::recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return {0, IoStatus::kEnd};
  return FromSystem(got);
}

IoOutcome PeerSocket::Peek(std::span<char> into) const {
  const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), MSG_PEEK | MSG_DONTWAIT);
  if (got == 0) return {0, IoStatus::kEnd};
  return FromSystem(got);
}

bool PeerSocket::HasInput() const {
  char byte = 0;
  return has_buffered() || Peek({&byte, 1}).bytes > 0;
}

std::size_t PeerSocket::unsent() const {
  int bytes = 0;
  return ::ioctl(fd_.get(), SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

IoOutcome PeerSocket::SendTls(std::span<const iovec> pieces) {
  std::array<char, kRecord> record;
  std::size_t sent = 0;
  std::size_t done = 0;  // Of the first piece.
  while (!pieces.empty()) {
    std::size_t size = 0;
    std::string_view bytes(static_cast<const char*>(pieces[0].iov_base) + done,
                           pieces[0].iov_len - done);
    if (bytes.size() < kRecord && pieces.size() > 1) {  // Several pieces share a record.
      std::size_t skip = done;
      for (const iovec& piece : pieces) {
        const std::size_t count = std::min(piece.iov_len - skip, kRecord - size);
        std::memcpy(record.data() + size, static_cast<const char*>(piece.iov_base) + skip, count);
        size += count;
        skip = 0;
      }
      bytes = {record.data(), size};
    }
    const IoOutcome outcome = tls_->Write(bytes);
    if (outcome.status != IoStatus::kOk) {
      return sent > 0 && outcome.status == IoStatus::kWouldBlock ? IoOutcome{sent, IoStatus::kOk}
                                                                 : outcome;
    }
    sent += outcome.bytes;
    done += outcome.bytes;
    while (!pieces.empty() && done >= pieces[0].iov_len) {
      done -= pieces[0].iov_len;
      pieces = pieces.subspan(1);
    }
  }
  return {sent, IoStatus::kOk};
}

IoOutcome PeerSocket::SendFileTls(int file, std::uint64_t offset, std::size_t count) {
  std::array<char, kRecord> record;
  const ssize_t got =
      ::pread(file, record.data(), std::min(count, kRecord), static_cast<off_t>(offset));
  if (got < 0) return {0, IoStatus::kClosed};
  if (got == 0 && count > 0) return {0, IoStatus::kEnd};
  return tls_->Write({record.data(), static_cast<std::size_t>(got)});
}

IoOutcome PeerSocket::Send(std::span<const iovec> pieces, bool more) {
  if (encrypts_) return SendTls(pieces);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg only reads them.
  message.msg_iovlen = pieces.size();
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0);
  ssize_t sent = 0;
  do {  // The kernel takes one piece faster by send.
    sent = pieces.size() == 1 ? ::send(fd_.get(), pieces[0].iov_base, pieces[0].iov_len, flags)
                              : ::sendmsg(fd_.get(), &message, flags);
  } while (sent < 0 && errno == EINTR);
  return FromSystem(sent);
}

IoOutcome PeerSocket::SendFile(int file, std::uint64_t offset, std::size_t count) {
  if (encrypts_) return SendFileTls(file, offset, count);
  auto position = static_cast<off_t>(offset);
  // It has no MSG_NOSIGNAL, and the application may have set SIGPIPE back to end the process.
  os::IgnoreWriteSignals();
  ssize_t sent = 0;
  do {
    sent = ::sendfile(fd_.get(), file, &position, count);
  } while (sent < 0 && errno == EINTR);
  if (sent == 0 && count > 0) return {0, IoStatus::kEnd};
  return FromSystem(sent);
}

bool PeerSocket::IsConnected() const { return os::PeerIsThere(fd_.get()); }

void PeerSocket::ShutdownWrite() {
  if (tls_ != nullptr) tls_->NotifyClose();
  ::shutdown(fd_.get(), SHUT_WR);
}

void PeerSocket::Shutdown() { ::shutdown(fd_.get(), SHUT_RDWR); }

void PeerSocket::ResetNow() {
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  if (::connect(fd_.get(), &nobody, sizeof(nobody)) != 0) Shutdown();
}

void PeerSocket::ResetOnClose() {
  resets_ = true;
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

}  // namespace uwsgi
