// SPDX-License-Identifier: MIT
//
// A PROXY header of arbitrary bytes is read the same whole as byte by byte, within its bounds.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "protocol/proxy_header.h"

namespace uwsgi::protocol {
namespace {

using Status = ProxyHeader::Status;

void TestOne(std::string_view input) {
  const ProxyHeader whole = ParseProxyHeader(input);
  for (std::size_t size = 0; size < input.size(); ++size) {
    const ProxyHeader part = ParseProxyHeader(input.substr(0, size));
    if (part.status == Status::kNeedMore) continue;
    UWSGI_CHECK(part.status == whole.status);
    UWSGI_CHECK(part.status != Status::kDone || part.size == size);
    break;
  }
  if (whole.status != Status::kDone) return;
  UWSGI_CHECK(whole.size <= input.size());
  const int family = whole.client.ss_family;
  UWSGI_CHECK(family == AF_UNSPEC || family == AF_INET || family == AF_INET6);
}

}  // namespace
}  // namespace uwsgi::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  uwsgi::protocol::TestOne({static_cast<const char*>(static_cast<const void*>(data)), size});
  return 0;
}
