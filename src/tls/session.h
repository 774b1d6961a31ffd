// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/io_outcome.h"
#include "uwsgi/request.h"

struct ssl_ctx_st;
struct ssl_st;

namespace uwsgi::tls {

// TLS on one accepted, non-blocking socket. Reads and writes may come from two threads: a
// request's thread reads while its response is taken over by another.
class Session {
 public:
  // Takes `session`, which is bound to its socket.
  Session(ssl_st* session, bool export_certificate);
  ~Session();

  // Goes on until kOk. kWouldBlock: the socket must become readable, or writable if
  // `wants_write()`. kClosed: it failed, and `failure()` says why.
  IoStatus Handshake();
  bool wants_write() const { return wants_write_; }
  const std::string& failure() const { return failure_; }
  // The peer speaks HTTP without TLS.
  bool is_plain_http() const { return is_plain_http_; }
  // After the handshake: the kernel encrypts, so what is sent goes to the socket as it is.
  bool kernel_encrypts() const { return kernel_encrypts_; }

  // The context of the server name that the client asked for, or of the endpoint.
  const ssl_ctx_st* context() const;

  IoOutcome Read(std::span<char> into);
  // Bytes that the socket has given already: it may not become readable again for them.
  bool has_buffered() const;
  // Takes up to one record's worth. After kWouldBlock the same bytes must come again, in whatever
  // pieces, before any others.
  IoOutcome Write(std::string_view bytes);
  // Tells the peer that this was all, so that it can tell the end from a cut.
  void NotifyClose();

  // HTTPS_DN, SSL_CLIENT_* and their like, for environ. They live as long as the session.
  const std::vector<Var>& variables() const { return variables_; }

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };

  IoOutcome WriteRecord(std::string_view bytes);
  IoStatus StatusOf(int result);
  bool is_client_verified() const;
  void DescribeClient();
  void AddVariable(std::string_view key, std::string value);

  const std::unique_ptr<ssl_st, Free> session_;
  std::mutex mutex_;  // Guards session_ after the handshake.
  const bool export_certificate_;
  bool wants_write_ = false;
  bool is_plain_http_ = false;
  bool kernel_encrypts_ = false;
  // OpenSSL has encrypted a record of so many bytes that the socket did not take: it wants to be
  // asked for it again, and does not look at the bytes then.
  std::size_t pending_ = 0;
  std::size_t credit_ = 0;  // Bytes that went out, and come again.
  std::string failure_;
  std::vector<std::string> values_;
  std::vector<Var> variables_;  // Views of values_.
};

}  // namespace uwsgi::tls
