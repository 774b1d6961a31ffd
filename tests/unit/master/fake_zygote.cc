// SPDX-License-Identifier: MIT

#include "master/fake_zygote.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "support/idle_app_host.h"
#include "zygote/zygote.h"

namespace uwsgi {
namespace {

class Script {
 public:
  explicit Script(const std::string& text) {
    std::istringstream words(text);
    for (std::string word; words >> word;) words_.push_back(word);
  }
  bool Has(const std::string& name) const {
    for (const std::string& word : words_) {
      if (word == name || word.starts_with(name + "=")) return true;
    }
    return false;
  }
  int Number(const std::string& name) const {
    for (const std::string& word : words_) {
      if (word.starts_with(name + "=")) return std::stoi(word.substr(name.size() + 1));
    }
    return 0;
  }

 private:
  std::vector<std::string> words_;
};

class FakeAppHost final : public IdleAppHost {
 public:
  explicit FakeAppHost(Script script) : script_(std::move(script)) {}

  bool LoadApps() override {
    // An import that takes long, whatever signals arrive meanwhile.
    for (int left = script_.Number("load"); left > 0; left -= 10) ::usleep(10'000);
    if (!script_.Has("fail")) return true;
    if (script_.Number("fail") == 22) return false;
    ::_exit(script_.Number("fail"));
  }
  void WritePlace(std::span<char> into) const noexcept override {
    std::ranges::copy(std::string_view("/srv/fake.py, line 7 in <module>"), into.begin());
  }
  void BeforeFork() override {
    if (script_.Has("relay") && !std::exchange(relayed_, true)) ::raise(SIGHUP);
    if (script_.Has("forks") && ++forks_ > script_.Number("forks")) ::pause();
  }

 private:
  const Script script_;
  bool relayed_ = false;
  int forks_ = 0;
};

// Says how many processes have counted in the shared memory of that name.
void CountIn(const GenerationContext& context, const char* name) {
  const Region* const region = FindRegion(context, name);
  UWSGI_CHECK(region != nullptr);
  LogInfo("{} counted {}", name, ++*reinterpret_cast<std::atomic<int>*>(region->data()));
}

// Serves nothing until it is told to go or its master is gone.
int RunFakeWorker(const Script& script, const GenerationContext& context,
                  const WorkerIdentity& identity) {
  if (script.Has("crash-early")) ::abort();
  if (script.Has("counts")) {
    CountIn(context, "instance");
    CountIn(context, "generation");
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signum : {SIGHUP, SIGINT, SIGTERM, SIGUSR2}) sigaddset(&signals, signum);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const int signal_fd = ::signalfd(-1, &signals, SFD_CLOEXEC);

  context.scoreboard->process(identity.slot).state = WorkerState::kReady;
  (void)context.link->Send({.kind = MessageKind::kReady});
  if (script.Has("worker-exit")) return script.Number("worker-exit");

  while (true) {
    pollfd fds[3] = {
        {signal_fd, POLLIN, 0}, {context.lifeline_fd, POLLIN, 0}, {context.link->fd(), POLLIN, 0}};
    ::poll(fds, 3, -1);
    if (fds[1].revents != 0) return 0;
    if (fds[2].revents != 0) {
      const auto message = context.link->Receive();
      const bool is_told = message && message->kind == MessageKind::kRetire;
      if (is_told && !script.Has("ignore-signals")) return 0;
    }
    if (fds[0].revents == 0) continue;
    signalfd_siginfo info{};
    if (::read(signal_fd, &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGUSR2) {
      const Number reason{static_cast<std::int32_t>(RecycleReason::kMaxRequests)};
      (void)context.link->Send(Message::With(MessageKind::kRecycle, reason));
    } else if (!script.Has("ignore-signals")) {
      return 0;
    }
  }
}

// The test binary's own title stays.
os::ProcessTitle& NoTitle() {
  static os::ProcessTitle title;
  return title;
}

// Where the test finds it: what tells a zygote from a worker that has just been forked.
void NotePid() {
  if (const char* directory = ::getenv("MASTER_TEST")) {
    std::ofstream(std::string(directory) + "/zygotes", std::ios::app) << ::getpid() << '\n';
  }
}

Result<ZygoteParts> SetUp(const BootedGeneration& generation) {
  NotePid();
  const Script script(generation.texts.options);
  ZygoteParts parts;
  parts.control = std::make_unique<ProcessControl>(generation.context, 65535, NoTitle(), "");
  parts.host = std::make_unique<FakeAppHost>(script);
  parts.lazy_apps = script.Has("lazy");
  parts.worker_main = [&generation, script](const WorkerIdentity& identity) {
    return RunFakeWorker(script, generation.context, identity);
  };
  return parts;
}

}  // namespace

void BecomeFakeZygoteIfAsked() {
  if (TakeZygoteMark()) RunZygote(SetUp);
}

}  // namespace uwsgi
