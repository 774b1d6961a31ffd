// SPDX-License-Identifier: MIT

#include "shared/signals.h"

#include <pthread.h>

#include <algorithm>
#include <cstddef>

namespace uwsgi {
namespace {

using Handler = void (*)(int);

// Written while there is one thread.
std::array<Handler, kServerSignals.size()>
    server_handlers{};                   // NOLINT(*-avoid-non-const-global-variables)
thread_local sigset_t mask_before_fork;  // NOLINT(*-avoid-non-const-global-variables)

void ChangeMask(int how, sigset_t* before = nullptr) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signum : kServerSignals) sigaddset(&set, signum);
  ::pthread_sigmask(how, &set, before);
}

Handler HandlerOf(int signum) {
  struct sigaction action {};
  ::sigaction(signum, nullptr, &action);
  return action.sa_handler;
}

// A signal that comes to the child at once waits until its handlers are gone.
void BeforeFork() { ChangeMask(SIG_BLOCK, &mask_before_fork); }

void AfterForkInParent() { ::pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr); }

void AfterForkInChild() {
  for (std::size_t i = 0; i < kServerSignals.size(); ++i) {
    if (HandlerOf(kServerSignals[i]) == server_handlers[i]) ::signal(kServerSignals[i], SIG_DFL);
  }
  ::pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr);
}

}  // namespace

void BlockServerSignals() { ChangeMask(SIG_BLOCK); }

void UnblockServerSignals() { ChangeMask(SIG_UNBLOCK); }

void ResetServerSignalsInChildren() {
  ::pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
}

void NoteServerHandlers() {
  std::ranges::transform(kServerSignals, server_handlers.begin(), HandlerOf);
}

void IgnoreServerSignals() {
  for (const int signum : kServerSignals) ::signal(signum, SIG_IGN);
}

}  // namespace uwsgi
