// SPDX-License-Identifier: MIT

#include "app/plan_reader.h"

#include <exception>
#include <utility>

#include "base/log.h"

namespace uwsgi {

PlanReader::PlanReader(std::vector<std::string> arguments, const char* const* environment,
                       ChooseZygote choose_zygote)
    : arguments_(std::move(arguments)),
      choose_zygote_(std::move(choose_zygote)),
      facts_(config::StartFacts::OfThisProcess(environment)),
      start_(os::CurrentDirectory()) {}

Result<config::Configuration> PlanReader::Load() {
  history_.Look();
  std::vector<std::string> warnings;
  auto loaded = config::Load(arguments_, facts_, &warnings);
  for (const std::string& text : warnings) LogWarning("{}", text);
  if (!loaded) return loaded;
  for (const std::string& text : loaded->notices) LogInfo("{}", text);
  return loaded;
}

Result<GenerationPlan> PlanReader::PlanOf(const config::Configuration& read) {
  const TlsOptions& tls = read.options.listen.tls;
  auto texts = certificates_.Read(tls);
  if (!texts) return texts.error();
  auto zygote = choose_zygote_(read.options);
  if (!zygote) return zygote.error();
  GenerationPlan plan =
      MakePlan(read.options, start_.path, {config::EncodeRawOptions(read.raw), *std::move(texts)},
               history_, tls::FilesOf(tls));
  plan.zygote = *std::move(zygote);
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
