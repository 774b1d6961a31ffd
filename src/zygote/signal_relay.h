// SPDX-License-Identifier: MIT
//
// The signals of a zygote. Applications remember the pid of the process that imported
// them as the server's, so a server signal that reaches the zygote goes on to the
// master, over the channel at kZygoteChannelFd.

#pragma once

namespace uwsgi {

// In the zygote: installs the handlers, and lets the signals come.
void StartSignalRelay();

// In a forked worker: default handling again, and none blocked. The worker installs its own.
void StopSignalRelay();

}  // namespace uwsgi
