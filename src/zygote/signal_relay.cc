// SPDX-License-Identifier: MIT

#include "zygote/signal_relay.h"

#include <signal.h>

#include "ipc/boot_packet.h"
#include "ipc/generation_channel.h"
#include "ipc/signals.h"

namespace uwsgi {
namespace {

void Relay(int signum) {
  GenerationChannel::SendFromSignalHandler(kZygoteChannelFd,
                                           {.kind = MessageKind::kSignal, .value = signum});
}

}  // namespace

void StartSignalRelay() {
  struct sigaction action {};
  action.sa_handler = Relay;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signum : kServerSignals) ::sigaction(signum, &action, nullptr);
  NoteServerHandlers();
  ResetServerSignalsInChildren();
  UnblockServerSignals();
}

}  // namespace uwsgi
