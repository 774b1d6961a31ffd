// SPDX-License-Identifier: MIT

#include "ipc/generation_channel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "os/fd_passing.h"

namespace uwsgi {
namespace {

static_assert(std::is_trivially_copyable_v<Message>);
static_assert(GenerationChannel::kMaxBootDescriptors < os::kMaxPassedFds);

std::string_view BytesOf(const Message& message) {
  return {reinterpret_cast<const char*>(&message), sizeof message};
}

Error WrongSize() { return {ErrorCode::kMalformed, "a message on the channel has the wrong size"}; }

Result<std::optional<Message>> ReceiveMessage(int fd, os::Waiting waiting) {
  std::array<char, sizeof(Message)> bytes{};
  auto received = os::ReceiveWithFds(fd, bytes, waiting);
  if (!received) return received.error();
  if (!received->has_value()) return std::optional<Message>();
  if ((*received)->size != sizeof(Message)) return WrongSize();
  Message message;
  std::memcpy(&message, bytes.data(), sizeof message);
  return std::optional<Message>(message);
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

Result<std::pair<GenerationChannel, GenerationChannel>> GenerationChannel::Create() {
  auto ends = os::MakeSocketPair();
  if (!ends) return ends.error();
  // The master serves everybody: it must not wait for one zygote.
  if (::fcntl(ends->first.get(), F_SETFL, O_NONBLOCK) != 0) {
    return SystemError("cannot set up a channel", errno);
  }
  return std::pair(GenerationChannel(std::move(ends->first)),
                   GenerationChannel(std::move(ends->second)));
}

Result<void> GenerationChannel::Send(const Message& message) const {
  auto sent = os::SendWithFds(fd_.get(), BytesOf(message), {}, os::Waiting::kWait);
  if (!sent) return sent.error();
  if (!*sent) return Error{ErrorCode::kBusy, "the channel is full: its reader does not read"};
  return {};
}

void GenerationChannel::SendFromSignalHandler(int fd, const Message& message) noexcept {
  const int saved = errno;
  // There is nobody to tell of a failure.
  [[maybe_unused]] const ssize_t sent =
      ::send(fd, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
  errno = saved;
}

Result<Message> GenerationChannel::Receive() const {
  auto received = ReceiveMessage(fd_.get(), os::Waiting::kWait);
  if (!received) return received.error();
  if (!received->has_value()) return Error{ErrorCode::kBusy, "there is no message"};
  return **received;
}

Result<std::optional<Message>> GenerationChannel::TryReceive() const {
  return ReceiveMessage(fd_.get(), os::Waiting::kDontWait);
}

Result<void> GenerationChannel::SendBoot(const std::string& text,
                                         const std::vector<int>& fds) const {
  if (fds.size() > kMaxBootDescriptors) {
    return Error{ErrorCode::kTooLarge, "too many sockets for one instance"};
  }
  auto memory = WriteMemory(text);
  if (!memory) return memory.error();
  std::vector<int> all{memory->get()};
  all.insert(all.end(), fds.begin(), fds.end());
  auto sent = os::SendWithFds(fd_.get(), "boot", all, os::Waiting::kWait);
  if (!sent) return sent.error();
  if (!*sent) return Error{ErrorCode::kBusy, "the channel is full: its reader does not read"};
  return {};
}

Result<std::pair<std::string, std::vector<UniqueFd>>> GenerationChannel::ReceiveBoot() const {
  std::array<char, sizeof(Message)> bytes{};
  auto received = os::ReceiveWithFds(fd_.get(), bytes, os::Waiting::kWait);
  if (!received) return received.error();
  if (!received->has_value() || (*received)->fds.empty()) return WrongSize();
  std::vector<UniqueFd> fds = std::move((*received)->fds);
  const UniqueFd memory = std::move(fds.front());
  fds.erase(fds.begin());
  auto text = ReadMemory(memory.get());
  if (!text) return text.error();
  return std::pair(*std::move(text), std::move(fds));
}

}  // namespace uwsgi
