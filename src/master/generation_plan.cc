// SPDX-License-Identifier: MIT

#include "master/generation_plan.h"

#include <filesystem>
#include <utility>

namespace uwsgi {

GenerationPlan MakePlan(const Options& options, const std::string& start_directory,
                        ProcessTexts texts, const std::vector<std::string>& watched) {
  GenerationPlan plan;
  plan.master = options.master;
  plan.listen = options.listen;
  plan.threads = options.worker.threads;
  plan.harakiri_graceful_timeout = options.worker.harakiri_graceful_timeout;
  plan.start_directory = start_directory;
  if (!options.process.chdir.empty()) {
    plan.working_directory = std::filesystem::path(start_directory) / options.process.chdir;
  }
  plan.texts = std::move(texts);
  for (const std::string& file : watched) {
    plan.master.touch_reload.push_back(std::filesystem::path(start_directory) / file);
  }
  return plan;
}

}  // namespace uwsgi
