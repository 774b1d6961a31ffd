// SPDX-License-Identifier: MIT

#include "os/open_log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/address.h"
#include "os/address.h"

namespace uwsgi::os {
namespace {

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

}  // namespace uwsgi::os
