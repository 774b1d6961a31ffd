// SPDX-License-Identifier: MIT

#pragma once

#include "uwsgi/gateway.h"

namespace uwsgi {

// A piece of the application's work that is no request: the handler of a signal, a timer.
class Job {
 public:
  virtual ~Job() = default;

  // On a request thread, with the execution right held; returns with it held. May let it go
  // meanwhile by `gateway`: then others serve. Whatever goes wrong in the application ends here.
  // The job is destroyed after it, with the right held.
  virtual void Run(Gateway& gateway) noexcept = 0;
};

}  // namespace uwsgi
