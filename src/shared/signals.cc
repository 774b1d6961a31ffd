// SPDX-License-Identifier: MIT

#include "shared/signals.h"

namespace uwsgi {
namespace {

void ChangeMask(int how) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signum : kServerSignals) sigaddset(&set, signum);
  ::pthread_sigmask(how, &set, nullptr);
}

}  // namespace

void BlockServerSignals() { ChangeMask(SIG_BLOCK); }

void UnblockServerSignals() { ChangeMask(SIG_UNBLOCK); }

void IgnoreServerSignals() {
  for (const int signum : kServerSignals) ::signal(signum, SIG_IGN);
}

}  // namespace uwsgi
