// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/loader.h"
#include "master/generation_plan.h"
#include "os/directory.h"
#include "tls/credentials.h"

namespace uwsgi {

// Reads the configuration, at the start and for each reload, as the process saw the world when it
// was started. What the configuration says besides its errors goes to the log.
class PlanReader {
 public:
  // `arguments` with argv[0]; `environment` ends with a null pointer. To be made before the server
  // changes anything about its process.
  PlanReader(std::vector<std::string> arguments, const char* const* environment);

  Result<config::Configuration> Load();
  Result<GenerationPlan> PlanOf(const config::Configuration& read);

  // Both, for a reload, from where the first reading was done. Does not throw: whatever goes
  // wrong, what serves goes on.
  Result<GenerationPlan> Read();

  const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  const std::vector<std::string> arguments_;
  config::StartFacts facts_;
  const os::Directory start_;  // Where relative paths start.
  tls::MaterialReader certificates_;
  FileHistory history_;
};

}  // namespace uwsgi
