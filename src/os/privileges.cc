// SPDX-License-Identifier: MIT

#include "os/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/log.h"
#include "os/accounts.h"

namespace uwsgi::os {
namespace {

Error NotRoot(std::string_view call) {
  return {ErrorCode::kDenied, fmt::format("cannot {}() as non-root user", call)};
}

Result<void> SetGroups(const Identity& identity) {
  const gid_t gid = identity.gid.value_or(getegid());
  if (identity.init_groups && !identity.user_name.empty()) {
    if (initgroups(identity.user_name.c_str(), gid) != 0) {
      return SystemError("cannot set the groups of user " + identity.user_name, errno);
    }
  } else if (setgroups(1, &gid) != 0) {
    return SystemError("cannot drop the additional groups", errno);
  }
  if (identity.additional_gids.empty()) return {};

  const int count = getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(count < 0 ? 0 : count));
  if (getgroups(count, groups.data()) < 0) return SystemError("cannot read the groups", errno);
  for (const gid_t additional : identity.additional_gids) {
    const group* entry = getgrgid(additional);
    LogInfo("set additional group {} ({})", additional, entry == nullptr ? "-" : entry->gr_name);
    groups.push_back(additional);
  }
  if (setgroups(groups.size(), groups.data()) != 0) {
    return SystemError("cannot set the additional groups (add-gid)", errno);
  }
  return {};
}

}  // namespace

Result<Identity> ResolveIdentity(const ProcessOptions& options) {
  Identity identity;
  identity.init_groups = !options.no_initgroups;
  if (!options.gid.empty()) {
    const Result<gid_t> gid = ResolveGroup(options.gid);
    if (!gid) return gid.error();
    identity.gid = *gid;
  }
  for (const std::string& name : options.additional_gids) {
    const Result<gid_t> gid = ResolveGroup(name);
    if (!gid) return gid.error();
    identity.additional_gids.push_back(*gid);
  }
  if (!options.uid.empty()) {
    const Result<uid_t> uid = ResolveUser(options.uid);
    if (!uid) return uid.error();
    identity.uid = *uid;
    if (const passwd* entry = getpwuid(*uid)) identity.user_name = entry->pw_name;
  }
  return identity;
}

Result<void> DropPrivileges(const Identity& identity) {
  if (!identity.changes_anything() && identity.additional_gids.empty()) return {};
  if (geteuid() != 0) {
    if (identity.gid && *identity.gid != getegid()) return NotRoot("setgid");
    if (identity.uid && *identity.uid != geteuid()) return NotRoot("setuid");
    return {};
  }
  if (identity.gid) {
    LogInfo("setgid() to {}", *identity.gid);
    if (setgid(*identity.gid) != 0) return SystemError("cannot set the group (gid)", errno);
  }
  if (Result<void> groups = SetGroups(identity); !groups) return groups;
  if (identity.uid) {
    LogInfo("setuid() to {}", *identity.uid);
    if (setuid(*identity.uid) != 0) return SystemError("cannot set the user (uid)", errno);
  }
  return {};
}

}  // namespace uwsgi::os
