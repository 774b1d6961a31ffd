# SPDX-License-Identifier: MIT
"""Other Debians inside this machine: their files, with processes of their own, on this kernel.

debootstrap makes each suite once and keeps it below build/chroots; what happens in a chroot is
written elsewhere and goes with it. The network is the machine's.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

import pytest
from contained import UNSHARE, FirstProcess
from waiting import patience

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "chroots"

# The last line collects processes that lose their parent.
_FIRST_PROCESS = """
set -e
mount -t tmpfs tmpfs {inside}
cd {inside}
mkdir changes work root
mount -t overlay overlay -o lowerdir={base},upperdir=changes,workdir=work root
cd root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mkdir -p run/lock
cp -L /etc/resolv.conf etc/resolv.conf
printf '#!/bin/sh\\nexit 101\\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
echo force-unsafe-io >etc/dpkg/dpkg.cfg.d/unsafe-io
pivot_root . mnt
exec chroot . bash -c 'umount -l /mnt; echo ready; sleep infinity & wait'
"""


def base_files(suite: str, packages: tuple[str, ...] = ()) -> Path:
    """Return the files of a suite (`bookworm`) with packages beyond the essential ones and apt.

    They are made if they are not there yet, which takes a minute; nobody may write to them.
    """
    name = suite
    if packages:
        name += "-" + hashlib.sha256(" ".join(sorted(packages)).encode()).hexdigest()[:12]
    base = CACHE / name
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Tests that run side by side want the same.
        if not base.exists():
            unfinished = CACHE / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            command = ["debootstrap", "--variant=minbase"]
            if packages:
                command.append(f"--include={','.join(packages)}")
            ran = subprocess.run(
                [*command, suite, unfinished, _mirror()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert ran.returncode == 0, f"debootstrap {suite}: {ran.stdout[-3000:]}"
            unfinished.rename(base)
    return base


def _mirror() -> str:
    """Return where this machine gets Debian's packages from."""
    form = "$(ORIGIN)|$(LABEL)|$(REPO_URI)"
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split("|") for line in asked.stdout.splitlines()]
    found = [uri for origin, label, uri in rows if (origin, label) == ("Debian", "Debian")]
    assert found, "apt knows no mirror of Debian (apt-get update?)"
    return found[0]


class Chroot:
    """One chroot; `start` it, and `stop` it whatever has come of that."""

    def __init__(self, base: Path, scratch: Path) -> None:
        """Begin with the files of `base`; `scratch` is a directory to be."""
        self._base = base
        self._inside = scratch / "inside"
        self._first = FirstProcess("chroot", scratch / "first-process.log")

    def start(self) -> None:
        """Return when commands can run inside."""
        self._inside.mkdir(parents=True)
        script = _FIRST_PROCESS.format(inside=self._inside, base=self._base)
        spaces = ("--mount", "--pid", "--ipc", "--uts")
        said = self._first.start([*UNSHARE, *spaces, "bash", "-c", script])
        assert said is None, f"no chroot: {said}"

    def path(self, path: str) -> Path:
        """Return how a file inside is reached from outside; unix sockets connect by it, too."""
        return Path(f"/proc/{self._first.pid}/root") / path.lstrip("/")

    def command(self, script: str) -> list[str]:
        """Return the command that runs a script of bash inside, as root and in /."""
        enter = ["nsenter", "--target", str(self._first.pid), "--mount", "--pid", "--ipc", "--uts"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return [*enter, "--root", "--wd", "env", "-i", path, "LC_ALL=C.UTF-8", "bash", "-c", script]

    def run(self, script: str, timeout: float = 60.0) -> str:
        """Run a script of bash that must not fail; return what it printed, errors too."""
        ran = subprocess.run(
            self.command(script),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout * patience(),
        )
        assert ran.returncode == 0, f"{script}: {ran.stdout[-4000:]}"
        return ran.stdout

    def install(self, *packages: str) -> None:
        """Install packages by apt: names, or files of the chroot, with what they depend on."""
        apt = "DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends"
        self.run("apt-get -q update", timeout=300)
        self.run(f"{apt} install {shlex.join(packages)}", timeout=600)

    def copy(self, source: Path, target: str) -> None:
        """Copy a file or a directory into the chroot, to `target`."""
        self.run(f"mkdir -p {shlex.quote(os.path.dirname(target) or '/')}")
        subprocess.run(["cp", "-a", "-T", source, self.path(target)], check=True)

    def stop(self) -> None:
        """End every process inside; all that was written is gone."""
        self._first.stop()


@contextlib.contextmanager
def chroot(suite: str, scratch: Path, packages: tuple[str, ...] = ()) -> Iterator[Chroot]:
    """Start a chroot that ends with it; skip the test where there can be none."""
    if os.getuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("a chroot takes root and debootstrap")
    one = Chroot(base_files(suite, packages), scratch)
    try:
        one.start()
        yield one
    finally:
        one.stop()
