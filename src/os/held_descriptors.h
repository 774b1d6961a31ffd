// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace uwsgi::os {

// Descriptors that the server can not do without, and that an application may close under it: a
// recipe for daemons closes all that it can count to. Remembers which open file stands behind each.
class HeldDescriptors {
 public:
  // `name` is for messages: "the listener 127.0.0.1:3031". -1 is nothing.
  void Note(int fd, std::string name);

  // The server itself has put another file behind the noted `fd`.
  void Renew(int fd);

  // Whether the noted `fd` is still what it was, neither closed nor something else meanwhile.
  bool IsIntact(int fd) const;
  // The name of the first that is not; empty if all are. One system call for each.
  std::string FindLost() const;

 private:
  struct File {
    dev_t device;
    ino_t inode;
    bool operator==(const File&) const = default;
  };
  struct Entry {
    int fd;
    std::string name;
    std::optional<File> file;
  };

  static std::optional<File> FileOf(int fd);

  std::vector<Entry> entries_;
};

}  // namespace uwsgi::os
