// SPDX-License-Identifier: MIT
//
// Where the server is installed into a Python, as a wheel is, that Python is the program of every
// process that runs applications:
//
//   uwsgi, a script --exec--> uwsgi-master --exec in a child--> python _zygote.py uwsgi ...
//
// The master contains no Python. The script tells it who has run it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "master/generation_plan.h"
#include "options/option_set.h"

namespace uwsgi {

// The Python that has run the script `uwsgi`.
struct Launcher {
  std::string python;   // Its sys.executable, links and all: where they lead is another Python.
  std::string version;  // "3.11.2"
};

// Set for that Python by the master: which build this is. After an upgrade the master is still the
// old one when a reload finds the new extension.
inline constexpr const char* kBuildVariable = "__UWSGI_BUILD";

// What the script has told, once: nothing that is started from here believes the same. Nothing in a
// process that no such script has started.
std::optional<Launcher> TakeLauncher();

// The Python for applications of `options`: that of `home`, of the script if it is a virtual
// environment's, of $VIRTUAL_ENV, or the script's. A line of the log says where the script's goes
// before another $VIRTUAL_ENV. `arguments` are the server's own, with argv[0]. The error says what
// is wrong with the environment, and what to do.
Result<ZygoteCommand> ChoosePython(const Launcher& launcher, const config::OptionSet& options,
                                   const std::vector<std::string>& arguments);

}  // namespace uwsgi
