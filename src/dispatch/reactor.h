// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "dispatch/job.h"
#include "uwsgi/gateway.h"

namespace uwsgi {

// The event side of a worker, as the dispatcher sees it: where requests come from and
// where their responses go. ConnectionReactor is the real one.
//
// "Owner" below is the thread that owns the loop (see LoopBaton). None of these methods
// runs the application, and none needs the execution right.
class Reactor {
 public:
  virtual ~Reactor() = default;

  // Owner. The next exchange whose request is complete, or null. May accept a connection.
  virtual Exchange* TakeReady() = 0;
  // Owner. The next piece of work that is no request, or null.
  virtual std::unique_ptr<Job> TakeJob() = 0;
  // Owner. Runs what is ready on the loop; with `wait` until something is. True if anything
  // happened.
  virtual bool Poll(bool wait) = 0;
  // Owner. True once the worker was told to stop and nothing is left to do.
  virtual bool done() const = 0;

  // Owner. `core` will serve the exchange from here on.
  virtual void Begin(Exchange& exchange, int core) = 0;
  // The thread that served it, owner or not: the response is complete as far as the
  // application goes. Counts and logs it. Returns the microseconds since Begin.
  virtual std::int64_t Conclude(Exchange& exchange) = 0;
  // Owner, after Conclude: the connection goes on, drains or closes.
  virtual void Finish(Exchange& exchange) = 0;
  // Any thread, after Conclude: the same, by way of a queue.
  virtual void Return(Exchange& exchange) = 0;

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
};

}  // namespace uwsgi
