# SPDX-License-Identifier: MIT
"""A terminal on a machine of its own, as far as commands can tell.

Its processes, its network and what it writes to the system's directories are its own: pages
may say port 80 and /etc/nginx, and their commands run as they are written, side by side with
other tests. Where systemd is installed, it is the first process.
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
import pytest
from waiting import patience, wait_until

_SYSTEMD = Path("/usr/lib/systemd/systemd")

# Directories whose changes stay inside.
_OVERLAID = ("/etc", "/run", "/srv", "/usr/local", "/var")

_BOOT = """
set -e
ip link set lo up
mount -t tmpfs tmpfs {inside}
for directory in {overlaid}; do
  changes={inside}/changes$directory work={inside}/work$directory
  mkdir -p $changes $work
  mount -t overlay overlay -o lowerdir=$directory,upperdir=$changes,workdir=$work $directory
done
{first_process}
"""

_BASH = """
echo ready
sleep infinity &
wait  # Collects processes that lose their parent.
"""

# systemd with a journal and with no unit of this machine: none of them shall start twice.
_SYSTEMD_BOOT = """
mount -t cgroup2 cgroup2 /sys/fs/cgroup
units=/usr/lib/systemd/system
mkdir {inside}/units
cd $units
cp basic.target network.target sockets.target multi-user.target shutdown.target \
  systemd-journald.service systemd-journald.socket {inside}/units
cd /
echo [Unit] >{inside}/units/sysinit.target
printf '[Unit]\\nWants=systemd-journald.socket\\n' >{inside}/units/sandbox.target
mount --bind {inside}/units $units
mount -t tmpfs tmpfs /usr/lib/systemd/system-generators
rm -rf /etc/systemd/system/* /run/systemd
echo ready
container=sandbox exec {systemd} --unit=sandbox.target --log-target=console --show-status=no
"""

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

    def __init__(self, scratch: Path, server: Path) -> None:
        """Start it with an empty home directory; the command `uwsgi` is `server`."""
        self._server = server
        self._state = scratch / "state"
        self._foreground: list[subprocess.Popen[str]] = []
        self._outputs: list[Path] = []
        inside = scratch / "inside"
        for directory in (self._state, inside, scratch / "bin"):
            directory.mkdir()
        (scratch / "bin" / "uwsgi").symlink_to(server)
        self._cgroup = _new_cgroup()
        self._boot(inside)
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

    def _boot(self, inside: Path) -> None:
        first = _SYSTEMD_BOOT if self._cgroup else _BASH
        script = _BOOT.format(
            inside=inside,
            overlaid=" ".join(_OVERLAID),
            first_process=first.format(inside=inside, systemd=_SYSTEMD),
        )
        spaces = ["--net", "--mount", "--pid", "--ipc", "--uts", "--mount-proc"]
        join = ""
        if self._cgroup:
            spaces.append("--cgroup")
            join = f"echo $$ >{self._cgroup}/cgroup.procs && "
        unshare = ["unshare", *spaces, "--fork", "--kill-child"]
        self._log = self._state / "first-process.log"
        with open(self._log, "w") as log:
            self._holder = subprocess.Popen(
                ["bash", "-c", f"{join}exec {shlex.join([*unshare, 'bash', '-c', script])}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(
            lambda: "ready\n" in self._log.read_text() or self._holder.poll() is not None,
            "the sandbox to start",
        )
        if self._holder.poll() is not None:
            self._remove_cgroup()
            pytest.skip(f"this machine lets no sandbox be made: {self._log.read_text().strip()}")
        self._first = next(
            pid
            for pid in processes.descendants(self._holder.pid)
            if processes.parent(pid) == self._holder.pid
        )
        if self._cgroup:
            wait_until(self._has_booted, "systemd to start")

    def _has_booted(self) -> bool:
        command = self._enter("systemctl is-active sandbox.target")
        return subprocess.run(command, capture_output=True, text=True).stdout == "active\n"

    @property
    def has_systemd(self) -> bool:
        """Tell whether systemd is the first process."""
        return self._cgroup is not None

    def _enter(self, script: str) -> list[str]:
        spaces = ["--net", "--mount", "--pid", "--ipc", "--uts"]
        if self._cgroup:
            spaces.append("--cgroup")
        enter = ["nsenter", "--target", str(self._first), *spaces]
        return [*enter, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", script]

    def make(self, script: str, text: str = "") -> str:
        """Do something beside the terminal; returns what it printed."""
        ran = subprocess.run(
            self._enter(script),
            input=text,
            capture_output=True,
            text=True,
            timeout=60 * patience(),
        )
        assert ran.returncode == 0, f"{script}: {ran.stderr}"
        return ran.stdout

    def install_server(self) -> None:
        """Put the server where units and other users find it."""
        self.make(f"ln -s {self._server} /usr/local/bin/uwsgi")

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
                self._enter(_TURN.format(before=self._now, command=command, after=after)),
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

    def close(self) -> None:
        """Leave; every process inside ends."""
        try:
            self.interrupt()
        finally:
            self._holder.kill()  # The kernel ends its child, and with that all others.
            self._holder.wait()
            wait_until(lambda: not processes.alive(self._first), "the end of the sandbox")
            processes.reap({self._first})
            self._remove_cgroup()

    def _remove_cgroup(self) -> None:
        if self._cgroup:
            for path in [*sorted(self._cgroup.rglob("*/"), reverse=True), self._cgroup]:
                if path.is_dir():
                    wait_until(lambda one=path: _is_removed(one), f"{path} to be empty")


def _is_removed(directory: Path) -> bool:
    with contextlib.suppress(OSError):
        directory.rmdir()
    return not directory.exists()


def _new_cgroup() -> Path | None:
    """Return a cgroup for a systemd, None where there can be none."""
    if not _SYSTEMD.exists():
        return None
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    root = next((mount[1] for mount in mounts if mount[2] == "cgroup2"), None)
    own = [
        line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line[0] == "0"
    ]
    if root is None or not own:
        return None
    cgroup = Path(f"{root}{own[0]}/sandbox-{os.getpid()}")
    try:
        cgroup.mkdir()
    except OSError:
        return None
    return cgroup


@contextlib.contextmanager
def sandbox(scratch: Path, server: Path) -> Iterator[Sandbox]:
    """Open one, and leave it at the end; skip the test where that takes other rights."""
    if os.getuid() != 0:
        pytest.skip("only root can make a sandbox")
    one = Sandbox(scratch, server)
    try:
        yield one
    finally:
        one.close()
