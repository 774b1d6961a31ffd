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

// The server's own program, as it was started.
struct Program {
  std::string path;
  std::vector<std::string> arguments;  // With argv[0].
};

// Reads the configuration, at the start and for each reload, as the process saw the world when it
// was started. What the configuration says besides its errors goes to the log.
class PlanReader {
 public:
  // What to start as the zygote of a configuration. The error says why there is nothing.
  using ChooseZygote = std::function<Result<ZygoteCommand>(const config::OptionSet& options)>;

  // To be made before the server changes anything about its process; `environment` ends with a null
  // pointer.
  PlanReader(const Program& program, const char* const* environment, ChooseZygote choose_zygote);

  // Another process has said already what the configuration says besides errors.
  void SayErrorsOnly() { says_all_ = false; }

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
  bool says_all_ = true;
};

}  // namespace uwsgi
