# SPDX-License-Identifier: MIT
"""A machine inside this one: processes, a network and system directories of its own.

Its files are those of this machine, but what it writes to the system's directories stays inside.
Where systemd is installed, it is the first process, with a journal and without any other unit.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from contained import UNSHARE, FirstProcess
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


class Machine:
    """One machine; `start` it, and `stop` it whatever has come of that."""

    def __init__(self, scratch: Path) -> None:
        """Keep its files in `scratch`, an empty directory; nothing runs before `start`."""
        self._inside = scratch / "inside"
        self._cgroup: Path | None = None
        self._first = FirstProcess("machine", scratch / "first-process.log")

    def start(self) -> None:
        """Return when it is up; skip the test where there can be no such machine."""
        if os.getuid() != 0:
            pytest.skip("only root can make a machine")
        self._inside.mkdir()
        self._cgroup = _new_cgroup()
        first = _SYSTEMD_BOOT if self._cgroup else _BASH
        script = _BOOT.format(
            inside=self._inside,
            overlaid=" ".join(_OVERLAID),
            first_process=first.format(inside=self._inside, systemd=_SYSTEMD),
        )
        unshare = [*UNSHARE, "--mount-proc", *self._spaces()]
        join = f"echo $$ >{self._cgroup}/cgroup.procs && " if self._cgroup else ""
        said = self._first.start(
            ["bash", "-c", f"{join}exec {shlex.join([*unshare, 'bash', '-c', script])}"]
        )
        if said is not None:
            pytest.skip(f"no machine can be made here: {said}")
        if self.has_systemd:
            wait_until(self._has_booted, "systemd to start")

    def _spaces(self) -> list[str]:
        spaces = ["--net", "--mount", "--pid", "--ipc", "--uts"]
        return [*spaces, "--cgroup"] if self._cgroup else spaces

    def _has_booted(self) -> bool:
        command = self.command("systemctl is-active sandbox.target")
        return subprocess.run(command, capture_output=True, text=True).stdout == "active\n"

    @property
    def has_systemd(self) -> bool:
        """Tell whether systemd is the first process."""
        return self._cgroup is not None

    def command(self, script: str) -> list[str]:
        """Return the command that runs a script of bash inside."""
        enter = ["nsenter", "--target", str(self._first.pid), *self._spaces()]
        return [*enter, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", script]

    def make(self, script: str, text: str = "") -> str:
        """Run a script that must not fail, with a text as its input; return what it printed."""
        ran = subprocess.run(
            self.command(script),
            input=text,
            capture_output=True,
            text=True,
            timeout=60 * patience(),
        )
        assert ran.returncode == 0, f"{script}: {ran.stderr}"
        return ran.stdout

    def stop(self) -> None:
        """End every process inside."""
        self._first.stop()
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
