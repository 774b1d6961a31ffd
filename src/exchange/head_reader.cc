// SPDX-License-Identifier: MIT

#include "exchange/head_reader.h"

#include <utility>

namespace uwsgi {

void HeadReader::Begin(const Listener& listener, const PeerAddress& peer, const tls::Session* tls) {
  tls_ = tls;
  listener_ = &listener;
  peer_ = &peer;
  wanted_ = kFirstRead;
  facts_ = {};
  refusal_ = 0;
  answer_wire_ = listener.wire;
  Restart();
}

HeadReader::Status HeadReader::Done(const Facts& facts) {
  facts_ = facts;
  return Status::kDone;
}

HeadReader::Status HeadReader::Refuse(int status, std::string reason) {
  refusal_ = status;
  reason_ = std::move(reason);
  return Status::kRefused;
}

}  // namespace uwsgi
