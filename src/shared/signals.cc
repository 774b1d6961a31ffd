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

}  // namespace uwsgi
