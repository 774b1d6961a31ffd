// SPDX-License-Identifier: MIT

#pragma once

#include <functional>

#include "compression/options.h"
#include "exchange/options.h"
#include "ipc/process_control.h"
#include "ipc/recycling_options.h"
#include "ipc/worker_context.h"
#include "log/options.h"
#include "net/options.h"
#include "static_files/options.h"
#include "static_files/static_files.h"
#include "tls/server_context.h"
#include "uwsgi/app_host.h"
#include "websocket/options.h"
#include "worker/options.h"

namespace uwsgi {

// What a worker is made from. Everything outlives it.
struct WorkerParts {
  const WorkerOptions& options;
  const RequestOptions& requests;
  const PeerOptions& peers;
  const CompressionOptions& compression;
  const WebSocketOptions& websockets;
  const RecyclingOptions& recycling;
  const LogOptions& log;
  const StaticOptions& static_files;
  const tls::ServerContexts& tls;
  const GenerationContext& generation;
  AppHost& host;
  // Ends the process at once with this status: a fast stop, when a thread is inside of the
  // application and can not be called back. Does not return.
  std::function<void(int status)> leave;
  // Gets to know how the application pauses accepting.
  ProcessControl& control;
};

// Serves requests in this process until it is told to stop. The applications are loaded
// and the calling thread, the process's first, has the interpreter. Returns the exit status.
//
// The master's word and SIGHUP finish what is in flight; SIGINT and SIGQUIT end at once. SIGTERM
// asks the master for a replacement, and finishes what is in flight once that one is ready; a
// second one does not wait for it. Without a master SIGTERM and the signal of --stop finish too.
// SIGUSR1 logs statistics and, where a master has the signal of --stop for itself, SIGUSR2 where
// each thread is. The master's death ends the worker. Signals that arrive after it is through
// are without effect: the caller ends the process soon.
int RunWorker(const WorkerParts& parts, const WorkerIdentity& identity);

}  // namespace uwsgi
