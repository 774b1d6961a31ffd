// SPDX-License-Identifier: MIT

#include "os/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/unique_fd.h"
#include "os/exit_status.h"

namespace uwsgi::os {
namespace {

Result<void> SetLimit(decltype(RLIMIT_AS) resource, std::uint64_t value, const char* option) {
  rlimit limit{};
  getrlimit(resource, &limit);
  limit.rlim_cur = value;
  limit.rlim_max = std::max<rlim_t>(limit.rlim_max, value);
  if (setrlimit(resource, &limit) == 0) return {};
  return SystemError(fmt::format("cannot set {} to {}", option, value), errno);
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> MakeEnvironment(const std::vector<KeyValue>& added,
                                         const std::vector<std::string>& without) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const auto remove = [&environment](const std::string& name) {
    std::erase_if(environment,
                  [&](const std::string& entry) { return entry.starts_with(name + "="); });
  };
  for (const std::string& name : without) remove(name);
  for (const KeyValue& variable : added) {
    remove(variable.key);
    environment.push_back(variable.key + "=" + variable.value);
  }
  return environment;
}

// The parts of a Spawn that the child uses. It may not allocate: the fork may have caught
// another thread with the allocator's lock.
struct ChildPlan {
  const SpawnRequest& request;
  char** arguments;
  char** environment;
  sigset_t blocked;
  std::vector<int> copies;  // One for each mapping.
  pid_t parent;
  int error_pipe;
};

// Returns only when something failed; errno says what.
void RunChild(ChildPlan& plan) {
  if (plan.request.die_with_parent && !DieWithParent(plan.parent, SIGKILL)) return;
  if (plan.request.own_group) setpgid(0, 0);
  for (int signum = 1; signum < NSIG; ++signum) signal(signum, SIG_DFL);
  sigprocmask(SIG_SETMASK, &plan.blocked, nullptr);

  // First out of the way of every target, then to the targets: the numbers may overlap.
  int above = plan.error_pipe;
  for (const FdMapping& fd : plan.request.fds) above = std::max(above, fd.to);
  plan.error_pipe = fcntl(plan.error_pipe, F_DUPFD_CLOEXEC, above + 1);
  for (std::size_t i = 0; i < plan.copies.size(); ++i) {
    plan.copies[i] = fcntl(plan.request.fds[i].from, F_DUPFD_CLOEXEC, above + 1);
    if (plan.copies[i] < 0) return;
  }
  SetCloseOnExecFrom(STDERR_FILENO + 1);
  for (std::size_t i = 0; i < plan.copies.size(); ++i) {
    if (dup2(plan.copies[i], plan.request.fds[i].to) < 0) return;
  }
  execve(plan.request.program.c_str(), plan.arguments, plan.environment);
}

}  // namespace

Result<void> BecomeSubreaper() {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) == 0) return {};
  return SystemError("cannot become the reaper of orphaned processes", errno);
}

bool DieWithParent(pid_t parent, int signum) {
  prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signum), 0UL, 0UL, 0UL);
  return getppid() == parent;
}

Result<pid_t> Spawn(const SpawnRequest& request) {
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> environment = MakeEnvironment(request.environment, request.without);
  std::vector<char*> argv = Pointers(arguments);
  std::vector<char*> envp = Pointers(environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("cannot make a pipe", errno);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  ChildPlan plan{
      request,  argv.data(),    envp.data(), {}, std::vector<int>(request.fds.size(), -1),
      getpid(), write_end.get()};
  sigemptyset(&plan.blocked);
  for (const int signum : request.blocked) sigaddset(&plan.blocked, signum);

  // No handler of this process may run in the child before it has its own dispositions.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) {
    RunChild(plan);
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(plan.error_pipe, &error, sizeof(error));
    _exit(127);
  }
  const int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return SystemError("cannot fork", fork_error);

  // The end of the pipe closes at exec: end-of-file means success.
  write_end.reset();
  int error = 0;
  ssize_t size = 0;
  do {
    size = read(read_end.get(), &error, sizeof(error));
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return pid;
  static_cast<void>(WaitFor(pid));
  return SystemError("cannot run " + request.program, error);
}

Error Become(const std::string& program, std::vector<std::string> arguments,
             const std::vector<KeyValue>& environment, const std::vector<std::string>& without) {
  std::vector<std::string> variables = MakeEnvironment(environment, without);
  execve(program.c_str(), Pointers(arguments).data(), Pointers(variables).data());
  return SystemError("cannot run " + program, errno);
}

void SetCloseOnExecFrom(int first) {
  // The system call itself: C libraries before glibc 2.34 have no function for it, and headers of
  // that age no names. Its number is that of every architecture.
  constexpr long kCloseRange = 436;
  constexpr unsigned kCloseOnExec = 1U << 2;
  if (syscall(kCloseRange, static_cast<unsigned>(first), std::numeric_limits<unsigned>::max(),
              kCloseOnExec) == 0) {
    return;
  }
  // Kernels before 5.11.
  const long most = std::clamp(sysconf(_SC_OPEN_MAX), 256L, 65536L);
  for (int fd = first; fd < most; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void IgnoreWriteSignals() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

void OpenStandardFds() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one.
    [[maybe_unused]] const int opened = open("/dev/null", O_RDWR);
  }
}

Result<void> SetOpenFileLimit(std::uint64_t files) {
  return SetLimit(RLIMIT_NOFILE, files, "max-fd");
}

std::uint64_t OpenFileLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

void RaiseOpenFileLimit(std::uint64_t files) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= files) return;
  limit.rlim_cur = std::min<rlim_t>(files, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<void> SetAddressSpaceLimit(MebiBytes size) {
  return SetLimit(RLIMIT_AS, size.count << 20, "limit-as");
}

}  // namespace uwsgi::os
