// SPDX-License-Identifier: MIT

#include "master/generation_plan.h"

#include <filesystem>
#include <utility>

namespace uwsgi {

GenerationPlan MakePlan(const Options& options, const std::string& start_directory,
                        ProcessTexts texts, FileHistory& history,
                        const std::vector<std::string>& watched) {
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
  MasterOptions& master = plan.master;
  const std::filesystem::path place =
      plan.working_directory.empty() ? start_directory : plan.working_directory;
  for (auto* files :
       {&master.touch_reload, &master.touch_workers_reload, &master.touch_chain_reload}) {
    for (std::string& file : *files) file = place / file;
  }
  for (const std::string& file : watched) {
    master.touch_reload.push_back(std::filesystem::path(start_directory) / file);
  }
  plan.touch = TouchFiles(master, history);
  return plan;
}

}  // namespace uwsgi
