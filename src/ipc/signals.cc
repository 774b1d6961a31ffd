// SPDX-License-Identifier: MIT

#include "ipc/signals.h"

#include <pthread.h>

#include <algorithm>
#include <cstddef>

namespace uwsgi {
namespace {

// Written while there is one thread.
std::array<struct sigaction, kServerSignals.size()>
    server_actions{};                    // NOLINT(*-avoid-non-const-global-variables)
thread_local sigset_t mask_before_fork;  // NOLINT(*-avoid-non-const-global-variables)

void ChangeMask(int how, sigset_t* before = nullptr) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signum : kServerSignals) sigaddset(&set, signum);
  ::pthread_sigmask(how, &set, before);
}

struct sigaction ActionOf(int signum) {
  struct sigaction action {};
  ::sigaction(signum, nullptr, &action);
  return action;
}

// Whether the handler of the server's signal number `index` is the one that was noted.
bool IsServers(std::size_t index) {
  return ActionOf(kServerSignals[index]).sa_handler == server_actions[index].sa_handler;
}

// A signal that comes to the child at once waits until its handlers are gone.
void BeforeFork() { ChangeMask(SIG_BLOCK, &mask_before_fork); }

void AfterForkInParent() { ::pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr); }

void AfterForkInChild() {
  for (std::size_t i = 0; i < kServerSignals.size(); ++i) {
    if (IsServers(i)) ::signal(kServerSignals[i], SIG_DFL);
  }
  ::pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr);
}

}  // namespace

void TakeSignals() {
  ChangeMask(SIG_SETMASK);
  ::signal(SIGCHLD, SIG_DFL);
}

void BlockServerSignals() { ChangeMask(SIG_BLOCK); }

void UnblockServerSignals() { ChangeMask(SIG_UNBLOCK); }

void ResetServerSignalsInChildren() {
  ::pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
}

void NoteServerHandlers() {
  std::ranges::transform(kServerSignals, server_actions.begin(), ActionOf);
}

std::vector<int> RestoreServerHandlers() {
  std::vector<int> restored;
  for (std::size_t i = 0; i < kServerSignals.size(); ++i) {
    if (IsServers(i)) continue;
    ::sigaction(kServerSignals[i], &server_actions[i], nullptr);
    restored.push_back(kServerSignals[i]);
  }
  return restored;
}

void IgnoreServerSignals() {
  for (const int signum : kServerSignals) ::signal(signum, SIG_IGN);
}

}  // namespace uwsgi
