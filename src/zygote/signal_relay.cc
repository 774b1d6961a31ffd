// SPDX-License-Identifier: MIT

#include "zygote/signal_relay.h"

#include <signal.h>

#include "shared/boot_packet.h"
#include "shared/generation_channel.h"
#include "shared/signals.h"

namespace uwsgi {
namespace {

void Relay(int signum) {
  GenerationChannel::SendFromSignalHandler(kZygoteChannelFd,
                                           {.kind = MessageKind::kSignal, .value = signum});
}

void Install(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signum : kServerSignals) ::sigaction(signum, &action, nullptr);
}

}  // namespace

void StartSignalRelay() {
  Install(Relay);
  UnblockServerSignals();
}

void StopSignalRelay() {
  Install(SIG_DFL);
  UnblockServerSignals();
}

}  // namespace uwsgi
