// SPDX-License-Identifier: MIT
//
// The signals of a zygote. Applications remember the pid of the process that imported
// them as the server's, so a HUP, TERM, INT or QUIT that reaches the zygote goes on to the
// master, over the channel at kZygoteChannelFd.

#pragma once

namespace uwsgi {

// Keeps the relayed signals from this thread while it lives; they wait.
class RelayedSignalsBlocked {
 public:
  RelayedSignalsBlocked();
  ~RelayedSignalsBlocked();
  RelayedSignalsBlocked(const RelayedSignalsBlocked&) = delete;
  RelayedSignalsBlocked& operator=(const RelayedSignalsBlocked&) = delete;
};

// In the zygote: installs the handlers, and lets the signals come.
void StartSignalRelay();

// In a forked worker: default handling again, and none blocked. The worker installs its own.
void StopSignalRelay();

}  // namespace uwsgi
