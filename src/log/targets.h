// SPDX-License-Identifier: MIT
//
// Where the log goes: from logger, logto, daemonize and log-maxsize to LogOptions::targets.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "log/options.h"
#include "options/option_values.h"

namespace uwsgi::config {

// "[NAME ]stdio", "[NAME ]file:PATH", "[NAME ]file:logfile=PATH,maxsize=BYTES,backupname=PATH" or
// "[NAME ]socket:HOST:PORT", which is UDP.
Result<Logger> ParseLogger(std::string_view text);
// What is odd about a logger that ParseLogger takes.
Remark CheckLogger(std::string_view text);

// A file, or an address for UDP.
Remark CheckLogPlace(std::string_view text);

// `daemonize` and `daemonize2` are where standard error goes as these options say.
void FillLogTargets(LogOptions& options, const std::string& daemonize,
                    const std::string& daemonize2);

}  // namespace uwsgi::config
