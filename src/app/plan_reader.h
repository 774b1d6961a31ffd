// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "base/result.h"
#include "master/generation_plan.h"
#include "os/directory.h"
#include "tls/credentials.h"

namespace uwsgi {

// Reads the configuration, at the start and for each reload, as the process saw the world when it
// was started. What the configuration says besides its errors goes to the log.
class PlanReader {
 public:
  // What to start as the zygote of a configuration. The error says why there is nothing.
  using ChooseZygote = std::function<Result<ZygoteCommand>(const config::OptionSet& options)>;

  // `arguments` with argv[0]; `environment` ends with a null pointer. To be made before the server
  // changes anything about its process.
  PlanReader(std::vector<std::string> arguments, const char* const* environment,
             ChooseZygote choose_zygote);

  Result<config::Configuration> Load();
  Result<GenerationPlan> PlanOf(const config::Configuration& read);

  // Both, for a reload, from where the first reading was done. Does not throw: whatever goes
  // wrong, what serves goes on.
  Result<GenerationPlan> Read();

 private:
  const std::vector<std::string> arguments_;
  const ChooseZygote choose_zygote_;
  config::StartFacts facts_;
  const os::Directory start_;  // Where relative paths start.
  tls::MaterialReader certificates_;
  FileHistory history_;
};

}  // namespace uwsgi
