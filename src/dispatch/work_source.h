// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <memory>

#include "dispatch/job.h"
#include "uwsgi/gateway.h"

namespace uwsgi {

// A request that is complete, on its way through a request thread. "Owner" below is the thread that
// owns the loop (see LoopBaton). The steps are taken once each, in this order, and Gateway::Handle
// after the first; none of them runs the application.
class ReadyRequest {
 public:
  virtual Exchange& exchange() = 0;

  // Owner. `core` will serve it from here on.
  virtual void Start(int core) = 0;
  // The core's thread: the response is complete as far as the application goes. Counts and logs it.
  // Returns the microseconds since Start.
  virtual std::int64_t Conclude() = 0;
  // One of these two is the last. Owner: the connection goes on, drains or closes.
  virtual void Finish() = 0;
  // The core's thread, which has lost the loop: leaves Finish to the owner, who learns of it.
  virtual void Return() = 0;

 protected:
  ~ReadyRequest() = default;
};

// The loop of a worker, as the dispatcher sees it: where work comes from. None of these methods
// runs the application, and none needs the execution right.
class WorkSource {
 public:
  // Owner. The next request that is complete, or null. May accept a connection.
  virtual ReadyRequest* TakeReady() = 0;
  // Owner. The next piece of work that is no request, or null.
  virtual std::unique_ptr<Job> TakeJob() = 0;
  // Owner. Runs what is ready on the loop; with `wait` until something is. True if anything
  // happened.
  virtual bool Poll(bool wait) = 0;
  // Owner. True once the worker was told to stop and nothing is left to do.
  virtual bool done() const = 0;

 protected:
  ~WorkSource() = default;
};

}  // namespace uwsgi
