// SPDX-License-Identifier: MIT

#pragma once

#include <unistd.h>

#include <utility>

#include "base/owned_fds.h"

namespace uwsgi {

// Owns one file descriptor and closes it. -1 means none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) { NoteOwnedFd(fd); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    const int fd = std::exchange(other.fd_, -1);
    Close();
    fd_ = fd;
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { Close(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release() {
    ForgetOwnedFd(fd_);
    return std::exchange(fd_, -1);
  }
  void reset(int fd = -1) {
    Close();
    fd_ = fd;
    NoteOwnedFd(fd);
  }

 private:
  void Close() {
    if (fd_ < 0) return;
    // Before it is closed: the number may be an application's descriptor right afterwards.
    ForgetOwnedFd(fd_);
    ::close(fd_);
  }

  int fd_ = -1;
};

}  // namespace uwsgi
