// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "compression/compressor.h"
#include "exchange/body_stream.h"
#include "exchange/held_responses.h"
#include "net/peer_socket.h"
#include "net/send_queue.h"
#include "net/waiter.h"
#include "protocol/response_head.h"
#include "static_files/app_files.h"
#include "static_files/file_response.h"
#include "uwsgi/request.h"
#include "uwsgi/response.h"

namespace uwsgi {

// What the response has to know of its request.
struct ResponseContext {
  PeerSocket* socket = nullptr;  // The connection's.
  BodyStream* body = nullptr;    // The request's; begun before the application is called.
  Wire wire = Wire::kUwsgi;
  bool head_only = false;                // HEAD
  int minor_version = 0;                 // HTTP/1.1 clients understand chunks.
  bool may_keep_alive = false;           // The client wants it, and so does the server.
  std::chrono::milliseconds timeout{0};  // For a peer that takes nothing.
  const protocol::ExtraFields* extra_fields = nullptr;  // The worker's.
  const SpoolLimits* spool_limits = nullptr;            // The same.
  HeldResponses* held = nullptr;                        // The same.
  // The worker's; null: nothing is compressed.
  compression::Compressor* compressor = nullptr;
  const AppFiles* app_files = nullptr;  // Null: an application's X-Sendfile means nothing.
  const Request* request = nullptr;     // Looked at when the application answers.
};

// One response on its way to the client: frames it, sends what the socket takes and keeps
// the rest, which the application waits for or the event loop drains.
//
// Used by the request's thread; before and after by the loop's owner. TakeOver may be called by the
// loop's owner meanwhile, and SendHeld by anybody.
class ResponseStream final : public ResponseWriter {
 public:
  explicit ResponseStream(Waiter& waiter) : waiter_(waiter) {}

  void Begin(const ResponseContext& context);
  // Forgets the response: its file, and its memory beyond `capacity` bytes.
  void Reset(std::size_t capacity);

  void SetHead(const ResponseHead& head) override;
  WriteStatus Write(std::span<const std::string_view> pieces, bool last) override;
  WriteStatus WriteFile(int fd, std::uint64_t offset, std::uint64_t count) override;
  bool head_sent() const override { return stage_ == Head::kSent; }
  std::uint64_t body_bytes() const override { return body_bytes_; }
  void Abort() override;

  // The application is given the socket itself: what was written before goes out before.
  void HoldNothing();
  // Ends the response here: what was written goes out, then the client sees the end.
  void Disconnect();
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
  IoStatus Drain();
  bool is_drained() const { return queue_.empty(); }

  // From another thread, while the request runs: ends the response, with `code` if nothing was
  // sent, with a reset if it has begun. The request's thread finds its further writes refused.
  // False if that thread is just writing: it ends the response itself, soon.
  bool TakeOver(int code);
  // From another thread, while the response is among those held: sends what waits, as far as the
  // socket takes it now. True if it need not be held any longer, false if its own thread is just
  // writing.
  bool SendHeld();

  // The connection may serve another request once this is drained.
  bool keeps_alive() const { return keep_alive_ && !broken_ && !is_taken_over(); }
  // The client must see that the response is incomplete: the connection is to be reset.
  bool is_broken() const { return broken_ || cut_; }
  bool peer_is_gone() const { return status_ == WriteStatus::kClosed; }

  int code() const { return code_; }
  int field_count() const { return field_count_; }
  std::size_t head_bytes() const { return head_bytes_; }
  int write_count() const { return write_count_; }
  bool used_sendfile() const { return used_sendfile_; }

 private:
  enum class Head { kNone, kSet, kSent };
  enum class Framing { kLength, kChunked, kClose };

  // Serialises the request's thread with TakeOver and SendHeld. False once the response was taken
  // over.
  bool Enter();
  void Leave();

  bool is_taken_over() const { return gate_.load(std::memory_order_acquire) == kTakenOver; }

  WriteStatus WriteEntered(std::span<const std::string_view> pieces, bool last);
  WriteStatus WriteCompressed(std::span<const std::string_view> pieces, std::uint64_t count,
                              bool last);
  // Sends the first `count` bytes of `pieces` in the body's framing.
  WriteStatus WriteFramed(std::span<const std::string_view> pieces, std::uint64_t count, bool last);
  // Sends the file that the head names, if it does.
  bool SendNamedFile();
  // Takes the file of `response`.
  void QueueFileResponse(FileResponse& response);
  // Files can not be opened now.
  void SendUnavailable();
  WriteStatus WriteFileEntered(int fd, std::uint64_t offset, std::uint64_t count);
  // What every response on this connection has in common.
  protocol::ResponseFraming CommonFraming() const;
  // Decides whether the body is compressed. `total` as below.
  void BeginCompression(std::optional<std::uint64_t> total);
  void EndCompression();
  // Decides the framing and completes the head in the queue. `total` is the body's size if all of
  // it is here.
  void CompleteHead(std::optional<std::uint64_t> total);
  // The same for a body that has `length` bytes on the wire, if that is known. `is_whole`: the
  // application has no more to say, and so will not read.
  void AppendHead(std::optional<std::uint64_t> length, bool is_whole);
  // How many of `count` body bytes the framing still has room for.
  std::uint64_t Allowed(std::uint64_t count);
  // Lets the socket have `pieces` after what waits.
  WriteStatus Send(std::span<const std::string_view> pieces);
  // True if what waits may wait for more.
  bool Hold();
  void StopHolding();
  // An application that produces faster than its client takes waits here, once the file for
  // what is unsent is full.
  WriteStatus WaitForRoom();
  // Less body than its Content-Length promised.
  bool is_short() const {
    return declared_length_ && body_allowed_ && body_bytes_ < *declared_length_;
  }
  void WarnOfShortBody() const;
  void BeginChunk(std::uint64_t size);
  WriteStatus Fail(WriteStatus status);

  Waiter& waiter_;  // Outlives every response.
  ResponseContext context_;
  SendQueue queue_;

  Head stage_ = Head::kNone;
  ResponseHead head_;  // Its views are the gateway's, until it is sent.
  Framing framing_ = Framing::kClose;
  WriteStatus status_ = WriteStatus::kOk;
  std::optional<std::uint64_t> declared_length_;
  std::uint64_t body_bytes_ = 0;                   // As the application sees them.
  std::unique_ptr<compression::Encoder> encoder_;  // The compressor's, while it is used.
  std::string compressed_fields_;                  // Replaces head_.fields.
  std::string stripped_fields_;                    // The same.
  std::string plain_;
  std::string encoded_;
  bool body_allowed_ = true;
  bool ended_ = false;  // The last piece was written.
  bool keep_alive_ = false;
  bool broken_ = false;
  bool used_sendfile_ = false;
  bool overlong_ = false;

  int code_ = 500;
  int field_count_ = 0;
  int write_count_ = 0;
  std::size_t head_bytes_ = 0;

  enum Gate : int { kOpen, kInside, kSendingHeld, kTakenOver };
  std::atomic<int> gate_{kOpen};
  bool may_hold_ = false;
  bool is_held_ = false;  // Whoever passes the gate may look.
  bool cut_ = false;      // By TakeOver; looked at when that is over.
};

}  // namespace uwsgi
