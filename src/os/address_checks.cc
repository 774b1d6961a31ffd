// SPDX-License-Identifier: MIT

#include "os/address_checks.h"

#include <fmt/core.h>

#include <string>

#include "base/address.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

// "26575" or "127.0.0.1": a port or a host, most likely, but uWSGI makes a file of it.
Remark RemarkOnFileName(std::string_view value) {
  const bool is_number = value.find_first_not_of("0123456789.") == std::string_view::npos;
  if (!is_number && value != "localhost") return {};
  const bool is_port = value.find('.') == std::string_view::npos && is_number;
  return {Remark::Kind::kWarning,
          fmt::format("is a unix socket, a file of this name; {} is a TCP port",
                      is_port ? fmt::format(":{}", value) : fmt::format("{}:PORT", value))};
}

}  // namespace

Remark CheckAddress(std::string_view value) {
  if (value.find(',') != std::string_view::npos && value.find('/') == std::string_view::npos) {
    return Wrong("one address each, with a socket line for every one");
  }
  const Remark remark = RemarkOn(ParseAddress(value));
  return remark.kind == Remark::Kind::kFine ? RemarkOnFileName(value) : remark;
}

Remark CheckHttpAddress(std::string_view value) {
  const Result<std::string> address = AddressOfHttpUrl(value);
  return address ? CheckAddress(*address) : RemarkOn(address);
}

}  // namespace uwsgi::config
