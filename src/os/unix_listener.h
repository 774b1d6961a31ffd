// SPDX-License-Identifier: MIT

#pragma once

#include "base/address.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "os/created_file.h"
#include "os/listen_options.h"

namespace uwsgi::os {

// A listening unix socket and the file that clients reach it by.
struct UnixListener {
  UniqueFd fd;
  CreatedFile file;
};

// OpenListener's part for paths: bound under a temporary name beside `address.path`, given its mode
// and owner, listening, and only then renamed into place. Nobody ever reaches it with the wrong
// rights, and the path of a server that is being replaced is never empty.
Result<UnixListener> OpenUnixListener(const Address& address, int backlog,
                                      const ListenOptions& options);

}  // namespace uwsgi::os
