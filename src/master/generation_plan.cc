// SPDX-License-Identifier: MIT

#include "master/generation_plan.h"

#include <filesystem>

namespace uwsgi {

void SetPlaces(GenerationPlan& plan, const std::string& start_directory, const std::string& chdir,
               FileHistory& history, const std::vector<std::string>& watched) {
  plan.start_directory = start_directory;
  if (!chdir.empty()) plan.working_directory = std::filesystem::path(start_directory) / chdir;
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
}

}  // namespace uwsgi
