// SPDX-License-Identifier: MIT

#include "os/accounts.h"

#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>

#include <charconv>

namespace uwsgi::os {
namespace {

std::optional<unsigned> ParseId(std::string_view text) {
  unsigned id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

Error NotFound(std::string_view kind, std::string_view name) {
  return {ErrorCode::kNotFound, fmt::format("{} {} not found.", kind, name)};
}

}  // namespace

Result<uid_t> ResolveUser(std::string_view user) {
  if (const auto id = ParseId(user)) return uid_t{*id};
  const passwd* entry = getpwnam(std::string(user).c_str());
  if (entry == nullptr) return NotFound("uid", user);
  return entry->pw_uid;
}

Result<gid_t> ResolveGroup(std::string_view group_name) {
  if (const auto id = ParseId(group_name)) return gid_t{*id};
  const group* entry = getgrnam(std::string(group_name).c_str());
  if (entry == nullptr) return NotFound("gid", group_name);
  return entry->gr_gid;
}

std::string UserName(uid_t uid) {
  const passwd* const user = ::getpwuid(uid);
  return user != nullptr ? user->pw_name : std::to_string(uid);
}

std::string GroupName(gid_t gid) {
  const group* const entry = ::getgrgid(gid);
  return entry != nullptr ? entry->gr_name : std::to_string(gid);
}

Result<Owner> ResolveOwner(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view user = text.substr(0, colon);
  const std::string_view group_name =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  Owner owner;
  if (!user.empty()) {
    const Result<uid_t> uid = ResolveUser(user);
    if (!uid) return uid.error();
    owner.uid = *uid;
  }
  if (!group_name.empty()) {
    const Result<gid_t> gid = ResolveGroup(group_name);
    if (!gid) return gid.error();
    owner.gid = *gid;
  }
  return owner;
}

}  // namespace uwsgi::os
