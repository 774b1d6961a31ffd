// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi::os {

// Opens a log for appending: a file, made with mode 0640 if it is new, or "[udp:]HOST:PORT", to
// which each write is a datagram. Never waits for the reader of a FIFO.
Result<UniqueFd> OpenLog(const std::string& target);

}  // namespace uwsgi::os
