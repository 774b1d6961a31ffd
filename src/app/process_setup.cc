// SPDX-License-Identifier: MIT

#include "app/process_setup.h"

#include <memory>
#include <string>
#include <utility>

#include "app/configuration.h"
#include "base/log.h"
#include "os/directory.h"
#include "static_files/paths.h"
#include "tls/server_context.h"
#include "worker/places.h"
#include "worker/worker.h"
#include "wsgi/wsgi_app_host.h"
#include "zygote/process_options.h"

namespace uwsgi {
namespace {

// Where a worker serves from: its directory after chdir2.
std::string PlaceOf(const ProcessOptions& options) {
  return AbsolutePath(os::CurrentDirectory().path, options.chdir2);
}

Result<python::SharedParts> SharedPartsOf(const GenerationContext& context,
                                          const config::OptionSet& options) {
  python::SharedParts shared;
  if (const Region* const region = FindRegion(context, LockTable::kRegion)) {
    shared.locks.emplace(*region, options.Get<LockOptions>());
  }
  auto caches = CacheSet::Open(context, options.Get<CacheOptions>());
  if (!caches) return caches.error();
  shared.caches = std::make_shared<CacheSet>(*std::move(caches));
  return shared;
}

}  // namespace

Result<ZygoteParts> SetUpProcess(const BootedGeneration& generation, const std::string& program,
                                 os::ProcessTitle& title, const std::function<void(int)>& leave) {
  auto read = config::Rebuild(generation.texts.options);
  if (!read) return read.error();
  auto tls = tls::ServerContexts::FromText(generation.texts.tls);
  if (!tls) return tls.error();
  // Shared with worker_main, which the process keeps as long as it has the host.
  const auto options = std::make_shared<config::OptionSet>(std::move(read->options));
  const auto& process = options->Get<ProcessOptions>();
  const auto& app = options->Get<AppOptions>();
  auto fixed = FixPlaces(PlaceOf(process), options->Change<RequestOptions>(),
                         options->Change<StaticOptions>());
  if (!fixed) return fixed.error();
  SetLogDate(options->Get<LogOptions>().log_date);
  title.SetFor(process, os::ProcessRole::kZygote);
  if (auto applied = ApplyToApplications(process); !applied) return applied.error();
  auto shared = SharedPartsOf(generation.context, *options);
  if (!shared) return shared.error();
  ZygoteParts parts;
  parts.control = std::make_unique<ProcessControl>(
      generation.context, options->Get<RequestOptions>().buffer_size.bytes, title, program);
  parts.host = std::make_unique<wsgi::WsgiAppHost>(
      wsgi::HostOptions{app, options->Get<WorkerOptions>().threads,
                        options->Get<RecyclingOptions>().worker_reload_mercy, std::move(read->raw),
                        *std::move(shared)},
      *parts.control);
  parts.lazy_apps = app.lazy_apps;
  parts.chdir_after_loading = process.chdir2;
  parts.worker_main = [options, tls = std::shared_ptr(*std::move(tls)), &title, &generation, leave,
                       host = parts.host.get(),
                       control = parts.control.get()](const WorkerIdentity& identity) {
    title.SetFor(options->Get<ProcessOptions>(), os::ProcessRole::kWorker, identity.worker_id);
    return RunWorker(
        {options->Get<WorkerOptions>(), options->Get<RequestOptions>(), options->Get<PeerOptions>(),
         options->Get<CompressionOptions>(), options->Get<WebSocketOptions>(),
         options->Get<RecyclingOptions>(), options->Get<LogOptions>(),
         options->Get<StaticOptions>(), *tls, generation.context, *host, leave, *control},
        identity);
  };
  return parts;
}

}  // namespace uwsgi
