// SPDX-License-Identifier: MIT
//
// Who the processes are: uid, gid, add-gid, no-initgroups.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/process_options.h"

namespace uwsgi::os {

// Names resolved to numbers.
struct Identity {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::vector<gid_t> additional_gids;
  std::string user_name;  // For initgroups; empty when the user has no name.
  bool init_groups = true;

  bool changes_anything() const {
    return uid.has_value() || gid.has_value() || !additional_gids.empty();
  }
};

Result<Identity> ResolveIdentity(const ProcessOptions& options);

// Becomes `identity`, for good: setgid, the groups, setuid, in this order, each logged as uWSGI
// does. Identities that the process already has are no error without root. The kernel forgets
// PR_SET_PDEATHSIG here: DieWithParent comes after.
Result<void> DropPrivileges(const Identity& identity);

}  // namespace uwsgi::os
