// SPDX-License-Identifier: MIT

#pragma once

#include "ipc/scoreboard.h"
#include "master/generation_plan.h"
#include "supervise/process_kind.h"

namespace uwsgi {

// How the master keeps the workers of a generation of this plan. `scoreboard` is that of the
// generation, and outlives the row.
ProcessKind WorkerKind(const GenerationPlan& plan, Scoreboard& scoreboard);

}  // namespace uwsgi
