// SPDX-License-Identifier: MIT

#include "app/plan_reader.h"

#include <exception>
#include <utility>

#include "base/log.h"
#include "cache/cache_set.h"
#include "config/raw_options_codec.h"
#include "ipc/lock_table.h"
#include "os/process_options.h"
#include "worker/options.h"

namespace uwsgi {

PlanReader::PlanReader(const Program& program, const char* const* environment,
                       ChooseZygote choose_zygote)
    : arguments_(program.arguments),
      choose_zygote_(std::move(choose_zygote)),
      facts_(config::StartFacts::OfThisProcess(environment, program.path)),
      start_(os::CurrentDirectory()) {}

Result<config::Configuration> PlanReader::Load() {
  history_.Look();
  std::vector<std::string> warnings;
  auto loaded = config::Load(arguments_, facts_, &warnings);
  if (!says_all_) return loaded;
  for (const std::string& text : warnings) LogWarning("{}", text);
  if (!loaded) return loaded;
  for (const std::string& text : loaded->notices) LogInfo("{}", text);
  return loaded;
}

Result<GenerationPlan> PlanReader::PlanOf(const config::Configuration& read) {
  const config::OptionSet& options = read.options;
  GenerationPlan plan;
  plan.master = options.Get<MasterOptions>();
  plan.listen = options.Get<ListenOptions>();
  plan.tls = options.Get<TlsOptions>();
  plan.recycling = options.Get<RecyclingOptions>();
  plan.threads = options.Get<WorkerOptions>().threads;
  plan.harakiri_graceful_timeout = options.Get<WorkerOptions>().harakiri_graceful_timeout;
  plan.regions = CacheRegions(options.Get<CacheOptions>());
  plan.regions.push_back(LockTable::Spec(options.Get<LockOptions>()));
  auto texts = certificates_.Read(plan.tls);
  if (!texts) return texts.error();
  auto zygote = choose_zygote_(options);
  if (!zygote) return zygote.error();
  plan.zygote = *std::move(zygote);
  plan.texts = {config::EncodeRawOptions(read.raw), *std::move(texts)};
  SetPlaces(plan, start_.path, options.Get<ProcessOptions>().chdir, history_,
            tls::FilesOf(plan.tls));
  return plan;
}

Result<GenerationPlan> PlanReader::Read() try {
  const os::InDirectory there(start_);
  const auto read = Load();
  if (!read) return read.error();
  return PlanOf(*read);
} catch (const std::exception& exception) {
  return Error{ErrorCode::kSystem, exception.what()};
}

}  // namespace uwsgi
