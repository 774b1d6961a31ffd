// SPDX-License-Identifier: MIT
//
// Which descriptors of this process are the server's own: those that a UniqueFd owns, and those
// that libuv keeps. Applications open others beside them.
//
// All functions may be called from any thread, and in a child right after fork.

#pragma once

namespace uwsgi {

// `fd` was opened for the server; -1 is nothing.
void NoteOwnedFd(int fd) noexcept;
// `fd` is about to be closed, or to be somebody else's.
void ForgetOwnedFd(int fd) noexcept;

// Closes all of them, behind their owners' backs: for a child that goes on without the server.
void CloseOwnedFds() noexcept;

}  // namespace uwsgi
