# SPDX-License-Identifier: MIT
"""A terminal on a machine of its own.

Pages may say port 80 and /etc/nginx there, and their commands run as they are written, side by
side with other tests.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sysconfig
from pathlib import Path
from typing import Iterator

import processes
from machine import Machine
from waiting import wait_until

_TURN = """
. {before}
{command}
status=$?
{{ export -p; printf 'cd %q\\n' "$PWD"; }} >{after}
exit $status
"""

# A server that says this stays in the foreground, until Ctrl-C or the next server.
_SERVES = re.compile(r"^ready in \d+ ms", re.MULTILINE)

# What a user would press Ctrl-C for first, as it takes the same place.
_STARTS = re.compile(r"\buwsgi (?!--(stop|reload)\b)|/run\b")


class CommandFailed(AssertionError):
    """A command that ended with another status than 0."""


class Sandbox:
    """One terminal; what `cd` and `export` do lasts from command to command."""

    def __init__(self, machine: Machine, scratch: Path, server: Path) -> None:
        """Begin in an empty home directory of a machine; the command `uwsgi` is `server`."""
        self.machine = machine
        self._server = server
        self._state = scratch / "state"
        self._foreground: list[subprocess.Popen[str]] = []
        self._outputs: list[Path] = []
        for directory in (self._state, scratch / "bin"):
            directory.mkdir()
        (scratch / "bin" / "uwsgi").symlink_to(server)
        # What a command installs comes first.
        path = f"/usr/local/sbin:/usr/local/bin:{scratch}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self._now = self._state / "at-first"  # Sets the environment and the directory.
        self._now.write_text(
            f"export HOME=/srv/home PATH={path} LANG=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1\n"
            "cd ~\n"
        )
        self.make("mkdir -p /srv/home")
        if shutil.which("sudo") is None:
            self.make("cat >/usr/local/bin/sudo", '#!/bin/sh\nexec "$@"\n')
            self.make("chmod 755 /usr/local/bin/sudo")

    def make(self, script: str, text: str = "") -> str:
        """Do something beside the terminal; return what it printed."""
        return self.machine.make(script, text)

    @property
    def has_systemd(self) -> bool:
        """Tell whether `systemctl` works."""
        return self.machine.has_systemd

    def install_server(self) -> None:
        """Put the server where units and other users find it."""
        self.make(f"ln -sf {self._server} /usr/local/bin/uwsgi")

    def start_nginx(self) -> None:
        """Start the system's nginx with the system's configuration."""
        self.make("nginx")

    @property
    def directory(self) -> Path:
        """Return where the terminal is."""
        return Path(self.make(f". {self._now}; pwd").strip())

    def write(self, path: str, text: str) -> None:
        """Write a file as the sandbox sees it, at a whole path or below the current directory."""
        place = shlex.quote(str(self.directory / path))
        self.make(f"mkdir -p $(dirname {place}) && cat > {place}", text)

    def run(self, command: str, timeout: float = 60.0) -> str:
        """Type a command; returns what it printed when it has ended, or serves."""
        if _STARTS.search(command):
            self.interrupt()
        output = self._state / f"output-{len(self._outputs)}"
        after = self._state / f"after-{len(self._outputs)}"
        self._outputs.append(output)
        with open(output, "w") as file:
            file.write(f"$ {command}\n")
            file.flush()
            process = subprocess.Popen(
                self.machine.command(_TURN.format(before=self._now, command=command, after=after)),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
            )

        def is_done() -> bool:
            return process.poll() is not None or bool(_SERVES.search(output.read_text()))

        wait_until(is_done, f"the end of `{command}`", timeout)
        if process.poll() is None:
            self._foreground.append(process)
        elif process.returncode == 0:
            self._now = after
        else:
            said = "\n".join(path.read_text() for path in self._outputs)[-6000:]
            raise CommandFailed(f"`{command}` ended with {process.returncode}:\n{said}")
        self._furnish_environments()
        return output.read_text().partition("\n")[2]

    def _furnish_environments(self) -> None:
        """Let virtual environments of the commands find the packages that the tests have.

        To `pip install` without a network their requirements are satisfied then.
        """
        packages = sysconfig.get_path("purelib")
        found = f"find {self.directory} -maxdepth 6 -path '*/.venv/lib/*/site-packages'"
        self.make(f"for d in $({found}); do echo {packages} >$d/tests.pth; done")

    def interrupt(self) -> None:
        """Press Ctrl-C: ends the server in the foreground, if there is one."""
        while self._foreground:
            process = self._foreground.pop()
            inside = processes.descendants(process.pid)
            # nsenter waits for bash, and bash for the server.
            for pid in inside:
                if processes.parent(processes.parent(pid)) == process.pid:
                    os.kill(pid, signal.SIGINT)
            wait_until(
                lambda one=process: one.poll() is not None,
                f"the end of the server after Ctrl-C:\n{processes.describe(inside)}",
            )
            assert process.returncode == 0, f"the server ended with {process.returncode}"


@contextlib.contextmanager
def sandbox(scratch: Path, server: Path) -> Iterator[Sandbox]:
    """Open one on a machine that ends with it."""
    machine = Machine(scratch)
    try:
        machine.start()
        one = Sandbox(machine, scratch, server)
        yield one
        one.interrupt()
    finally:
        machine.stop()
