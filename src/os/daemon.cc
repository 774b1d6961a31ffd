// SPDX-License-Identifier: MIT

#include "os/daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/log.h"
#include "os/exit_status.h"
#include "os/open_log.h"

namespace uwsgi::os {
namespace {

// On the pipe: one byte, the exit status, then the message, then the end of the file.
void WriteReport(int pipe, int exit_status, std::string_view message) {
  std::string report(1, static_cast<char>(exit_status));
  report += message;
  // Fits the pipe. A launcher that was interrupted is no loss.
  [[maybe_unused]] const ssize_t written = write(pipe, report.data(), report.size());
}

// The launcher: waits for the daemon's word. An interrupt ends the launcher alone, so it takes
// the signals that start-up may have blocked.
Daemonized AwaitReport(UniqueFd pipe, const std::string& log_file) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::string report;
  std::array<char, 512> buffer;
  for (;;) {
    const ssize_t size = read(pipe.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    report.append(buffer.data(), static_cast<std::size_t>(size));
  }
  Daemonized launcher;
  launcher.is_launcher = true;
  if (report.empty()) {
    launcher.exit_status = 1;
    LogError("the server ended during its start, see {}", log_file);
    return launcher;
  }
  launcher.exit_status = static_cast<unsigned char>(report[0]);
  if (report.size() > 1) LogError("{}", report.substr(1));
  return launcher;
}

void UseAsStandardFds(int input, int output) {
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
}

}  // namespace

void StartReport::Started() {
  if (pipe_.valid()) WriteReport(pipe_.get(), 0, "");
  pipe_.reset();
}

void StartReport::Failed(int exit_status, std::string_view message) {
  if (pipe_.valid()) WriteReport(pipe_.get(), exit_status, message);
  pipe_.reset();
}

Result<Daemonized> Daemonize(const std::string& log_file) {
  Result<UniqueFd> log = OpenLog(log_file);
  if (!log) return log.error();
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return SystemError("cannot open /dev/null", errno);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("cannot make a pipe", errno);
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);

  const pid_t intermediate = fork();
  if (intermediate < 0) return SystemError("cannot fork", errno);
  if (intermediate > 0) {
    write_end.reset();
    static_cast<void>(WaitFor(intermediate));  // The daemon says how it went.
    return AwaitReport(std::move(read_end), log_file);
  }
  // In the intermediate process, which leads the new session; its child never can get a
  // terminal again.
  read_end.reset();
  setsid();
  const pid_t daemon = fork();
  if (daemon < 0) WriteReport(write_end.get(), 1, SystemError("cannot fork", errno).message);
  if (daemon != 0) _exit(0);

  UseAsStandardFds(null.get(), log->get());
  Daemonized self;
  self.report = StartReport(std::move(write_end));
  return self;
}

Result<void> RedirectOutput(const std::string& log) {
  const Result<UniqueFd> opened = OpenLog(log);
  if (!opened) return opened.error();
  if (dup2(opened->get(), STDOUT_FILENO) < 0 || dup2(opened->get(), STDERR_FILENO) < 0) {
    return SystemError("cannot redirect the output to " + log, errno);
  }
  return {};
}

}  // namespace uwsgi::os
