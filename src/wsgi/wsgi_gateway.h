// SPDX-License-Identifier: MIT
//
// PEP 3333 between an Exchange and the loaded applications.

#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "python/handle.h"
#include "python/thread_stacks.h"
#include "uwsgi/gateway.h"
#include "wsgi/app_table.h"
#include "wsgi/options.h"

namespace uwsgi::wsgi {

class RequestState;   // See request_state.h.
struct GatewayTypes;  // Likewise.

// Made and destroyed with the GIL held. Handle may run in `threads` threads at once,
// each with its own Request::core.
class WsgiGateway final : public Gateway {
 public:
  // `options` outlive the gateway.
  WsgiGateway(const AppOptions& options, int thread_count, int process_count);
  ~WsgiGateway() override;

  // Prepares the types and templates; Python's error is set on failure.
  bool Init();

  AppTable& apps() { return apps_; }
  // uwsgi.after_req_hook, looked up once: after the applications are loaded.
  void SetAfterRequestHook(python::Handle hook) { after_request_hook_ = std::move(hook); }
  // Whether Python runs without a GIL. An extension module that the applications import may
  // switch it on, hence: after they are loaded.
  void SetParallel(bool parallel) { is_parallel_ = parallel; }

  void AttachThread(int core, std::string_view name) override;
  void DetachThread() override;
  void Acquire() override;
  void Release() override;
  bool is_parallel() const override;
  void Handle(Exchange& exchange) noexcept override;
  std::string DescribeStacks(int core) noexcept override;

 private:
  // False with Python's error set when no response was begun.
  bool Run(const AppChoice& choice, RequestState& state, Exchange& exchange);
  python::Handle MakeEnviron(const AppChoice& choice, RequestState& state,
                             const Request& request) const;

  const AppOptions& options_;  // Outlives this.
  const int thread_count_;
  const int process_count_;
  bool is_parallel_ = false;
  AppTable apps_;
  python::Handle after_request_hook_;
  std::unique_ptr<GatewayTypes> types_;
  std::vector<std::unique_ptr<RequestState>> states_;  // By core.
  std::mutex threads_mutex_;
  std::vector<python::NamedThread> threads_;  // Attached ones; guarded.
};

}  // namespace uwsgi::wsgi
