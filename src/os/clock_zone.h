// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>

namespace uwsgi::os {

// The zone that a process tells local times in: TZ of its environment, nothing for the machine's.
using ClockZone = std::optional<std::string>;

// This process's, in effect from now on: whoever changed the variable may not have said so.
ClockZone TakeClockZone();
// For a process with one thread.
void SetClockZone(const ClockZone& zone);

}  // namespace uwsgi::os
