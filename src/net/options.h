// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "options/rows.h"

namespace uwsgi {

// Who may connect, and whose word counts.
struct PeerOptions {
  // Address ranges, as base/address_ranges.h reads them.
  std::vector<std::string> forwarded_allow_from;  // Empty: this machine.
  std::vector<std::string> uwsgi_allow_from;      // Empty: everybody.
  // Header names, as base/underscore_names.h reads them.
  std::vector<std::string> http_allow_underscore;
  bool enable_proxy_protocol = false;
  std::string proxy_protocol;  // accept or require; empty: as enable_proxy_protocol says.
};

namespace config {
OptionRows PeerRows();
}  // namespace config

}  // namespace uwsgi
