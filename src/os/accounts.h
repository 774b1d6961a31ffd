// SPDX-License-Identifier: MIT
//
// Users and groups, as configuration names them.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace uwsgi::os {

// Each a name or a number. "uid X not found." and its like when it is a name that nobody has.
Result<uid_t> ResolveUser(std::string_view user);
Result<gid_t> ResolveGroup(std::string_view group);

// The name, or the number of whoever has none.
std::string UserName(uid_t uid);
std::string GroupName(gid_t gid);

// user[:group], ":group" too, as chown-socket takes it.
struct Owner {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};
Result<Owner> ResolveOwner(std::string_view text);

}  // namespace uwsgi::os
