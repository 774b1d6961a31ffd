// SPDX-License-Identifier: MIT
//
// Who the processes are: uid, gid, add-gid, no-initgroups, chown-socket.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "uwsgi/options.h"

namespace uwsgi::os {

// Names resolved to numbers.
struct Identity {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::vector<gid_t> additional_gids;
  std::string user_name;  // For initgroups; empty when the user has no name.
  bool init_groups = true;

  bool changes_anything() const { return uid.has_value() || gid.has_value(); }
};

// Each a name or a number. "uid X not found." and its like when it is a name that nobody has.
Result<uid_t> ResolveUser(std::string_view user);
Result<gid_t> ResolveGroup(std::string_view group);

// user[:group], ":group" too, as chown-socket takes it.
struct Owner {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};
Result<Owner> ResolveOwner(std::string_view text);

Result<Identity> ResolveIdentity(const ProcessOptions& options);

// Becomes `identity`, for good: setgid, the groups, setuid, in this order, each logged as uWSGI
// does. Identities that the process already has are no error without root. The kernel forgets
// PR_SET_PDEATHSIG here: DieWithParent comes after.
Result<void> DropPrivileges(const Identity& identity);

}  // namespace uwsgi::os
