// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "master/generation_plan.h"

namespace uwsgi {

// A master in a process of its own, with its log in a file. Every wait has a deadline, after
// which it gives up and returns what it has.
class MasterProcess {
 public:
  // `script` is for the fake zygote.
  explicit MasterProcess(const std::string& script,
                         const std::function<void(GenerationPlan&)>& adjust = {});
  // Kills what is left of it.
  ~MasterProcess();
  MasterProcess(const MasterProcess&) = delete;
  MasterProcess& operator=(const MasterProcess&) = delete;

  // What the next reload reads. "broken" is a configuration that can not be read.
  void SetNextScript(const std::string& script);

  void Signal(int signum) const;
  // The master's exit status; -1 if it still runs after the deadline, -signal if one killed it.
  int WaitForExit(std::chrono::milliseconds deadline = std::chrono::seconds(20));
  // Whether the log has the text, at least `times`.
  bool WaitForLog(const std::string& text, int times = 1) const;
  // Waits until the server is ready.
  bool WaitUntilReady() const { return WaitForLog("ready in "); }
  // Whether no process is left that this server has started.
  bool WaitUntilNothingIsLeft() const;

  std::string log() const;
  int CountInLog(const std::string& text) const;
  // Every worker pid that the log tells of, in order.
  std::vector<pid_t> worker_pids() const;
  // The zygotes that live and have begun to set up, in order.
  std::vector<pid_t> zygote_pids() const;
  pid_t pid() const { return pid_; }
  std::string socket_path() const { return directory_ + "/socket"; }
  std::string touch_path() const { return directory_ + "/touch"; }

 private:
  [[noreturn]] void RunMaster(const GenerationPlan& plan) const;
  std::vector<pid_t> Descendants() const;

  std::string directory_;
  std::string mark_;  // In the environment of every process of this server.
  pid_t pid_ = 0;
  bool is_reaped_ = false;
};

// Polls until `condition` holds; false after the deadline.
bool WaitFor(const std::function<bool()>& condition,
             std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace uwsgi
