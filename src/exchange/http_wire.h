// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

#include "exchange/head_reader.h"
#include "exchange/wire_protocol.h"
#include "protocol/cgi_vars.h"
#include "protocol/http_request.h"

namespace uwsgi {

// The head of HTTP/1.0 and HTTP/1.1, from a client or from a proxy before it.
class HttpHeadReader final : public HeadReader {
 public:
  using HeadReader::HeadReader;

  Status Read(std::string_view bytes, Request& request) override;

 private:
  void Restart() override;
  protocol::CgiDefaults Defaults() const;

  protocol::HttpHeadParser parser_;
};

class HttpWire final : public WireProtocol {
 public:
  HttpWire();

  std::unique_ptr<HeadReader> MakeHeadReader(const HeadReader::Context& context) const override;
  std::unique_ptr<FramingFilter> MakeFraming() const override;
};

}  // namespace uwsgi
