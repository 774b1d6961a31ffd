// SPDX-License-Identifier: MIT
//
// The signals that mean something to the server.

#pragma once

#include <signal.h>

#include <array>
#include <vector>

namespace uwsgi {

// A graceful stop whatever no-die-on-term makes of SIGTERM: what --stop sends.
inline constexpr int kStopSignal = SIGUSR2;

// Asks a zygote where its application is while it loads. Without effect where nobody handles it: a
// question may come late.
inline constexpr int kWhereSignal = SIGURG;

inline constexpr std::array kServerSignals = {SIGHUP,  SIGTERM, SIGINT,
                                              SIGQUIT, SIGUSR1, kStopSignal};

// First of all in main, whatever mask and dispositions the process has inherited: the server's
// signals wait, and none is lost before its handler stands; nothing else is blocked; and the ends
// of children are told, which a parent may have turned off (SIGCHLD ignored).
void TakeSignals();

// The mask is the calling thread's, and inherited by what it forks.
void BlockServerSignals();
void UnblockServerSignals();

// From now on a fork, by whomever, gives the child default actions in place of the handlers that
// stood at the last NoteServerHandlers: what is sent to a child of the application must not reach
// the server by the handlers and pipes that it inherits. What the application has set for itself
// stays. Once in a process, whose workers inherit it.
void ResetServerSignalsInChildren();
void NoteServerHandlers();
// Puts the noted handlers back where the application has set others meanwhile. Returns whose.
std::vector<int> RestoreServerHandlers();

// For good, in every thread: for a process that has nothing left to do but to clean up.
void IgnoreServerSignals();

// Lets them through for as long as it lives: while their handlers stand.
class ServerSignalsUnblocked {
 public:
  ServerSignalsUnblocked() { UnblockServerSignals(); }
  ~ServerSignalsUnblocked() { BlockServerSignals(); }
  ServerSignalsUnblocked(const ServerSignalsUnblocked&) = delete;
  ServerSignalsUnblocked& operator=(const ServerSignalsUnblocked&) = delete;
};

}  // namespace uwsgi
