// SPDX-License-Identifier: MIT
//
// One response while the application makes it: what start_response and write() do, and
// how body reaches the ResponseWriter.

#pragma once

#include <Python.h>

#include <pthread.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "protocol/response_head.h"
#include "uwsgi/gateway.h"

namespace uwsgi::wsgi {

// One per core, used for one request after the other. Needs the GIL.
class Response {
 public:
  explicit Response(std::size_t header_limit) : head_(header_limit) {}

  void Begin(Exchange& exchange);
  // From here on the application's start_response and write() raise.
  void End() { exchange_ = nullptr; }

  // start_response(status, headers, exc_info), by PEP 3333. `exc_info` may be null. False with
  // Python's error set when the application broke the rules; nothing of that call remains.
  bool Start(PyObject* status, PyObject* headers, PyObject* exc_info);
  // The callable that start_response returns. False with Python's error set.
  bool WriteFromApp(PyObject* data);

  // Sends pieces of body, after the head if that is still due. False with Python's error set when
  // start_response was not called. A peer that is gone is not an error: see is_over.
  bool Send(std::span<const std::string_view> pieces, bool last);
  // Sends from a regular file, likewise; the response then still needs its last Send.
  bool SendFile(int fd, std::uint64_t offset, std::uint64_t count);

  // Nothing more can or need be sent: the peer is gone, or the last piece went out.
  bool is_over() const { return over_; }
  // Whether `size` further bytes complete what Content-Length promises.
  bool Completes(std::size_t size) const;
  // A head that allows a body, for those that would compute one.
  bool wants_body() const;
  std::optional<std::uint64_t> content_length() const { return head_.head().content_length; }
  Exchange* exchange() const { return exchange_; }
  protocol::ResponseHeadBuilder& head() { return head_; }

 private:
  bool AddHeaders(PyObject* headers);
  bool SetStatus(PyObject* status);
  bool Ready();

  Exchange* exchange_ = nullptr;  // Null between requests.
  protocol::ResponseHeadBuilder head_;
  pthread_t thread_{};    // Runs the application.
  bool started_ = false;  // start_response has succeeded.
  bool head_set_ = false;
  bool over_ = false;
};

}  // namespace uwsgi::wsgi
