// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <span>

namespace uwsgi {

// The loop of a worker, as the watchdog sees it: what must go on while every request thread is
// away. "Owner" is the thread that owns the loop (see LoopBaton). None of these methods runs the
// application, and none needs the execution right.
class Caretaker {
 public:
  // Pieces of responses that wait for more, see HeldResponses. `wake` is called when the first
  // does, by any thread, and set before any other call. Any thread: sends them; whether there are
  // any.
  virtual void OnFirstHeld(std::function<void()> wake) = 0;
  virtual void SendHeld() = 0;
  virtual bool holds() const = 0;
  // Any thread: the request that runs blocks, or takes long.
  virtual void NoteStuck() = 0;

  // Owner, instead of Poll, while every request thread is away: runs what is ready. `is_stuck`: the
  // lead will not be back soon, so new connections are accepted, what needs no application is
  // answered, and the other requests are passed on to whichever worker is free first; otherwise it
  // is merely short of processor time.
  virtual void TakeCare(bool is_stuck) = 0;
  // Becomes readable when TakeCare has something to do, or after `care_timeout` milliseconds
  // (-1: none); both are for the owner to ask, and so are the descriptors at which new connections
  // wait: none where none is to be accepted.
  virtual int care_fd() const = 0;
  virtual int care_timeout() const = 0;
  virtual std::span<const int> listening_fds() const = 0;

 protected:
  ~Caretaker() = default;
};

}  // namespace uwsgi
