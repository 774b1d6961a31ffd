// SPDX-License-Identifier: MIT

#include "os/log_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/address.h"
#include "os/address.h"

namespace uwsgi::os {
namespace {

std::string Absolute(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  return path.empty() || failed ? path : absolute.string();
}

std::uint64_t SizeOf(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode)
             ? static_cast<std::uint64_t>(status.st_size)
             : 0;
}

Result<UniqueFd> OpenFile(const std::string& path) {
  struct stat status {};
  const bool is_fifo = stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
  // A FIFO opens at once only for somebody who could read it too. Its reader may come later, and
  // come back.
  const int access = is_fifo ? O_RDWR : O_WRONLY;
  UniqueFd log(
      open(path.c_str(), access | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640));
  if (!log.valid()) return SystemError("cannot open the log file " + path, errno);
  // It is standard error for programs that expect to wait.
  if (fcntl(log.get(), F_SETFL, O_APPEND) != 0) {
    return SystemError("cannot set up the log file " + path, errno);
  }
  return log;
}

Result<UniqueFd> ConnectUdp(const std::string& target, const Address& address) {
  const auto peer = Resolve(address);
  if (!peer) return peer.error();
  UniqueFd log(socket(peer->family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!log.valid() || connect(log.get(), peer->get(), peer->size) != 0) {
    return SystemError("cannot log to " + target, errno);
  }
  return log;
}

}  // namespace

Result<UniqueFd> OpenLog(const std::string& target) {
  const auto udp = ParseUdpLog(target);
  if (!udp) return OpenFile(target);
  return *udp ? ConnectUdp(target, **udp) : udp->error();
}

Result<LogFile> LogFile::Open(const LogTarget& target) {
  if (!target.path.empty()) {
    auto log = OpenLog(target.path);
    if (!log) return log.error();
    return LogFile(target, *std::move(log));
  }
  UniqueFd copy(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!copy.valid()) return SystemError("cannot keep standard error", errno);
  return LogFile(target, std::move(copy));
}

LogFile::LogFile(const LogTarget& target, UniqueFd fd)
    : path_(target.is_udp ? target.path : Absolute(target.path)),
      backup_(Absolute(target.backup_name)),
      max_size_(path_.empty() ? 0 : target.max_size.bytes),
      fd_(std::move(fd)),
      size_(SizeOf(fd_.get())) {}

Result<void> LogFile::TakeOutput() {
  if (path_.empty()) return {};
  is_output_ = true;
  if (dup2(fd_.get(), STDOUT_FILENO) < 0 || dup2(fd_.get(), STDERR_FILENO) < 0) {
    return SystemError("cannot redirect the output to " + path_, errno);
  }
  return {};
}

void LogFile::Write(std::string_view text) {
  Append(text);
  if (text.ends_with('\n') && IsTooLarge()) Rotate();
}

void LogFile::Append(std::string_view text) {
  size_ += text.size();
  output_->Write(fd_.get(), text);
}

bool LogFile::IsTooLarge() {
  if (max_size_ == 0 || size_ <= max_size_) return false;
  size_ = SizeOf(fd_.get());  // Somebody may have cut it.
  return size_ > max_size_;
}

void LogFile::Rotate() {
  const std::string backup =
      backup_.empty() ? fmt::format("{}.{}", path_, std::time(nullptr)) : backup_;
  if (backup_.empty() && access(backup.c_str(), F_OK) == 0) return;
  Append(fmt::format("logsize: {}, triggering rotation to {}...\n", size_, backup));
  if (std::rename(path_.c_str(), backup.c_str()) != 0) {
    return GiveUp(SystemError(fmt::format("cannot rename {} to {}", path_, backup), errno));
  }
  auto log = OpenLog(path_);
  if (!log) {
    // The descriptor is the renamed file's still.
    [[maybe_unused]] const int renamed_back = std::rename(backup.c_str(), path_.c_str());
    return GiveUp(log.error());
  }
  fd_ = *std::move(log);
  size_ = 0;
  if (!is_output_) return;
  if (auto taken = TakeOutput(); !taken) GiveUp(taken.error());
}

void LogFile::GiveUp(const Error& why) {
  max_size_ = 0;
  Append(fmt::format("error: log-maxsize: {}; the log grows on\n", why.message));
}

Result<LogFiles> LogFiles::Open(const std::vector<LogTarget>& targets) {
  LogFiles files;
  for (const LogTarget& target : targets) {
    auto file = LogFile::Open(target);
    if (!file) return file.error();
    files.files_.push_back(*std::move(file));
  }
  if (!files.files_.empty()) {
    if (auto taken = files.files_.front().TakeOutput(); !taken) return taken.error();
  }
  return files;
}

}  // namespace uwsgi::os
