// SPDX-License-Identifier: MIT
//
// Processes that application code forks from one of the server's.
//
// Such a child has everything that the server has, listeners and the connections of clients among
// it, but none of its threads, and is no part of it. It does what the application wants and ends;
// it never serves, and it keeps nothing of the server's open. Where the application comes back to
// the server in it, it ends: see python/forked_child.h.

#pragma once

namespace uwsgi {

// From now on, in this process and in what descends from it, a fork() by whomever closes the
// server's descriptors (see owned_fds.h) in the child and makes IsAppFork true there; except
// inside of a ServerFork. vfork and a bare clone are not noticed: who uses them runs a program.
// Once in a process, while it has one thread.
void DisownForks();

// True in a process that application code has forked. Costs nothing.
bool IsAppFork() noexcept;

// What the calling thread forks while this lives is the server's own.
class ServerFork {
 public:
  ServerFork();
  ~ServerFork();
  ServerFork(const ServerFork&) = delete;
  ServerFork& operator=(const ServerFork&) = delete;
};

}  // namespace uwsgi
