# SPDX-License-Identifier: MIT
"""Starting a server, what it uses, and ending it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import processes
import wire
from waiting import wait_until

from suite import front
from suite.bench import Bench, environment
from suite.commands import Command, Place, Setup

_TICK = os.sysconf("SC_CLK_TCK")
_QUIET_SECONDS = 0.1
START_SECONDS = 60.0


@dataclass(frozen=True)
class Usage:
    """CPU time of some processes by pid: user and system, in seconds."""

    times: dict[int, tuple[float, float]]

    def since(self, before: Usage) -> tuple[float, float]:
        """Return user and system time that came after `before`."""
        user = system = 0.0
        for pid, (u, s) in self.times.items():
            u0, s0 = before.times.get(pid, (0.0, 0.0))
            user, system = user + u - u0, system + s - s0
        return user, system


@dataclass
class Running:
    """A started server."""

    process: subprocess.Popen[bytes]
    place: Place

    def family(self) -> set[int]:
        """Return the pids of all its processes."""
        return processes.descendants(self.process.pid) | {self.process.pid}

    def usage(self) -> Usage:
        """Return the CPU time of all its processes so far."""
        times = {}
        for pid in self.family():
            with contextlib.suppress(OSError):
                text = Path(f"/proc/{pid}/stat").read_text()
                fields = text[text.rindex(")") + 2 :].split()
                times[pid] = (int(fields[11]) / _TICK, int(fields[12]) / _TICK)
        return Usage(times)

    def pss(self) -> float:
        """Return the memory of all its processes in MiB, shared pages split among the sharers."""
        total = 0
        for pid in self.family():
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(re.findall(r"^Pss: +(\d+)", rollup, re.MULTILINE)[0])
        return total / 1024

    def wait_quiet(self) -> None:
        """Return when it has used no CPU time for a moment: all workers are up, or all is done."""
        last = (-1.0, time.monotonic())

        def is_quiet() -> bool:
            nonlocal last
            used = sum(map(sum, self.usage().times.values()))
            if used - last[0] > 1.5 / _TICK:
                last = (used, time.monotonic())
            return time.monotonic() - last[1] > _QUIET_SECONDS

        wait_until(is_quiet, "the server to come to rest", START_SECONDS)

    def stop(self) -> None:
        """Kill it, the master first; an orderly stop may take longer than the measurement."""
        family = self.family()
        for pid in sorted(family, key=lambda pid: pid != self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(map(processes.alive, family)), "its processes to end")
        processes.reap(family - {self.process.pid})


@dataclass(frozen=True)
class Contestant:
    """A server, configured for a case."""

    label: str
    command: Command
    setup: Setup
    address: str = "tcp"  # Or "unix".

    def argv(self, place: Place) -> list[str]:
        """Return the whole command line."""
        argv = self.command(self.setup, place)
        return ["taskset", "-c", self.setup.cores, *argv] if self.setup.cores else argv

    def shown(self, bench: Bench) -> str:
        """Return the command line for the page, with words in place of what varies."""
        place = Place(bench, bench.directory, 0)
        text = shlex.join(self.argv(place)).replace("127.0.0.1:0", "127.0.0.1:PORT")
        text = re.sub(r"(--port|http) 0\b", r"\1 PORT", text)
        text = re.sub(r"(serve_bjoern.py \S+) 0\b", r"\1 PORT", text)
        return bench.portable(text)

    def spawn(self, place: Place) -> Running:
        """Start it, without waiting for anything."""
        place.directory.mkdir(parents=True)
        if self.command.__name__ == "nginx":
            text = front.configuration("files", place)
            (place.directory / "nginx.conf").write_text(text)
        with open(place.directory / "server.log", "wb") as log:
            process = subprocess.Popen(
                self.argv(place),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.setup.app.home(place.bench),
                env=environment(),
            )
        return Running(process, place)

    @contextlib.contextmanager
    def running(self, bench: Bench, directory: Path) -> Iterator[Running]:
        """Start it, wait until it has come to rest, and end it at the end."""
        place = Place(bench, directory, wire.free_port()[1])
        running = self.spawn(place)
        address = ("127.0.0.1", place.port) if self.address == "tcp" else place.unix

        def listens() -> bool:
            if running.process.poll() is not None:
                log = (directory / "server.log").read_text(errors="replace")
                raise AssertionError(f"{self.label} ended at once: {log[-2000:]}")
            return wire.connects(address)

        try:
            wait_until(listens, f"{self.label} to listen", START_SECONDS)
            running.wait_quiet()
            yield running
        finally:
            running.stop()
