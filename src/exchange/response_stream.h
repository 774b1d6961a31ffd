// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "compression/compressor.h"
#include "exchange/body_stream.h"
#include "exchange/compression_filter.h"
#include "exchange/file_filter.h"
#include "exchange/framing_filter.h"
#include "exchange/held_responses.h"
#include "exchange/length_filter.h"
#include "exchange/response_filter.h"
#include "exchange/response_output.h"
#include "exchange/wire_protocol.h"
#include "net/peer_socket.h"
#include "static_files/app_files.h"
#include "static_files/file_response.h"
#include "uwsgi/response.h"

namespace uwsgi {

// What the response has to know of its request.
struct ResponseContext {
  PeerSocket* socket = nullptr;  // The connection's.
  BodyStream* body = nullptr;    // The request's; begun before the application is called.
  const WireProtocol* wire = nullptr;
  bool head_only = false;                // HEAD
  int minor_version = 0;                 // HTTP/1.1 clients understand chunks.
  bool may_keep_alive = false;           // The client wants it, and so does the server.
  std::chrono::milliseconds timeout{0};  // For a peer that takes nothing.
  const protocol::ExtraFields* extra_fields = nullptr;  // These three are the worker's.
  const SpoolLimits* spool_limits = nullptr;
  HeldResponses* held = nullptr;
  // The worker's; null: nothing is compressed.
  compression::Compressor* compressor = nullptr;
  const AppFiles* app_files = nullptr;  // Null: an application's X-Sendfile means nothing.
  const Request* request = nullptr;     // Looked at when the application answers.
};

// One response on its way to the client: takes it from the application and hands it to the first of
// its filters (see ResponseFilter), and ends it where the application does not.
//
// Used by the request's thread; before and after by the loop's owner. TakeOver may be called by the
// loop's owner meanwhile.
class ResponseStream final : public ResponseWriter {
 public:
  explicit ResponseStream(Waiter& waiter) : output_(waiter), compression_(waiter) {}

  void Begin(const ResponseContext& context);
  // Forgets the response: its file, and its memory beyond `capacity` bytes.
  void Reset(std::size_t capacity);

  void SetHead(const ResponseHead& head) override;
  WriteStatus Write(std::span<const std::string_view> pieces, bool last) override;
  WriteStatus WriteFile(int fd, std::uint64_t offset, std::uint64_t count) override;
  bool head_sent() const override { return framing_->head_sent(); }
  std::uint64_t body_bytes() const override { return length_.body_bytes(); }
  void Abort() override;

  // The application is given the socket itself: what was written before goes out before.
  void HoldNothing();
  // Ends the response here: what was written goes out, then the client sees the end.
  void Disconnect();
  // The protocol is another one from here on: the head that says so, with these whole lines, which
  // the caller sends. Nothing if the response has begun already.
  std::optional<std::string> SwitchProtocols(std::string_view fields);
  // What was sent by that protocol.
  void CountSwitched(std::uint64_t bytes, int messages);
  // How Abort answers unless the response has begun. `fields` are whole header lines.
  void SetAbortAnswer(int code, std::string_view fields);
  // The whole response at once, without ever waiting; for the loop's owner.
  void SendFileResponse(FileResponse response);
  // Answers with bytes that are no HTTP.
  void SendRaw(std::string_view bytes);
  // Answers with a response of the server's own instead of the application's.
  // `more_fields` are whole header lines.
  void SendError(int code, std::string_view more_fields = {});
  // The application is done. Whatever it left incomplete is completed or cut.
  void End();
  // Sends what waits, without waiting. kWouldBlock: more is left; kClosed: the peer is gone.
  IoStatus Drain() { return output_.Drain(); }
  bool is_drained() const { return output_.is_drained(); }

  // From another thread, while the request runs: ends the response, with `code` if nothing was
  // sent, with a reset if it has begun. The request's thread finds its further writes refused.
  // False if that thread is just writing: it ends the response itself, soon.
  bool TakeOver(int code);

  // The connection may serve another request once this is drained.
  bool keeps_alive() const {
    return framing_->keeps_alive() && !closes_ && !output_.is_broken() &&
           !output_.gate().is_closed();
  }
  // The client must see that the response is incomplete: the connection is to be reset.
  bool is_broken() const { return output_.is_broken() || is_cut_; }
  bool peer_is_gone() const { return output_.status() == WriteStatus::kClosed; }

  int code() const { return code_; }
  int field_count() const { return field_count_; }
  std::size_t head_bytes() const { return framing_->head_bytes(); }
  int write_count() const { return write_count_; }
  bool used_sendfile() const { return output_.used_file(); }

 private:
  enum class Stage {
    kNone,
    kHead,   // The application has given a head.
    kBegun,  // The filters have it.
  };

  // The request's thread, before and after it uses anything. False once the response was taken
  // over.
  bool Enter() { return output_.gate().Enter(); }
  void Leave();

  FramingFilter& FramingOf(const WireProtocol& wire);
  WriteStatus WriteEntered(std::span<const std::string_view> pieces, bool last);
  WriteStatus WriteFileEntered(int fd, std::uint64_t offset, std::uint64_t count);
  // Gives the head to the filters.
  Passed SendHead(BodyPlan::Kind kind, std::optional<std::uint64_t> whole);
  // Does what the outcome of a step demands.
  WriteStatus Settle(Passed passed);
  // Files can not be opened now.
  void SendUnavailable() { SendError(503, "Retry-After: 1\r\n"); }

  PeerSocket* socket_ = nullptr;  // These two are the context's.
  BodyStream* body_ = nullptr;
  ResponseOutput output_;
  // By wire, each made for the first response on it.
  std::array<std::unique_ptr<FramingFilter>, kWireCount> framings_;
  FramingFilter* framing_ = nullptr;  // Of these.
  CompressionFilter compression_;
  LengthFilter length_;
  FileFilter file_;
  ResponseFilter* first_ = nullptr;

  Stage stage_ = Stage::kNone;
  ResponseHead head_;         // Its views are the gateway's, until it is sent.
  bool ended_ = false;        // Nothing of the application's follows.
  bool closes_ = false;       // Whatever the framing allows.
  bool is_switched_ = false;  // SwitchProtocols
  int abort_code_ = 0;        // 0: as the request's body demands.
  std::string abort_fields_;
  bool is_cut_ = false;  // By TakeOver; looked at when that is over.

  int code_ = 500;
  int field_count_ = 0;
  int write_count_ = 0;
};

}  // namespace uwsgi
