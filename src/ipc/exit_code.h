// SPDX-License-Identifier: MIT

#pragma once

namespace uwsgi {

// The exit statuses of our processes, as uWSGI has them; operators and service managers know them.
enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,          // A wrong configuration, an address in use, …
  kReloading = 17,      // A worker that finished its requests, to be replaced.
  kAppLoadFailed = 22,  // need-app: no application could be loaded.
  kStopped = 30,        // A worker that was told to go at once.
  kSignalFailed = 255,  // --stop, --reload: there was nobody to signal.
};

constexpr int ToInt(ExitCode code) { return static_cast<int>(code); }

}  // namespace uwsgi
