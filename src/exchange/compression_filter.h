// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "compression/compressor.h"
#include "exchange/response_filter.h"
#include "net/waiter.h"
#include "uwsgi/request.h"

namespace uwsgi {

// Compresses the bodies that Compressor chooses. Keeps the head until it knows how long the first
// piece becomes: a body that is here as a whole gets its length.
class CompressionFilter final : public ResponseFilter {
 public:
  // `waiter` outlives it.
  explicit CompressionFilter(Waiter& waiter) : waiter_(waiter) {}

  // Starts over. All outlive the response.
  void Attach(compression::Compressor& compressor, const Request& request, ResponseFilter& next);
  // The response is over: gives the encoder back.
  void Release();
  // Forgets memory beyond `capacity` bytes.
  void Reset(std::size_t capacity);

  Passed SendHead(ResponseHead& head, BodyPlan& plan) override;
  Passed SendBody(const BodyPieces& body, Rest rest) override;
  Passed SendFile(const FilePart& part, Rest rest) override;

 private:
  bool Encode(compression::Flush flush);
  // Sends what was encoded.
  Passed SendEncoded(Rest rest);

  Waiter& waiter_;
  compression::Compressor* compressor_ = nullptr;
  const Request* request_ = nullptr;
  ResponseFilter* next_ = nullptr;
  std::unique_ptr<compression::Encoder> encoder_;  // The compressor's; null: nothing is compressed.
  ResponseHead* head_ = nullptr;                   // Null once it was sent.
  BodyPlan plan_;
  std::string fields_;  // The head's.
  std::string plain_;
  std::string encoded_;
};

}  // namespace uwsgi
