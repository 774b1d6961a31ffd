// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/key_value.h"
#include "base/result.h"
#include "ipc/boot_packet.h"
#include "ipc/recycling_options.h"
#include "ipc/region.h"
#include "master/options.h"
#include "master/touch_watch.h"
#include "os/listen_options.h"
#include "tls/options.h"

namespace uwsgi {

// What to exec as a zygote: this program, or the Python that runs it.
struct ZygoteCommand {
  std::string program;                 // A path.
  std::vector<std::string> arguments;  // With argv[0]; ps shows them.
  std::vector<KeyValue> environment;   // Added to that of this process,
  std::vector<std::string> without;    // from which these are taken before.
};

// One reading of the configuration, as far as the master needs to know it.
struct GenerationPlan {
  MasterOptions master;
  ListenOptions listen;
  TlsOptions tls;
  RecyclingOptions recycling;
  int threads = 1;
  std::chrono::seconds harakiri_graceful_timeout{5};
  std::string start_directory;             // Where the server was started.
  std::string working_directory;           // By chdir, absolute; empty without.
  TouchFiles touch;                        // As they were before the configuration was read.
  std::chrono::seconds fork_patience{10};  // A zygote that is silent for longer hangs.
  std::vector<RegionSpec> regions;         // Shared memory, beside the scoreboard.
  ZygoteCommand zygote;
  ProcessTexts texts;  // For the zygote.
};

// Says to a plan that has its options where it runs: the server was started in `start_directory`,
// `chdir` is the option. A change of one of the `watched` files reloads, as touch-reload does;
// `history` has looked before the reading.
void SetPlaces(GenerationPlan& plan, const std::string& start_directory, const std::string& chdir,
               FileHistory& history, const std::vector<std::string>& watched = {});

// Reads the configuration anew, for a reload. The error names the file and line.
using ReadPlan = std::function<Result<GenerationPlan>()>;

}  // namespace uwsgi
