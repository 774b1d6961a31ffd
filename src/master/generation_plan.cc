// SPDX-License-Identifier: MIT

#include "master/generation_plan.h"

#include <filesystem>
#include <utility>

namespace uwsgi {

GenerationPlan MakePlan(const Options& options, const std::string& start_directory,
                        std::string encoded) {
  GenerationPlan plan;
  plan.master = options.master;
  plan.listen = options.listen;
  plan.threads = options.worker.threads;
  plan.harakiri_graceful_timeout = options.worker.harakiri_graceful_timeout;
  plan.working_directory = std::filesystem::path(start_directory) / options.process.chdir;
  plan.options = std::move(encoded);
  return plan;
}

}  // namespace uwsgi
