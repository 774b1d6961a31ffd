// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/link.h"
#include "ipc/region.h"
#include "ipc/scoreboard.h"
#include "os/held_descriptors.h"
#include "uwsgi/listener.h"

namespace uwsgi {

// What a process of a generation was given by the master. Outlives everything in it.
struct GenerationContext {
  int number = 1;        // Counts reloads, from 1.
  pid_t master_pid = 0;  // 0 without a master.
  std::time_t started_on = 0;
  std::string working_directory;  // Absolute; empty: where the process is.
  std::vector<Listener> listeners;
  Scoreboard* scoreboard = nullptr;
  std::vector<const Region*> regions;  // All but the scoreboard's, of both lifetimes.
  const Link* link = nullptr;          // To the master, at kLinkFd; null without one.
  int lifeline_fd = -1;                // Reads end-of-file once the master is gone; -1 without one.
  int handoff_send_fd = -1;  // Connections for whichever worker is free; -1 without a master.
  int handoff_receive_fd = -1;
  os::HeldDescriptors descriptors;  // All of these, as they were before any application ran.
};

// Fills in `descriptors`.
void NoteDescriptors(GenerationContext& context);

// One of `regions`; null when there is none of this name.
const Region* FindRegion(const GenerationContext& context, std::string_view name);

// One worker of a generation.
struct WorkerIdentity {
  int worker_id = 0;  // From 1.
  int slot = 0;       // Its ProcessSlot.
};

}  // namespace uwsgi
