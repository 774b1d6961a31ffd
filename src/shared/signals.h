// SPDX-License-Identifier: MIT
//
// The signals that mean something to the server.

#pragma once

#include <signal.h>

#include <array>

namespace uwsgi {

inline constexpr std::array kServerSignals = {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1};

// Blocked, they wait: main blocks them first of all, and none is lost before its handler stands.
// The mask is the calling thread's, and inherited by what it forks.
void BlockServerSignals();
void UnblockServerSignals();

}  // namespace uwsgi
