// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"
#include "uwsgi/options.h"

namespace uwsgi {

// One reading of the configuration, as far as the master needs to know it.
struct GenerationPlan {
  MasterOptions master;
  ListenOptions listen;
  int threads = 1;
  std::chrono::seconds harakiri_graceful_timeout{5};
  std::string options;  // For the zygote; the master does not look into it.
};

// Reads the configuration anew, for a reload. The error names the file and line.
using ReadPlan = std::function<Result<GenerationPlan>()>;

}  // namespace uwsgi
