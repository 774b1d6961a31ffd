// SPDX-License-Identifier: MIT

#include "base/app_fork.h"

#include <pthread.h>

#include "base/owned_fds.h"

namespace uwsgi {
namespace {

// Set once, in a child that has one thread.
bool is_app_fork = false;                  // NOLINT(*-avoid-non-const-global-variables)
thread_local bool is_servers_own = false;  // NOLINT(*-avoid-non-const-global-variables)

// Async-signal-safe: threads that are gone now may have held any lock.
void AfterForkInChild() {
  if (is_servers_own) return;
  is_app_fork = true;
  CloseOwnedFds();
}

}  // namespace

void DisownForks() { ::pthread_atfork(nullptr, nullptr, AfterForkInChild); }

bool IsAppFork() noexcept { return is_app_fork; }

ServerFork::ServerFork() { is_servers_own = true; }

ServerFork::~ServerFork() { is_servers_own = false; }

}  // namespace uwsgi
