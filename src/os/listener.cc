// SPDX-License-Identifier: MIT

#include "os/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/log.h"
#include "os/accounts.h"
#include "os/address.h"
#include "os/socket_holder.h"
#include "os/system_info.h"
#include "os/unix_listener.h"

namespace uwsgi::os {
namespace {

constexpr int kDefaultBacklog = 4096;
// How long the kernel keeps a connection back that sends nothing (TCP_DEFER_ACCEPT).
constexpr int kDeferAcceptSeconds = 30;

bool SetFlag(int fd, int level, int name, int value = 1) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

// Accepted sockets inherit these, so no request pays a system call for them.
void SetTcpOptions(int fd, const ListenOptions& options) {
  SetFlag(fd, IPPROTO_TCP, TCP_NODELAY);
  if (!options.no_defer_accept) SetFlag(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, kDeferAcceptSeconds);
  if (options.keep_alive) SetFlag(fd, SOL_SOCKET, SO_KEEPALIVE);
}

Error BindError(const std::string& name, const SocketAddress& address, int error) {
  const std::string what = fmt::format("cannot bind {}: ", name);
  switch (error) {
    case EADDRINUSE: {
      const std::string holder = DescribeSocketHolder(address);
      return {ErrorCode::kBusy,
              fmt::format("{}address already in use{}{} (another instance? see --pidfile)", what,
                          holder.empty() ? "" : " by ", holder)};
    }
    case EACCES:
      return {ErrorCode::kDenied, what +
                                      "permission denied (ports below 1024 take root or "
                                      "CAP_NET_BIND_SERVICE)"};
    case EADDRNOTAVAIL:
      return {ErrorCode::kInvalid, what + "no interface of this machine has this address"};
    default:
      return SystemError("cannot bind " + name, error);
  }
}

// Binds and listens on TCP and abstract addresses.
Result<UniqueFd> BindAndListen(const Address& address, const std::string& name,
                               const ListenOptions& options) {
  const Result<SocketAddress> resolved = Resolve(address);
  if (!resolved) return resolved.error();
  UniqueFd fd(socket(resolved->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return SystemError("cannot make a socket for " + name, errno);
  if (address.is_tcp()) {
    SetFlag(fd.get(), SOL_SOCKET, SO_REUSEADDR);
    if (options.reuse_port && !SetFlag(fd.get(), SOL_SOCKET, SO_REUSEPORT)) {
      return SystemError("cannot set reuse-port on " + name, errno);
    }
    SetTcpOptions(fd.get(), options);
  }
  if (bind(fd.get(), resolved->get(), resolved->size) != 0)
    return BindError(name, *resolved, errno);
  // Two sockets may bind one port with SO_REUSEADDR; only one may listen.
  if (listen(fd.get(), EffectiveBacklog(options.backlog)) != 0)
    return BindError(name, *resolved, errno);
  return fd;
}

// Fills in what follows from the descriptor.
BoundListener Describe(UniqueFd fd, Wire wire, const LocalName& local) {
  BoundListener bound;
  bound.listener.fd = fd.get();
  bound.listener.wire = wire;
  bound.listener.family = local.family;
  bound.listener.name = local.name;
  bound.listener.host = Hostname();
  bound.listener.port = local.port.empty() ? "80" : local.port;
  bound.fd = std::move(fd);
  return bound;
}

bool IsListening(int fd) {
  int is_listening = 0;
  socklen_t size = sizeof(is_listening);
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 && is_listening != 0;
}

Result<BoundListener> Adopt(UniqueFd fd, Wire wire, const ListenOptions& options) {
  if (!IsListening(fd.get())) {
    // Whatever else it is, it is not ours to close.
    return Error{ErrorCode::kInvalid,
                 fmt::format("cannot use descriptor {} as a socket: it is not a listening socket",
                             fd.release())};
  }
  const Result<LocalName> local = ReadLocalName(fd.get());
  if (!local) return local.error();
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  if (local->family == AddressFamily::kTcp4 || local->family == AddressFamily::kTcp6) {
    SetTcpOptions(fd.get(), options);
  }
  BoundListener bound = Describe(std::move(fd), wire, *local);
  bound.inherited_as = bound.listener.fd;
  return bound;
}

// A number of the environment variable, which is removed; -1 without one.
int TakeNumber(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return -1;
  int number = -1;
  const std::string_view view(text);
  std::from_chars(view.data(), view.data() + view.size(), number);
  unsetenv(variable);
  return number;
}

void AddInherited(std::vector<BoundListener>& into, UniqueFd fd) {
  Result<BoundListener> adopted = Adopt(std::move(fd), Wire::kUwsgi, ListenOptions{});
  if (adopted) {
    into.push_back(std::move(*adopted));
  } else {
    LogWarning("{}", adopted.error().message);
  }
}

// What a browser takes. ":8000" is every address.
std::string UrlOf(const Listener& listener) {
  const char* const scheme = listener.tls >= 0 ? "https" : "http";
  const bool has_host = !listener.name.starts_with(':');
  return fmt::format("{}://{}{}/{}", scheme, has_host ? "" : "0.0.0.0", listener.name,
                     listener.is_redirect ? " (to https)" : "");
}

std::string RightsOf(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return "";
  return fmt::format(" (mode {:o}, owner {}:{})", status.st_mode & 07777U, UserName(status.st_uid),
                     GroupName(status.st_gid));
}

}  // namespace

std::string BoundListener::Describe(int index) const {
  const bool is_tcp =
      listener.family == AddressFamily::kTcp4 || listener.family == AddressFamily::kTcp6;
  const bool is_http = listener.wire == Wire::kHttp;
  const bool inherited = inherited_as >= 0;
  std::string text = is_http ? "uWSGI http" : fmt::format("uwsgi socket {}", index);
  text += inherited ? " inherited " : is_http && is_tcp ? " bound on " : " bound to ";
  if (is_http && is_tcp) {
    text += UrlOf(listener);
  } else {
    text += fmt::format("{} address {}",
                        !is_tcp     ? "UNIX"
                        : inherited ? "INET"
                                    : "TCP",
                        listener.name);
  }
  if (port_auto_assigned) text += " (port auto-assigned)";
  if (file) text += RightsOf(file->path);
  return fmt::format("{} fd {}", text, listener.fd);
}

int EffectiveBacklog(int configured) {
  return std::min(configured > 0 ? configured : kDefaultBacklog, Somaxconn());
}

Result<BoundListener> OpenListener(const std::string& text, Wire wire,
                                   const ListenOptions& options) {
  const Result<Address> address = ParseAddress(text);
  if (!address) return address.error();
  if (address->inherited_fd >= 0) return Adopt(UniqueFd(address->inherited_fd), wire, options);

  const int backlog = EffectiveBacklog(options.backlog);
  if (options.backlog > backlog) {
    LogWarning("listen = {} for {} is more than net.core.somaxconn allows: the queue is {} long",
               options.backlog, text, backlog);
  }
  if (address->family == AddressFamily::kUnix) {
    Result<UnixListener> opened = OpenUnixListener(*address, backlog, options);
    if (!opened) return opened.error();
    LocalName local{AddressFamily::kUnix, text, "", ""};
    BoundListener bound = Describe(std::move(opened->fd), wire, local);
    bound.file = std::move(opened->file);
    return bound;
  }
  Result<UniqueFd> fd = BindAndListen(*address, text, options);
  if (!fd) return fd.error();
  const Result<LocalName> local = ReadLocalName(fd->get());
  if (!local) return local.error();
  BoundListener bound = Describe(std::move(*fd), wire, *local);
  bound.port_auto_assigned = address->is_tcp() && address->port == 0;
  if (address->is_tcp() && !bound.port_auto_assigned) bound.listener.name = text;
  return bound;
}

std::vector<BoundListener> InheritedListeners() {
  std::vector<BoundListener> listeners;
  if (IsListening(STDIN_FILENO)) {
    UniqueFd fd(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (fd.valid() && null.valid()) {
      dup2(null.get(), STDIN_FILENO);
      AddInherited(listeners, std::move(fd));
      for (BoundListener& input : listeners) input.inherited_as = STDIN_FILENO;
    }
  }
  // systemd counts from descriptor 3, and names the process that the sockets are meant for.
  const int pid = TakeNumber("LISTEN_PID");
  const int count = TakeNumber("LISTEN_FDS");
  unsetenv("LISTEN_FDNAMES");
  if (pid != getpid()) return listeners;
  for (int fd = STDERR_FILENO + 1; fd <= STDERR_FILENO + count; ++fd) {
    AddInherited(listeners, UniqueFd(fd));
  }
  return listeners;
}

}  // namespace uwsgi::os
