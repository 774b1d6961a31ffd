// SPDX-License-Identifier: MIT
//
// The protocol between the server and an application. WsgiGateway (wsgi/) is the one
// that production runs; tests use a fake without Python.

#pragma once

#include <string>
#include <string_view>

#include "uwsgi/request.h"
#include "uwsgi/response.h"
#include "uwsgi/websocket.h"

namespace uwsgi {

// One request and its response. Owned by the connection; a gateway uses it only inside
// Gateway::Handle, on the thread of that call.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;
  virtual RequestBody& body() = 0;
  virtual ResponseWriter& response() = 0;

  // What the request log shows beside the standard fields (uwsgi.set_logvar). Copies.
  virtual void SetLogVar(std::string_view name, std::string_view value) = 0;
  // Empty when it was never set. The view lives until the next SetLogVar.
  virtual std::string_view LogVar(std::string_view name) const = 0;
  // The id of the application that is about to serve this, for the request log and the
  // application's counters; -1 is none. Once.
  virtual void SetAppId(int app_id) = 0;
  // The request is logged whatever the log options say.
  virtual void ForceLog() = 0;
  // The application raised: counted in the worker's exceptions.
  virtual void CountException() = 0;

  // Answers the request with the handshake of a websocket, once and instead of a response. `key`
  // and `protocol` count instead of the request's where they are not empty. False if the request
  // asks for none, or has been answered; without another answer the client then gets to know why.
  virtual bool UpgradeToWebSocket(std::string_view key, std::string_view protocol) = 0;
  // Null without one.
  virtual WebSocket* websocket() = 0;

  // The client's socket, for uwsgi.connection_fd(). Stays the server's. What was
  // written before has gone out before, as far as the socket takes it, and so it is from now on.
  // With a websocket, which the server reads, a descriptor that is readable like the socket would
  // be: while there is a message, or the end of them.
  virtual int connection_fd() = 0;
  // False once the client has closed or reset the connection. Costs a system call.
  virtual bool IsConnected() const = 0;
  // Closes the connection to the client now; the application may go on.
  virtual void Disconnect() = 0;
};

// Runs applications. Handle may run in several threads at once, one exchange each.
//
// The *execution right* is the interpreter's lock (the GIL). The dispatcher passes it
// around together with the event loop, see docs/architecture.md.
class Gateway {
 public:
  virtual ~Gateway() = default;

  // Every request thread calls this before and after everything else. `core` is the one that it
  // serves, and `name` is the thread's, as in uWSGI: uWSGIWorker1Core0.
  virtual void AttachThread(int core, std::string_view name) = 0;
  virtual void DetachThread() = 0;

  // Takes and lets go the execution right. Both may be called only by attached threads, in turn.
  virtual void Acquire() = 0;
  virtual void Release() = 0;
  // True when Acquire and Release do nothing and Handle runs in parallel (free-threaded CPython).
  virtual bool is_parallel() const = 0;

  // Runs the application for one request. Called with the right held, returns with it held.
  // Whatever goes wrong in the application ends here: as a 500, or an aborted response.
  virtual void Handle(Exchange& exchange) noexcept = 0;

  // The stacks of all threads as whole lines, that of `core` first (-1: none in particular),
  // without taking the right, which a thread that hangs may have: a request exceeded its deadline,
  // or somebody asks where the process is. Any thread.
  virtual std::string DescribeStacks(int core) noexcept = 0;
};

}  // namespace uwsgi
