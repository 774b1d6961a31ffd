// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

#include "exchange/head_reader.h"
#include "exchange/wire_protocol.h"
#include "protocol/cgi_vars.h"

namespace uwsgi {

// The packet of variables that a web server sends. One request a connection, whose end the server
// tells by closing it.
class UwsgiHeadReader final : public HeadReader {
 public:
  using HeadReader::HeadReader;

  Status Read(std::string_view bytes, Request& request) override;

 private:
  void Restart() override {}
  // What came is no packet for an application: as soon as its header tells.
  Status RefuseForeign(std::string_view bytes, int modifier1);
  protocol::CgiDefaults Defaults() const;
};

class UwsgiWire final : public WireProtocol {
 public:
  UwsgiWire();

  std::unique_ptr<HeadReader> MakeHeadReader(const HeadReader::Context& context) const override;
  std::unique_ptr<FramingFilter> MakeFraming() const override;
};

}  // namespace uwsgi
