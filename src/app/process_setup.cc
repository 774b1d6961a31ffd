// SPDX-License-Identifier: MIT

#include "app/process_setup.h"

#include <memory>
#include <string>
#include <utility>

#include "base/log.h"
#include "config/loader.h"
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

}  // namespace

Result<ZygoteParts> SetUpProcess(const BootedGeneration& generation, os::ProcessTitle& title,
                                 const std::function<void(int)>& leave) {
  auto read = config::Rebuild(generation.texts.options);
  if (!read) return read.error();
  auto tls = tls::ServerContexts::FromText(generation.texts.tls);
  if (!tls) return tls.error();
  auto fixed =
      FixPlaces(PlaceOf(read->options.process), read->options.worker, read->options.static_files);
  if (!fixed) return fixed.error();
  const auto options = std::make_shared<const Options>(std::move(read->options));
  SetLogDate(options->log.log_date);
  title.SetFor(options->process, os::ProcessRole::kZygote);
  if (auto applied = ApplyToApplications(options->process); !applied) return applied.error();
  ZygoteParts parts;
  parts.control = std::make_unique<ProcessControl>(generation.context,
                                                   options->worker.buffer_size.bytes, title);
  parts.host = std::make_unique<wsgi::WsgiAppHost>(
      wsgi::HostOptions{options->app, options->worker, options->master.need_app,
                        options->master.gc_freeze, std::move(read->raw)},
      *parts.control);
  parts.lazy_apps = options->master.lazy_apps;
  parts.chdir_after_loading = options->process.chdir2;
  parts.worker_main = [options, tls = std::shared_ptr(*std::move(tls)), &title, &generation, leave,
                       host = parts.host.get(),
                       control = parts.control.get()](const WorkerIdentity& identity) {
    title.SetFor(options->process, os::ProcessRole::kWorker, identity.worker_id);
    return RunWorker({options->worker, options->log, options->static_files, *tls,
                      generation.context, *host, leave, *control},
                     identity);
  };
  return parts;
}

}  // namespace uwsgi
