// SPDX-License-Identifier: MIT

#include "ipc/link.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "os/fd_passing.h"

namespace uwsgi {
namespace {

static_assert(Link::kMaxBootDescriptors < os::kMaxPassedFds);

struct Header {
  MessageKind kind;
  std::int32_t target;
};

Error Malformed() { return {ErrorCode::kMalformed, "a message on the link has the wrong size"}; }

// An empty message looks like the end of the other side.
bool HasHungUp(int fd) {
  pollfd polled{fd, 0, 0};
  return ::poll(&polled, 1, 0) > 0 && (polled.revents & POLLHUP) != 0;
}

Result<std::optional<Message>> ReceiveMessage(int fd, os::Waiting waiting) {
  std::array<char, sizeof(Header) + Link::kMaxPayload> bytes;
  auto received = os::ReceiveWithFds(fd, bytes, waiting);
  if (!received) {
    const bool is_empty = received.error().code == ErrorCode::kClosed && !HasHungUp(fd);
    return is_empty ? Malformed() : received.error();
  }
  if (!received->has_value()) return std::optional<Message>();
  os::PassedMessage& packet = **received;
  if (packet.size < sizeof(Header)) return Malformed();
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  Message message{.kind = header.kind,
                  .target = header.target,
                  .payload = {bytes.data() + sizeof header, packet.size - sizeof header}};
  if (!packet.fds.empty()) message.fd = std::move(packet.fds.front());
  return std::optional<Message>(std::move(message));
}

// A file in memory: the boot text may be longer than a packet.
Result<UniqueFd> WriteMemory(const std::string& text) {
  UniqueFd fd(::memfd_create("uwsgi-boot", MFD_CLOEXEC));
  if (!fd.valid()) return SystemError("cannot create the boot text", errno);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd.get(), text.data() + done, text.size() - done);
    if (written < 0) return SystemError("cannot write the boot text", errno);
    done += static_cast<std::size_t>(written);
  }
  return fd;
}

Result<std::string> ReadMemory(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return SystemError("cannot read the boot text", errno);
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got =
        ::pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (got <= 0) return SystemError("cannot read the boot text", errno);
    done += static_cast<std::size_t>(got);
  }
  return text;
}

}  // namespace

Result<std::pair<Link, Link>> Link::Create() {
  auto ends = os::MakeSocketPair();
  if (!ends) return ends.error();
  // The master serves everybody: it must not wait for one process.
  return std::pair(Link(std::move(ends->first), WhenFull::kFail), Link(std::move(ends->second)));
}

// Whether the descriptor blocks is not the link's: who watches it on a loop makes it not to.
Result<void> Link::SendBytes(std::string_view bytes, std::span<const int> fds) const {
  for (;;) {
    auto sent = os::SendWithFds(fd_.get(), bytes, fds, os::Waiting::kDontWait);
    if (!sent) return sent.error();
    if (*sent) return {};
    if (when_full_ == WhenFull::kFail) {
      return Error{ErrorCode::kBusy, "the link is full: its reader does not read"};
    }
    pollfd polled{fd_.get(), POLLOUT, 0};
    static_cast<void>(::poll(&polled, 1, -1));
  }
}

Result<void> Link::Send(const Message& message) const {
  if (message.payload.size() > kMaxPayload) {
    return Error{ErrorCode::kTooLarge, "a message is too large for a link"};
  }
  const Header header{message.kind, message.target};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += message.payload;
  const int fd = message.fd.get();
  return SendBytes(bytes, {&fd, message.fd.valid() ? std::size_t{1} : 0});
}

void Link::SendFromSignalHandler(int fd, MessageKind kind, std::span<const char> payload) noexcept {
  const int saved = errno;
  Header header{kind, 0};
  std::array<iovec, 2> pieces{
      {{&header, sizeof header}, {const_cast<char*>(payload.data()), payload.size()}}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  // There is nobody to tell of a failure.
  [[maybe_unused]] const ssize_t sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  errno = saved;
}

Result<Message> Link::Receive() const {
  auto received = ReceiveMessage(fd_.get(), os::Waiting::kWait);
  if (!received) return received.error();
  if (!received->has_value()) return Error{ErrorCode::kBusy, "there is no message"};
  return **std::move(received);
}

Result<std::optional<Message>> Link::TryReceive() const {
  return ReceiveMessage(fd_.get(), os::Waiting::kDontWait);
}

Result<void> Link::SendBoot(const std::string& text, const std::vector<int>& fds) const {
  if (fds.size() > kMaxBootDescriptors) {
    return Error{ErrorCode::kTooLarge, "too many sockets for one instance"};
  }
  auto memory = WriteMemory(text);
  if (!memory) return memory.error();
  std::vector<int> all{memory->get()};
  all.insert(all.end(), fds.begin(), fds.end());
  return SendBytes("boot", all);
}

Result<std::pair<std::string, std::vector<UniqueFd>>> Link::ReceiveBoot() const {
  std::array<char, 4> bytes{};
  auto received = os::ReceiveWithFds(fd_.get(), bytes, os::Waiting::kWait);
  if (!received) return received.error();
  if (!received->has_value() || (*received)->fds.empty()) return Malformed();
  std::vector<UniqueFd> fds = std::move((*received)->fds);
  const UniqueFd memory = std::move(fds.front());
  fds.erase(fds.begin());
  auto text = ReadMemory(memory.get());
  if (!text) return text.error();
  return std::pair(*std::move(text), std::move(fds));
}

}  // namespace uwsgi
