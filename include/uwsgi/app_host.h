// SPDX-License-Identifier: MIT
//
// The language runtime as the processes see it: starts the interpreter, loads the
// applications, and brackets every fork. wsgi/ implements it; a fake serves the tests.

#pragma once

#include <memory>
#include <span>
#include <string>

#include "uwsgi/gateway.h"

namespace uwsgi {

class AppHost {
 public:
  virtual ~AppHost() = default;

  // Starts the interpreter. An empty string, or what is wrong as one line.
  virtual std::string Start() = 0;
  // Imports the applications. Errors were logged with their traceback.
  // True when at least one application, or dynamic mode without need-app, can serve.
  virtual bool LoadApps() = 0;
  // Where the calling thread is meanwhile, in a signal handler: "/srv/app.py, line 3 in <module>",
  // without a NUL. Leaves `into` alone when nobody knows.
  virtual void WritePlace(std::span<char> into) const noexcept = 0;

  // The zygote calls these around the fork of a worker, on its one thread.
  virtual void BeforeFork() = 0;
  virtual void AfterForkInParent() = 0;
  virtual void AfterForkInChild() = 0;
  // In the worker, before it serves: the post-fork hook, after a lazy load too.
  virtual void RunPostForkHook() = 0;

  // Lets go of the interpreter so that request threads can take it; Gateway's calls follow.
  virtual void ReleaseMainThread() = 0;
  // Takes it back, on the same thread, after all request threads have gone or were given up.
  virtual void ReacquireMainThread() = 0;

  // The worker's exit: uwsgi.atexit, Python's atexit functions, finalisation.
  virtual void Shutdown() = 0;

  virtual Gateway& gateway() = 0;
};

}  // namespace uwsgi
