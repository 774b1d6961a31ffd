// SPDX-License-Identifier: MIT

#include "zygote/load_watch.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "ipc/link.h"
#include "ipc/signals.h"

namespace uwsgi {
namespace {

// What the handler looks at. A child of the application has them too, but another pid.
std::atomic<const AppHost*> asked{nullptr};  // NOLINT(*-avoid-non-const-global-variables)
std::atomic<pid_t> asked_pid{0};             // NOLINT(*-avoid-non-const-global-variables)

void Answer(int /*signum*/) {
  const int saved = errno;
  const AppHost* const host = asked.load();
  if (host != nullptr && ::getpid() == asked_pid.load()) {
    ShortText place;
    host->WritePlace(place.bytes);
    Link::SendFromSignalHandler(kLinkFd, MessageKind::kLoadingAt, place.bytes);
  }
  errno = saved;
}

}  // namespace

LoadWatch::LoadWatch(const AppHost& host) {
  asked_pid = ::getpid();
  asked = &host;
  struct sigaction action {};
  action.sa_handler = Answer;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(kWhereSignal, &action, nullptr);
}

LoadWatch::~LoadWatch() {
  asked = nullptr;
  struct sigaction action {};
  ::sigaction(kWhereSignal, nullptr, &action);
  // The application may have set its own meanwhile.
  if (action.sa_handler == Answer) ::signal(kWhereSignal, SIG_DFL);
}

}  // namespace uwsgi
