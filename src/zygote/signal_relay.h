// SPDX-License-Identifier: MIT
//
// The signals of a zygote. Applications remember the pid of the process that imported
// them as the server's, so a server signal that reaches the zygote goes on to the
// master, over its link.

#pragma once

namespace uwsgi {

// In the zygote: installs the handlers, and lets the signals come. What it forks does not relay:
// see ResetServerSignalsInChildren.
void StartSignalRelay();

}  // namespace uwsgi
