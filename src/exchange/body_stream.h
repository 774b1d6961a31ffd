// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/peer_socket.h"
#include "net/read_buffer.h"
#include "net/spool_file.h"
#include "net/waiter.h"
#include "protocol/chunked.h"
#include "uwsgi/request.h"

namespace uwsgi {

// How much of a body is kept where.
struct BodyLimits {
  std::uint64_t memory = 1 << 20;  // What is more goes to a file, or streams.
  std::uint64_t whole_above = 0;  // post-buffering: none streams, larger ones go to a file; 0: off.
  std::string spool_dir;
  SpoolRoom* room = nullptr;  // The worker's, for what goes to files without whole_above.
  // Somebody waits for a thread, and there is none. The worker's.
  const std::atomic<bool>* threads_wanted = nullptr;
  std::uint64_t post = 0;  // limit-post; 0: none.
  // Bytes a second, on average over the time beyond the timeout that was waited for them; 0: any. A
  // thread that has asked for a body waits only two seconds without counting.
  std::uint64_t min_rate = 0;
};

// One request's body: read by the event loop into memory and then into a file, so that no thread
// waits for a slow client. A large one streams: its rest is read straight from the socket by the
// request's thread, which is *lent* to the client. It gets one only while it is fast and threads
// are free; one that becomes slow keeps it no longer than nobody else needs it. Knows where the
// body ends, with or without chunks, and takes nothing beyond that end.
class BodyStream final : public RequestBody {
 public:
  BodyStream(Waiter& waiter, const BodyLimits& limits) : waiter_(waiter), limits_(limits) {}

  // `input` holds what came after the head; it and `socket` outlive the body. No length means
  // chunks. With `expects_continue` the client waits for a 100 before it sends. `timeout` is for
  // a peer that sends nothing.
  void Begin(PeerSocket& socket, ReadBuffer& input, std::optional<std::uint64_t> length,
             bool expects_continue, std::chrono::milliseconds timeout);

  // Forgets the body: its file, and its memory beyond `capacity` bytes.
  void Reset(std::size_t capacity);

  enum class Prefetched {
    kComplete,   // All of it is here.
    kMore,       // The socket has no more now.
    kStreaming,  // The rest is for the request's thread to read.
    kNoRoom,     // The client is slow, and what has come does not fit on the disk.
    kFailed,     // `failure()` says how.
  };
  // The client waits for a 100 before it sends any of the body.
  bool is_held_back() const { return expects_continue_ && leftover().empty(); }
  // Asks for it. Otherwise a body that is held back streams, and the first read asks.
  void SendContinue();
  // The response has begun: it is too late to ask.
  void NoteResponse();
  // The loop's part: reads what there is, without waiting. `lends`: a thread may be lent.
  Prefetched Prefetch(bool lends);
  ReadStatus failure() const { return failure_; }
  // For how long the request's thread has waited for the client by now, as far as a fast one may
  // make it wait. From any thread.
  std::int64_t time_lent_ns() const;
  // The request's time is over. False if its thread does not wait for the client just now.
  // Otherwise it stops waiting, and the client is late. From any other thread, while the request
  // runs.
  bool Recall();

  ReadOutcome Read(std::span<char> into) override;
  bool is_seekable() const override { return wire_done_ && !streamed_; }
  bool Seek(std::uint64_t offset) override;
  std::uint64_t position() const override { return position_; }
  std::uint64_t size() const override { return stored_; }

  // What came after the end of the body: the next request of this connection.
  std::string_view leftover() const;
  // Nothing of the body is left in the socket or in `input`.
  bool is_consumed() const { return wire_done_; }
  // Drops what is left of it if all of that is in `input`. False: more is to come.
  bool SkipRest();
  // Appends all that has come, as it came. False where it was decoded or lies in a file.
  bool AppendRaw(std::string& out) const;

 private:
  // Takes body bytes from `input` and then from the socket into `into`. kEnd when the body ended.
  IoOutcome TakeFromWire(std::span<char> into);
  IoOutcome TakeChunked(std::span<char> into);
  ReadOutcome ReadStored(std::span<char> into);
  // Keeps what the loop has read.
  void Store(std::string_view bytes);
  // False if there is no room in files: nothing has changed then.
  bool Spool(std::string_view bytes);
  bool OpenSpool();
  void CloseSpool();
  // Room for a file of so many bytes, and for the rest of the body if that is known to fit.
  bool Reserve(std::uint64_t size);
  // How much has to come before the client's speed tells something.
  std::uint64_t proof() const;
  // The rest is for the request's thread.
  Prefetched Lend();
  // The client's speed so far makes it worth a thread, or nothing else is possible.
  bool MayStream() const;
  // Waits for the client, aside, as long as the thread is lent to it.
  bool AwaitMore();
  std::int64_t waited_ns() const;
  void StartWaiting();
  void StopWaiting();
  // The peer is below the minimum rate.
  bool IsTooSlow() const;
  // How long a read may wait for the peer now.
  std::chrono::milliseconds Patience() const;
  std::chrono::nanoseconds TimeAllowed() const;
  ReadOutcome FailRead(ReadStatus status);

  Waiter& waiter_;  // These two outlive the body.
  const BodyLimits& limits_;
  ReadBuffer* input_ = nullptr;
  PeerSocket* socket_ = nullptr;
  std::chrono::milliseconds timeout_{0};
  bool chunked_ = false;
  bool expects_continue_ = false;
  bool wire_done_ = true;
  bool streamed_ = false;         // Some of it went straight to the application.
  std::uint64_t wire_left_ = 0;   // Not chunked: bytes still to come.
  std::uint64_t wire_taken_ = 0;  // Body bytes taken from the wire.
  // Any thread may look at these.
  std::atomic<std::int64_t> waits_since_ns_ = 0;  // CLOCK_MONOTONIC; 0: does not wait for the peer.
  std::atomic<std::int64_t> waited_ns_ = 0;       // Before that.
  std::atomic<std::int64_t> loan_ns_ = 0;         // The waits that a fast client may cause.
  std::atomic<bool> recalled_ = false;
  std::int64_t waited_before_loan_ns_ = 0;
  std::uint64_t taken_before_loan_ = 0;
  std::chrono::milliseconds grace_{0};  // So much of it does not count for the minimum rate.
  protocol::ChunkedDecoder decoder_;
  ReadBuffer chunks_;  // Raw bytes of a chunked body.

  std::string_view early_;      // The stored part, when it is just a view of `input`.
  SpoolFile spool_;             // The stored part otherwise,
  std::string memory_;          // and what follows it.
  std::uint64_t reserved_ = 0;  // Of the worker's room.
  bool is_full_ = false;        // No more goes to the file.
  bool has_begun_ = false;      // Some of it may have been taken out of `input`, or of the socket.
  std::uint64_t stored_ = 0;
  std::uint64_t position_ = 0;
  ReadStatus failure_ = ReadStatus::kOk;
};

}  // namespace uwsgi
