// SPDX-License-Identifier: MIT

#include "os/socket_holder.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/ascii.h"
#include "base/unique_fd.h"

namespace uwsgi::os {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListening = "0A";

// As /proc/net/tcp and tcp6 write it: the words of the address in hexadecimal, then the port.
struct ListedAddress {
  std::string host;
  std::string port;

  bool is_wildcard() const { return host.find_first_not_of('0') == std::string::npos; }
};

ListedAddress Listed(const SocketAddress& address) {
  ListedAddress listed;
  std::array<std::uint32_t, 4> words{};
  std::size_t count = 1;
  in_port_t port = 0;
  if (address.family() == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    count = words.size();
    std::memcpy(words.data(), &v6.sin6_addr, sizeof(v6.sin6_addr));
    port = v6.sin6_port;
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    std::memcpy(words.data(), &v4.sin_addr, sizeof(v4.sin_addr));
    port = v4.sin_port;
  }
  for (std::size_t i = 0; i < count; ++i) listed.host += fmt::format("{:08X}", words[i]);
  listed.port = fmt::format("{:04X}", ntohs(port));
  return listed;
}

// The inode of the socket that listens at the address, or at all addresses or one of them.
std::string FindListeningInode(const ListedAddress& wanted) {
  std::string overlapping;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    std::string line;
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
          timeout >> inode;
      const auto colon = local.find(':');
      if (state != kListening || colon == std::string::npos) continue;
      const ListedAddress listed{local.substr(0, colon), local.substr(colon + 1)};
      if (listed.port != wanted.port) continue;
      if (listed.host == wanted.host) return inode;
      if (listed.is_wildcard() || wanted.is_wildcard()) overlapping = inode;
    }
  }
  return overlapping;
}

bool HasOpen(const fs::path& process, const std::string& target) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
       fd.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(fd->path(), gone) == target) return true;
  }
  return false;
}

std::optional<pid_t> PidOf(const fs::path& process) {
  const std::string name = process.filename();
  const bool is_number = std::ranges::all_of(name, IsDigit);
  if (!is_number) return std::nullopt;
  return static_cast<pid_t>(std::stol(name));
}

std::string Describe(pid_t pid) {
  std::string name;
  std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)), name);
  return name.empty() ? std::string() : fmt::format("process {} ({})", pid, name);
}

std::string DescribeTcpHolder(const SocketAddress& address) {
  const std::string inode = FindListeningInode(Listed(address));
  if (inode.empty()) return "";
  const std::string target = "socket:[" + inode + "]";
  std::optional<pid_t> first;
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    const auto pid = PidOf(process->path());
    if (!pid || (first && *pid > *first)) continue;
    if (HasOpen(process->path(), target)) first = pid;
  }
  return first ? Describe(*first) : "";
}

}  // namespace

std::string DescribeSocketHolder(const SocketAddress& address) {
  if (address.family() != AF_UNIX) return DescribeTcpHolder(address);
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe.valid() || connect(probe.get(), address.get(), address.size) != 0) return "";
  return DescribePeerProcess(probe.get());
}

std::string DescribePeerProcess(int fd) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid == 0) return "";
  return Describe(peer.pid);
}

}  // namespace uwsgi::os
