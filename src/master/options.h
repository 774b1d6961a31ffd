// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "options/rows.h"

namespace uwsgi {

// The service as a whole: how it detaches, what marks it, what makes it reload.
struct MasterOptions {
  bool master = true;
  int processes = 1;
  std::string daemonize;   // Log file (or udp:…, not supported) to detach with.
  std::string daemonize2;  // A log file, too: detaches after the applications are loaded.
  std::string pidfile;
  std::string pidfile2;
  std::string safe_pidfile;
  std::string safe_pidfile2;
  bool vacuum = true;
  bool exit_on_reload = false;
  bool honour_stdin = false;  // Of one process: its standard input is the server's.
  bool die_on_term = true;    // False with no-die-on-term: SIGTERM reloads, as in uWSGI.
  std::chrono::seconds reload_mercy{0};
  std::chrono::seconds forkbomb_delay{2};
  std::vector<std::string> touch_reload;
  std::vector<std::string> touch_workers_reload;
  std::vector<std::string> touch_chain_reload;
};

namespace config {
OptionRows MasterRows();
OptionRows ServiceRows();
OptionRows ReloadRows();
}  // namespace config

}  // namespace uwsgi
