// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

namespace uwsgi {

class ResponseStream;

// The responses of which small pieces wait to be sent together with the next ones: an application
// that yields a row at a time costs a system call for many rows.
//
// PEP 3333 demands that transmission goes on while the application makes its next piece. So the
// loop's owner sends what is held at each of its turns, and the watchdog when there has been none
// for a few milliseconds. While the owner sleeps nothing may be held.
class HeldResponses {
 public:
  // The response's thread. False if nobody would come soon: it must be sent now.
  bool Add(ResponseStream& response);
  // The same. Afterwards nobody else uses the response on this account.
  void Remove(ResponseStream& response);

  // Any thread: sends what is held, without waiting.
  void Send();

  // The loop's owner, around a wait for events. Begin is true if something is held all the same,
  // because its thread was just writing: the wait must be short.
  bool BeginWait();
  void EndWait();

 private:
  void Forget(const ResponseStream& response);

  std::mutex mutex_;
  std::vector<ResponseStream*> responses_;  // Guarded.
  std::atomic<std::size_t> count_{0};       // Of responses_.
  std::atomic<bool> owner_waits_{false};
};

}  // namespace uwsgi
