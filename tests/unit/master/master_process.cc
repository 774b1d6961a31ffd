// SPDX-License-Identifier: MIT

#include "master/master_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <utility>

#include "base/log.h"
#include "ipc/signals.h"
#include "master/listener_set.h"
#include "master/master.h"

namespace uwsgi {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

bool WaitFor(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::usleep(5'000);
  }
  return true;
}

MasterProcess::MasterProcess(const std::string& script,
                             const std::function<void(GenerationPlan&)>& adjust) {
  std::string name = std::filesystem::temp_directory_path() / "master_test.XXXXXX";
  directory_ = ::mkdtemp(name.data());
  mark_ = "MASTER_TEST=" + directory_;
  SetNextScript(script);
  GenerationPlan plan;
  plan.master.processes = 2;
  plan.listen.sockets = {socket_path()};
  plan.zygote.program = "/proc/self/exe";
  plan.zygote.arguments = {"master_test"};
  plan.texts.options = script;
  if (adjust) adjust(plan);
  FileHistory history;
  plan.touch = TouchFiles(plan.master, history);
  // As main does in its first line.
  BlockServerSignals();
  pid_ = ::fork();
  if (pid_ == 0) RunMaster(plan);
  UnblockServerSignals();
}

void MasterProcess::RunMaster(const GenerationPlan& plan) const {
  const int log_fd = ::open((directory_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log_fd, 2);
  ::setenv("MASTER_TEST", directory_.c_str(), 1);
  Master::Settings settings;
  FileHistory history;
  settings.read_plan = [this, plan, &history]() -> Result<GenerationPlan> {
    history.Look();
    GenerationPlan next = plan;
    next.touch = TouchFiles(plan.master, history);
    next.texts.options = ReadFile(directory_ + "/next");
    if (next.texts.options == "broken") return Error{ErrorCode::kInvalid, "site.ini:3: nonsense"};
    return next;
  };
  settings.on_reload = [](const os::ReloadProgress& progress) {
    LogInfo("reloads: {} begun, {} through{}", progress.begun, progress.through,
            progress.has_failed ? ", failed" : "");
  };
  ListenerSet listeners;
  int status = 0;
  {
    Master master(std::move(settings), listeners, plan);
    status = master.Run();
  }
  listeners.Close(true);
  ::_exit(status);
}

MasterProcess::~MasterProcess() {
  if (!is_reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const pid_t pid : Descendants()) ::kill(pid, SIGKILL);
  std::filesystem::remove_all(directory_);
}

void MasterProcess::SetNextScript(const std::string& script) {
  std::ofstream(directory_ + "/next") << script;
}

void MasterProcess::Signal(int signum) const { ::kill(pid_, signum); }

int MasterProcess::WaitForExit(std::chrono::milliseconds deadline) {
  int status = 0;
  is_reaped_ = WaitFor([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, deadline);
  if (!is_reaped_) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool MasterProcess::WaitForLog(const std::string& text, int times) const {
  return WaitFor([&] { return CountInLog(text) >= times; });
}

bool MasterProcess::WaitUntilNothingIsLeft() const {
  return WaitFor([&] { return Descendants().empty(); });
}

// By the environment: parents change when a master is killed.
std::vector<pid_t> MasterProcess::Descendants() const {
  std::vector<pid_t> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0 || pid == pid_) continue;
    const std::string environment = ReadFile(entry.path() / "environ");
    if (environment.find(mark_) != std::string::npos) pids.push_back(pid);
  }
  return pids;
}

std::string MasterProcess::log() const { return ReadFile(directory_ + "/log"); }

int MasterProcess::CountInLog(const std::string& text) const {
  const std::string all = log();
  int count = 0;
  for (std::size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) {
    ++count;
  }
  return count;
}

std::vector<pid_t> MasterProcess::worker_pids() const {
  static const std::regex line("pawned uWSGI worker \\d+ \\((?:new )?pid: (\\d+)");
  const std::string all = log();
  std::vector<pid_t> pids;
  for (std::sregex_iterator match(all.begin(), all.end(), line), end; match != end; ++match) {
    pids.push_back(std::stoi((*match)[1]));
  }
  return pids;
}

std::vector<pid_t> MasterProcess::zygote_pids() const {
  const std::vector<pid_t> alive = Descendants();
  std::vector<pid_t> zygotes;
  std::ifstream noted(directory_ + "/zygotes");
  for (pid_t pid = 0; noted >> pid;) {
    if (std::find(alive.begin(), alive.end(), pid) != alive.end()) zygotes.push_back(pid);
  }
  return zygotes;
}

}  // namespace uwsgi
