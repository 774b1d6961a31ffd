// SPDX-License-Identifier: MIT

#pragma once

#include <unistd.h>

#include <span>
#include <string>

#include "base/check.h"
#include "uwsgi/app_host.h"

namespace uwsgi {

// An application that does nothing and serves nobody.
class IdleAppHost : public AppHost {
 public:
  std::string Start() override { return ""; }
  bool LoadApps() override { return true; }
  void WritePlace(std::span<char>) const noexcept override {}
  void BeforeFork() override {}
  void AfterForkInParent() override {}
  void AfterForkInChild() override {}
  void RunPostForkHook() override {}
  void ReleaseMainThread() override {}
  void ReacquireMainThread() override {}
  void Shutdown() override {}
  Gateway& gateway() override {
    UWSGI_CHECK(false);
    ::_exit(1);
  }
};

}  // namespace uwsgi
