// SPDX-License-Identifier: MIT

#include "zygote/signal_relay.h"

#include <signal.h>

#include <array>
#include <cstring>

#include "ipc/link.h"
#include "ipc/signals.h"

namespace uwsgi {
namespace {

void Relay(int signum) {
  const Number number{signum};
  std::array<char, sizeof number> payload;
  std::memcpy(payload.data(), &number, sizeof number);
  Link::SendFromSignalHandler(kLinkFd, MessageKind::kSignal, payload);
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
