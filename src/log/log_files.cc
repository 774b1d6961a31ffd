// SPDX-License-Identifier: MIT

#include "log/log_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "os/open_log.h"

namespace uwsgi {
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

}  // namespace

Result<LogFile> LogFile::Open(const LogTarget& target) {
  if (!target.path.empty()) {
    auto log = os::OpenLog(target.path);
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
  auto log = os::OpenLog(path_);
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

}  // namespace uwsgi
