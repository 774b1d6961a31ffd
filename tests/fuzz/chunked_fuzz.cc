// SPDX-License-Identifier: MIT
//
// A chunked body of arbitrary bytes decodes to the same whole, in pieces and in place. The first
// two bytes of the input set the sizes of the pieces and of the room for them.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "protocol/chunked.h"

namespace uwsgi::protocol {
namespace {

using State = ChunkedDecoder::State;

void TestOne(std::string_view input) {
  if (input.size() < 2) return;
  const auto in_size = static_cast<std::size_t>(static_cast<unsigned char>(input[0])) + 1;
  const auto out_size = static_cast<std::size_t>(static_cast<unsigned char>(input[1])) + 1;
  const std::string_view body = input.substr(2);

  std::string whole(body);
  ChunkedDecoder decoder;
  const auto at_once = decoder.Decode(whole, std::span(whole.data(), whole.size()));
  UWSGI_CHECK(at_once.produced <= at_once.consumed && at_once.consumed <= body.size());
  UWSGI_CHECK(at_once.state != State::kMore || at_once.consumed == body.size());
  whole.resize(at_once.produced);

  decoder.Reset();
  std::string decoded;
  std::string out(out_size, '\0');
  std::size_t consumed = 0;
  ChunkedDecoder::Step step;
  while (step.state == State::kMore && consumed < body.size()) {
    step = decoder.Decode(body.substr(consumed, in_size), out);
    UWSGI_CHECK(step.consumed > 0 || step.state != State::kMore);
    consumed += step.consumed;
    decoded.append(out, 0, step.produced);
  }
  UWSGI_CHECK(step.state == at_once.state);
  UWSGI_CHECK(consumed == at_once.consumed);
  UWSGI_CHECK(decoded == whole);
}

}  // namespace
}  // namespace uwsgi::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  uwsgi::protocol::TestOne({static_cast<const char*>(static_cast<const void*>(data)), size});
  return 0;
}
