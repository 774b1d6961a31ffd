# SPDX-License-Identifier: MIT
"""One server process under test: started, watched, asked and stopped."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import AbstractSet, Any, Callable, Mapping, Sequence

import http_client
import processes
import uwsgi_client
import wire
from waiting import patience, wait_until

APPS = Path(__file__).parent / "apps"
MARKER = "SERVER_UNDER_TEST"

_SOCKET_OPTIONS = {"socket", "uwsgi_socket", "http", "http_socket", "http11_socket"}
_BOUND = re.compile(
    r"bound (?:to )?(?:TCP address |UNIX address |address |on )?(\S*[:/@]\S*)", re.IGNORECASE
)
_WORKER = re.compile(
    r"spawned uWSGI worker (\d+) (?:\(and the only\) )?\((?:new )?pid: (\d+)", re.I
)
_SANITIZER = re.compile(r"(Address|Leak|Thread|Memory|UndefinedBehavior)Sanitizer|runtime error:")

# Becomes a program that inherits sockets, by the protocol of sd_listen_fds(3).
_ACTIVATE = """
import fcntl, os, sys
fds = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[1].split(",")]
for number, fd in enumerate(fds):
    os.dup2(fd, 3 + number)
    os.close(fd)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)))
os.execv(sys.argv[2], sys.argv[2:])
"""

# What real uWSGI must be told to do what this server does by default.
_UWSGI_DEFAULTS = {
    "master": "true",
    "need-app": "true",
    "vacuum": "true",
    "die-on-term": "true",
    "enable-threads": "true",
    "buffer-size": "65535",
}


class Binary:
    """The server that is tested, or the real uWSGI that it is compared with."""

    def __init__(self, path: Path, debugger: Sequence[str] = ()) -> None:
        """Ask the executable for its version."""
        self.path = path
        self.debugger = list(debugger)
        printed = subprocess.run([str(path), "--version"], capture_output=True, text=True)
        self.version = printed.stdout.strip()
        self.is_oracle = self.version.startswith("2.")
        # A script of Python's, as pip installs it.
        self.is_wheel = not self.is_oracle and path.read_bytes()[:2] == b"#!"

    def command(self, *args: str) -> list[str]:
        """Return the command line for `args`."""
        return [*self.debugger, str(self.path), *args]

    def run(self, *args: str, **kwargs: Any) -> subprocess.CompletedProcess[str]:
        """Run a command that ends by itself."""
        kwargs.setdefault("timeout", 30 * patience())
        kwargs.setdefault("env", clean_environment({}))
        kwargs.setdefault("start_new_session", True)
        return subprocess.run(self.command(*args), capture_output=True, text=True, **kwargs)


def lines_of(app: str, *codes: str) -> str:
    """Return a pattern of the numbers of the lines of an application that have one of `codes`."""
    lines = (APPS / app / "app.py").read_text().splitlines()
    numbers = [number for number, line in enumerate(lines, 1) if any(c in line for c in codes)]
    return f"({'|'.join(map(str, numbers))})"


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without options in it, plus `extra`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("UWSGI_", "PYTEST_"))}
    return {**kept, MARKER: "1", **extra}


def ini_lines(options: Mapping[str, Any]) -> list[str]:
    """Return keyword options as ini lines; a list repeats its option."""
    lines = []
    for name, value in options.items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            text = str(item).lower() if isinstance(item, bool) else item
            lines.append(f"{name.replace('_', '-')} = {text}")
    return lines


class ServerProcess:
    """A started server. Everything that it writes is in `log`."""

    def __init__(self, binary: Binary, directory: Path, name: str = "server") -> None:
        """Prepare; nothing runs before `start`."""
        self.binary = binary
        self.directory = directory
        self.name = name
        self.log_path = directory / f"{name}.log"
        self.expected_status: int | None = 0
        self.processes = 1
        self.process: subprocess.Popen[bytes] | None = None
        self.daemonized = False
        self.output: int | None = None  # A descriptor in place of the log's file.
        self.settled_files: dict[int, list[str]] = {}
        self.files_may_grow = False
        self._addresses: list[wire.Address] = []
        self._announced: list[re.Pattern[str]] = []
        self._wire = "uwsgi"

    # Starting

    def listen_on_free_port(self, option: str = "socket") -> str:
        """Choose a TCP port for `launch`, whose arguments the server is not told otherwise."""
        self._addresses = [wire.free_port()]
        self._wire = "http" if option.startswith("http") else "uwsgi"
        return self.address_text

    def start(
        self,
        app: str | None = None,
        *,
        args: Sequence[str] = (),
        ini: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        ready: bool = True,
        sockets: Sequence[socket.socket] = (),
        stdin: socket.socket | None = None,
        terminal: int | None = None,
        **options: Any,
    ) -> ServerProcess:
        """Start with options as keywords, an ini text, arguments, or all three.

        `app` names a folder of apps/. Without any socket option a unix socket is made. `sockets`
        listen already, and are handed over as a service manager does it, or as `stdin`. Of a
        `terminal` that is given, the server is the foreground.
        """
        lines = self._option_lines(app, ini, list(args), options)
        command = list(args)
        if lines:
            path = self.directory / f"{self.name}.ini"
            path.write_text("\n".join(["[uwsgi]", *lines, ""]), encoding="utf-8")
            command = ["--ini", str(path), *command]
        started = self.binary.command(*command)
        if sockets:
            fds = [one.fileno() for one in sockets]
            started = [sys.executable, "-c", _ACTIVATE, ",".join(map(str, fds)), *started]
        if terminal is not None:
            started = ["setsid", "--ctty", *started]
        for one in [*sockets, *([stdin] if stdin else [])]:
            self._addresses.insert(0, one.getsockname())
        self._launch(started, clean_environment(env or {}), cwd, stdin or terminal, sockets)
        if ready:
            self.wait_ready()
        return self

    def launch(
        self,
        *args: str,
        cwd: Path | None = None,
        processes: int = 1,
        stdin: int | None = None,
        preexec_fn: Callable[[], object] | None = None,
    ) -> ServerProcess:
        """Start with exactly these arguments; `preexec_fn` runs in the process before."""
        self.processes = processes
        command = self.binary.command(*args)
        self._launch(command, clean_environment({}), cwd, stdin, preexec_fn=preexec_fn)
        return self

    def _option_lines(
        self, app: str | None, ini: str | None, args: list[str], options: dict[str, Any]
    ) -> list[str]:
        if app is not None:
            options = {"wsgi_file": APPS / app / "app.py", **options}
        self.processes = int(options.get("processes", options.get("workers", 1)))
        named = _SOCKET_OPTIONS & options.keys() or ini or any("socket" in a for a in args)
        named = named or any(name.startswith("https") for name in options)
        if not named and not any(a.startswith("--http") for a in args):
            options["socket"] = self.directory / f"{self.name}.sock"
        for name in sorted(_SOCKET_OPTIONS & options.keys()):
            values = options[name] if isinstance(options[name], list) else [options[name]]
            for value in map(str, values):
                if not value.endswith(":0"):
                    self._addresses.append(wire.parse_address(value))
            if name.startswith("http"):
                self._wire = "http"
        if options.get("protocol") == "http":
            self._wire = "http"
        self.daemonized = "daemonize" in options
        if self.daemonized:
            self.log_path = Path(options["daemonize"])
        lines = ini_lines(options)
        if ini is not None:
            lines += [line for line in ini.splitlines() if line.strip() != "[uwsgi]"]
        if self.binary.is_oracle and lines:
            given = {line.partition("=")[0].strip() for line in lines}
            lines = [f"{k} = {v}" for k, v in _UWSGI_DEFAULTS.items() if k not in given] + lines
        return lines

    def _launch(
        self,
        command: list[str],
        env: dict[str, str],
        cwd: Path | None,
        stdin: socket.socket | int | None = None,
        sockets: Sequence[socket.socket] = (),
        preexec_fn: Callable[[], object] | None = None,
    ) -> None:
        with open(self.directory / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=log if self.output is None else self.output,
                stderr=log if self.output is None else self.output,
                env=env,
                cwd=cwd or self.directory,
                pass_fds=[one.fileno() for one in sockets],
                preexec_fn=preexec_fn,
            )

    def wait_ready(self, timeout: float = 20.0) -> None:
        """Return when every worker has been announced and the sockets answer."""

        def is_ready() -> bool:
            if not self.daemonized and not self.is_running():
                raise AssertionError(f"the server ended before it was ready:\n{self.log}")
            done = (
                r"^\*\*\* Operational MODE"
                if self.binary.is_oracle
                else r"ready in \d+ ms|and the only\)"
            )
            return len(self.workers()) >= self.processes and bool(self.log_lines(done))

        wait_until(is_ready, f"{self.processes} workers of {self.name}", timeout)
        if self.binary.is_oracle:  # Signals before this are lost.
            wait_until(lambda: processes.catches(self.pid, signal.SIGHUP), "signal handlers")
        if "(and the only)" not in self.log:  # That line comes before the loop is made.
            self.settled_files = {pid: processes.open_files(pid) for pid in self.workers().values()}

    # Watching

    @property
    def log(self) -> str:
        """Return all that the server has logged so far."""
        try:
            return self.log_path.read_text(encoding="utf-8", errors="backslashreplace")
        except FileNotFoundError:
            return ""

    def log_lines(self, pattern: str) -> list[str]:
        """Return the log's lines in which `pattern` is found."""
        return [line for line in self.log.splitlines() if re.search(pattern, line)]

    def wait_log(self, pattern: str, count: int = 1, timeout: float = 10.0) -> list[str]:
        """Wait until `count` lines match, and return them."""

        def enough() -> list[str]:
            lines = self.log_lines(pattern)
            return lines if len(lines) >= count else []

        return wait_until(enough, f"{count} log line(s) like {pattern!r}", timeout)

    @property
    def pid(self) -> int:
        """Return the pid of the service: the master's, or the only process's."""
        if self.daemonized or self.binary.debugger:
            found = self.log_lines(r"spawned uWSGI master process \(pid: \d+\)")
            assert found, f"no master in the log:\n{self.log}"
            return int(re.findall(r"pid: (\d+)", found[-1])[0])
        assert self.process is not None
        return self.process.pid

    def workers(self) -> dict[int, int]:
        """Return the pid of each living worker, by worker id."""
        named = [(int(wid), int(pid)) for wid, pid in _WORKER.findall(self.log)]
        return {wid: pid for wid, pid in named if processes.alive(pid)}

    def wait_replaced(self, before: Mapping[int, int], timeout: float = 20.0) -> None:
        """Wait until every worker of `before` has gone and all places are taken again."""

        def replaced() -> bool:
            gone = not any(processes.alive(pid) for pid in before.values())
            return gone and len(self.workers()) == self.processes

        wait_until(replaced, f"other workers than {before}", timeout)
        self.settled_files = {}

    def addresses(self) -> list[wire.Address]:
        """Return where the server listens, from the options or from the log."""
        if self._addresses:
            return self._addresses
        found = [wire.parse_address(text) for text in _BOUND.findall(self.log)]
        assert found, f"no listening address in the log:\n{self.log}"
        return found

    @property
    def address(self) -> wire.Address:
        """Return the first listening address."""
        return self.addresses()[0]

    @property
    def address_text(self) -> str:
        """Return the first address as configuration spells it."""
        address = self.address
        return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else address

    def is_running(self) -> bool:
        """Tell whether the process that was started has not ended."""
        if self.daemonized:
            return bool(self.log_lines("spawned uWSGI master")) and processes.alive(self.pid)
        return self.process is not None and self.process.poll() is None

    def expect_errors(self, *patterns: str) -> None:
        """Announce error lines that the test provokes; without patterns, any."""
        self._announced += [re.compile(pattern) for pattern in patterns or ("",)]

    # Asking

    def request(self, method: str = "GET", target: str = "/", **kwargs: Any) -> wire.Response:
        """Do one request over the first socket, in its protocol."""
        client = http_client if self._wire == "http" else uwsgi_client
        return client.request(self.address, method, target, **kwargs)

    def get(self, target: str = "/", **kwargs: Any) -> wire.Response:
        """Do one GET."""
        return self.request("GET", target, **kwargs)

    def post(self, target: str, body: bytes, **kwargs: Any) -> wire.Response:
        """Do one POST."""
        return self.request("POST", target, body=body, **kwargs)

    # Ending

    def send_signal(self, number: int) -> None:
        """Send a signal to the master."""
        os.kill(self.pid, number)

    def wait_exit(self, timeout: float = 10.0) -> int | None:
        """Return the exit status once the process has ended; None of a daemon."""
        if self.daemonized:
            pid = self.pid
            wait_until(lambda: not processes.alive(pid), f"the end of daemon {pid}", timeout)
            return None
        assert self.process is not None
        try:
            return self.process.wait(timeout * patience())
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server did not end in {timeout} s") from None

    def stop(self, number: int = signal.SIGTERM, timeout: float = 10.0) -> int | None:
        """Stop the server if it runs, and return its exit status."""
        if self.is_running():
            self.send_signal(number)
        return self.wait_exit(timeout)

    def kill(self, spared: AbstractSet[int] = frozenset()) -> None:
        """End every process of the server at once; for what a failed test left."""
        for pid in (processes.marked(f"{MARKER}=") & processes.descendants()) - spared:
            os.kill(pid, signal.SIGKILL)

    def unannounced_errors(self) -> list[str]:
        """Return error lines that no test announced."""
        lines = self.log_lines(r"^(.{1,40} - )?error: ")
        return [line for line in lines if not any(p.search(line) for p in self._announced)]

    def sanitizer_reports(self) -> list[str]:
        """Return what a sanitizer wrote."""
        return [line for line in self.log.splitlines() if _SANITIZER.search(line)]

    def leaked_files(self) -> dict[int, list[str]]:
        """Return what living workers hold open beyond what they held when they were ready."""
        leaks: dict[int, list[str]] = {}
        if self.files_may_grow or self.binary.is_oracle:
            return leaks
        for pid, settled in self.settled_files.items():
            if processes.alive(pid):
                extra = processes.open_files(pid)
                for name in settled:
                    if name in extra:
                        extra.remove(name)
                # The last event descriptor may be made when the worker is ready already.
                if len(extra) > 1 or not all(name.startswith("anon_inode") for name in extra):
                    leaks[pid] = extra
        return leaks

    def leftovers(self) -> list[str]:
        """Return unix sockets and pid files that should have gone with the server."""
        text = (self.directory / f"{self.name}.ini").read_text() if self._has_ini() else ""
        paths = [a for a in self._addresses if isinstance(a, str) and a.startswith("/")]
        paths += re.findall(r"^(?:safe-)?pidfile2? *= *(\S+)", text, re.MULTILINE)
        return [path for path in paths if (self.directory / path).exists()]

    def _has_ini(self) -> bool:
        return (self.directory / f"{self.name}.ini").exists()
