// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "zygote/zygote.h"

namespace uwsgi {

// The server of one process, without a master (master = false): for debuggers. Loads the
// applications and serves in the calling process, the only worker; returns the exit
// status. `texts` is what a zygote would get; `regions` are made here. Calls `on_loaded` once the
// applications are loaded and their post-fork hook was run.
//
// Until then signals have their default effect; one that comes after it is heeded by the worker,
// also if that does not serve yet; once it has served, they have none.
int RunSingleProcess(std::vector<Listener> listeners, int threads,
                     const std::vector<RegionSpec>& regions, ProcessTexts texts,
                     const ZygoteSetup& setup, const std::function<void()>& on_loaded);

}  // namespace uwsgi
