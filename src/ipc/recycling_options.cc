// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "ipc/recycling_options.h"

#include "options/option_spec.h"

namespace uwsgi::config {
namespace {

constexpr OptionSpec kRows[] = {
    {Group::kProcesses, "max-requests", "", 'R', "N", To<&RecyclingOptions::max_requests>(),
     "Replaces a worker after this many requests; 0 never does.", kEveryday},
    {Group::kProcesses, "max-requests-delta", "", 0, "N",
     To<&RecyclingOptions::max_requests_delta>(),
     "Adds this many requests for each worker id, so that workers do not end together."},
    {Group::kProcesses, "max-worker-lifetime", "", 0, "SECONDS",
     To<&RecyclingOptions::max_worker_lifetime>(),
     "Replaces a worker after this time; 0 never does.", kEveryday},
    {Group::kProcesses, "min-worker-lifetime", "", 0, "SECONDS",
     To<&RecyclingOptions::min_worker_lifetime>(),
     "A worker is not replaced by a limit before it has lived this long."},
    {Group::kProcesses, "reload-on-rss", "", 0, "MIB", To<&RecyclingOptions::reload_on_rss>(),
     "Replaces a worker whose resident memory exceeds this; 0 never does.", kEveryday},
    {Group::kProcesses, "reload-on-as", "", 0, "MIB", To<&RecyclingOptions::reload_on_as>(),
     "Replaces a worker whose address space exceeds this; 0 never does."},
    {Group::kProcesses, "worker-reload-mercy", "", 0, "SECONDS",
     To<&RecyclingOptions::worker_reload_mercy>(),
     "How long a worker that is to end may finish its requests before it is killed.", kEveryday},
};

}  // namespace

OptionRows RecyclingRows() { return kRows; }

}  // namespace uwsgi::config
