// SPDX-License-Identifier: MIT

#include "zygote/signal_relay.h"

#include <signal.h>

#include <array>

#include "shared/boot_packet.h"
#include "shared/generation_channel.h"

namespace uwsgi {
namespace {

constexpr std::array kRelayed = {SIGHUP, SIGTERM, SIGINT, SIGQUIT};

sigset_t RelayedSet() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signum : kRelayed) sigaddset(&set, signum);
  return set;
}

void Relay(int signum) {
  GenerationChannel::SendFromSignalHandler(kZygoteChannelFd,
                                           {.kind = MessageKind::kSignal, .value = signum});
}

void Install(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signum : kRelayed) ::sigaction(signum, &action, nullptr);
}

void SetBlocked(int how) {
  const sigset_t set = RelayedSet();
  ::pthread_sigmask(how, &set, nullptr);
}

}  // namespace

RelayedSignalsBlocked::RelayedSignalsBlocked() { SetBlocked(SIG_BLOCK); }

RelayedSignalsBlocked::~RelayedSignalsBlocked() { SetBlocked(SIG_UNBLOCK); }

void StartSignalRelay() {
  Install(Relay);
  SetBlocked(SIG_UNBLOCK);
}

void StopSignalRelay() {
  Install(SIG_DFL);
  SetBlocked(SIG_UNBLOCK);
}

}  // namespace uwsgi
