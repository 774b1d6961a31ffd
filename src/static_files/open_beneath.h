// SPDX-License-Identifier: MIT
//
// Opens files below a directory, and nothing else.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace uwsgi {

// True for a relative path that is written in its only spelling: segments between single slashes,
// none of them empty, "." or "..", no NUL. One slash may follow the last segment. The empty path is
// plain too: it is the root itself.
bool IsPlainPath(std::string_view relative);

// Which symbolic links are followed.
enum class FollowLinks {
  kNone,   // No link at all.
  kSafe,   // Links that lead to somewhere below the root, or below a safe directory.
  kOwner,  // Safe ones, and links to files that belong to the root's owner.
  kAll,
};

struct LinkPolicy {
  FollowLinks follow = FollowLinks::kSafe;
  std::vector<std::string> safe_dirs;  // static-safe; absolute.
};

struct OpenedFile {
  // What open(2) has just returned, with its errno.
  static OpenedFile FromOpen(int result);

  UniqueFd fd;  // None: the file is not there, or may not be read.
  // EMFILE, ENFILE or ENOMEM: whether it is there can not be told, as the system has no room to
  // open it.
  int shortage = 0;
};

// Looks up a directory that files are opened below.
OpenedFile OpenRoot(const std::string& path);

// The roots of one thread. Each is looked up once until Close, which is to be called often: a root
// may appear later, or be a link that a deployment switches.
class OpenRoots {
 public:
  // Invalid if there is no such directory. `root` itself must outlive the next Close.
  const OpenedFile& Open(const std::string& root);
  void Close() { roots_.clear(); }

 private:
  struct Root {
    std::string_view path;
    OpenedFile directory;
  };
  std::vector<Root> roots_;
};

// Opens `relative`, a plain path, below the directory `root` for reading. Never waits for a FIFO's
// writer.
OpenedFile OpenBeneath(const OpenedFile& root, const std::string& relative,
                       const LinkPolicy& policy);

}  // namespace uwsgi
