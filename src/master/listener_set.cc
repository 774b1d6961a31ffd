// SPDX-License-Identifier: MIT

#include "master/listener_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/address.h"
#include "base/log.h"
#include "os/address.h"

namespace uwsgi {
namespace {

struct Wanted {
  std::string key;
  const std::string* address;
  Wire wire;
  int tls = -1;
  bool is_redirect = false;
};

// What stays the same socket over a reload: its address, whatever is spoken there. Where the kernel
// chooses the port, each protocol has a socket of its own.
std::string Key(const std::string& address, std::string_view protocol) {
  return address.ends_with(":0") ? fmt::format("{} {}", protocol, address) : address;
}

std::vector<Wanted> WantedBy(const ListenOptions& options, const TlsOptions& tls) {
  std::vector<Wanted> all;
  const auto add = [&](const std::vector<std::string>& addresses, Wire wire) {
    const char* const protocol = wire == Wire::kHttp ? "http" : "uwsgi";
    for (const std::string& address : addresses) {
      all.push_back({Key(address, protocol), &address, wire});
    }
  };
  add(options.sockets, options.protocol);
  add(options.uwsgi_sockets, Wire::kUwsgi);
  add(options.http, Wire::kHttp);
  for (const std::string& address : options.http_to_https) {
    all.push_back({Key(address, "http-to-https"), &address, Wire::kHttp, -1, true});
  }
  int number = 0;
  for (const TlsIdentity& endpoint : tls.endpoints) {
    all.push_back({Key(endpoint.name, "https"), &endpoint.name, Wire::kHttp, number++});
  }
  return all;
}

bool MayNeedPrivileges(const Wanted& wanted, const ListenOptions& options) {
  const auto address = ParseAddress(*wanted.address);
  return !options.chown.empty() || (address && address->is_tcp());
}

}  // namespace

void ListenerSet::Inherit() {
  for (os::BoundListener& bound : os::InheritedListeners()) {
    LogInfo("{}", bound.Describe(opened_++));
    std::string key = fmt::format("fd://{}", bound.inherited_as);
    entries_.push_back({std::move(key), std::move(bound), false});
  }
}

Result<std::vector<Listener>> ListenerSet::OpenFor(const ListenOptions& options,
                                                   const TlsOptions& tls, Phase phase) {
  std::vector<Listener> listeners;
  const std::vector<Wanted> all = WantedBy(options, tls);
  for (const Entry& entry : entries_) {
    if (entry.needs_name || std::ranges::find(all, entry.key, &Wanted::key) != all.end()) continue;
    listeners.push_back(entry.bound.listener);
    listeners.back().wire = options.protocol;
  }
  for (const Wanted& wanted : all) {
    if (phase == Phase::kBeforePrivileges && !MayNeedPrivileges(wanted, options)) continue;
    Entry* const same = Find(wanted.key) == nullptr ? FindSpeltOtherwise(*wanted.address) : nullptr;
    if (same != nullptr && std::ranges::find(all, same->key, &Wanted::key) == all.end()) {
      same->key = wanted.key;
      same->bound.listener.name = *wanted.address;
    }
    if (Find(wanted.key) == nullptr) {
      auto bound = os::OpenListener(*wanted.address, wanted.wire, options);
      if (!bound) return bound.error();
      bound->listener.tls = wanted.tls;
      bound->listener.is_redirect = wanted.is_redirect;
      LogInfo("{}", bound->Describe(opened_++));
      entries_.push_back({wanted.key, *std::move(bound)});
    }
    listeners.push_back(Find(wanted.key)->bound.listener);
    listeners.back().wire = wanted.wire;
    listeners.back().tls = wanted.tls;
    listeners.back().is_redirect = wanted.is_redirect;
  }
  return listeners;
}

void ListenerSet::Retain(const std::vector<Listener>& listeners, bool vacuum) {
  std::vector<Entry> kept;
  for (Entry& entry : entries_) {
    const int fd = entry.bound.listener.fd;
    const bool is_used = std::any_of(listeners.begin(), listeners.end(),
                                     [&](const Listener& each) { return each.fd == fd; });
    if (is_used || entry.bound.inherited_as >= 0) {
      kept.push_back(std::move(entry));
    } else if (vacuum && entry.bound.file) {
      os::VacuumUnixSocket(*entry.bound.file);
    }
  }
  entries_ = std::move(kept);
}

void ListenerSet::Close(bool vacuum) {
  for (Entry& entry : entries_) {
    if (vacuum && entry.bound.file) os::VacuumUnixSocket(*entry.bound.file);
  }
  entries_.clear();
}

ListenerSet::Entry* ListenerSet::FindSpeltOtherwise(const std::string& text) {
  const auto address = ParseAddress(text);
  if (!address || !address->is_tcp() || address->port == 0) return nullptr;
  const auto resolved = os::Resolve(*address);
  if (!resolved) return nullptr;
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.needs_name && os::IsBoundTo(entry.bound.listener.fd, *resolved);
  });
  return found == entries_.end() ? nullptr : &*found;
}

const ListenerSet::Entry* ListenerSet::Find(const std::string& key) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace uwsgi
