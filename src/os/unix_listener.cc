// SPDX-License-Identifier: MIT

#include "os/unix_listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include "os/accounts.h"
#include "os/address.h"
#include "os/socket_holder.h"

namespace uwsgi::os {
namespace {

// The socket's file while it is not in place yet; removed if it never gets there.
class TemporaryName {
 public:
  explicit TemporaryName(std::string path) : path_(std::move(path)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() {
    if (!path_.empty()) unlink(path_.c_str());
  }

  const std::string& path() const { return path_; }
  bool RenameTo(const std::string& path) {
    if (rename(path_.c_str(), path.c_str()) != 0) return false;
    path_.clear();
    return true;
  }

 private:
  std::string path_;
};

Error BindError(const std::string& path, std::string_view why, ErrorCode code) {
  return {code, fmt::format("cannot bind {}: {}", path, why)};
}

// Whether a server of our own may put its socket at the path.
Result<void> CheckPathIsFree(const Address& address) {
  struct stat there;
  if (lstat(address.path.c_str(), &there) != 0) {
    if (errno == ENOENT) return {};
    return SystemError("cannot bind " + address.path, errno);
  }
  if (!S_ISSOCK(there.st_mode)) {
    return BindError(address.path, "a file that is not a socket is there", ErrorCode::kInvalid);
  }
  const Result<SocketAddress> target = Resolve(address);
  if (!target) return target.error();
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe.valid()) return SystemError("cannot make a socket", errno);
  if (connect(probe.get(), target->get(), target->size) == 0 || errno == EAGAIN) {
    const std::string holder = DescribePeerProcess(probe.get());
    return BindError(address.path,
                     fmt::format("already in use by a running server{}{} (stop it first)",
                                 holder.empty() ? "" : ", ", holder),
                     ErrorCode::kBusy);
  }
  if (errno == ECONNREFUSED || errno == ENOENT) return {};
  if (errno == EPROTOTYPE) {
    return BindError(address.path, "already in use by another kind of socket", ErrorCode::kBusy);
  }
  return SystemError(
      fmt::format("cannot bind {}: cannot tell whether a running server owns the socket there",
                  address.path),
      errno);
}

Result<void> SetRights(const std::string& file, const std::string& path,
                       const ListenOptions& options) {
  if (!options.chown.empty()) {
    const Result<Owner> owner = ResolveOwner(options.chown);
    if (!owner) return owner.error();
    const uid_t uid = owner->uid.value_or(static_cast<uid_t>(-1));
    const gid_t gid = owner->gid.value_or(static_cast<gid_t>(-1));
    if (lchown(file.c_str(), uid, gid) != 0) {
      return SystemError(fmt::format("cannot give {} to {} (chown-socket)", path, options.chown),
                         errno);
    }
  }
  if (options.chmod && chmod(file.c_str(), static_cast<mode_t>(options.chmod->bits)) != 0) {
    return SystemError(fmt::format("cannot set the mode of {} (chmod-socket)", path), errno);
  }
  return {};
}

// A unix socket's name has 107 bytes: where the temporary one would be longer, it is reached
// through the descriptor of its directory.
Result<std::string> TemporaryPath(const std::string& path, UniqueFd& directory) {
  std::string beside = fmt::format("{}.{}", path, getpid());
  if (beside.size() < sizeof(sockaddr_un::sun_path)) return beside;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  directory.reset(open(parent.empty() ? "." : parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return SystemError("cannot open the directory of " + path, errno);
  return fmt::format("/proc/self/fd/{}/.uwsgi-{}.sock", directory.get(), getpid());
}

}  // namespace

Result<UnixListener> OpenUnixListener(const Address& address, int backlog,
                                      const ListenOptions& options) {
  const std::string& path = address.path;
  if (const Result<void> is_free = CheckPathIsFree(address); !is_free) return is_free.error();

  UniqueFd directory;
  Result<std::string> chosen = TemporaryPath(path, directory);
  if (!chosen) return chosen.error();
  unlink(chosen->c_str());  // Of a process that had our pid and died in between.

  Address beside = address;
  beside.path = *chosen;
  const Result<SocketAddress> target = Resolve(beside);
  if (!target) return target.error();
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return SystemError("cannot make a socket for " + path, errno);
  if (bind(fd.get(), target->get(), target->size) != 0) {
    return SystemError(fmt::format("cannot bind {} (in its directory)", path), errno);
  }
  TemporaryName temporary(std::move(*chosen));
  if (const Result<void> set = SetRights(temporary.path(), path, options); !set) return set.error();
  if (listen(fd.get(), backlog) != 0) return SystemError("cannot listen on " + path, errno);
  if (!temporary.RenameTo(path)) return SystemError("cannot bind " + path, errno);

  Result<CreatedFile> file = CreatedFile::At(path);
  if (!file) return file.error();
  return UnixListener{std::move(fd), std::move(*file)};
}

}  // namespace uwsgi::os
