# SPDX-License-Identifier: MIT
"""The servers that are measured: this one and the real uWSGI, in front of the same applications."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

import processes
import wire

ROOT = Path(__file__).parents[2]
PEER_VERSION = "2.0.31"


@dataclass
class Server:
    """One server binary and what it must be told besides the case's own options."""

    name: str
    binary: Path
    extra: dict[str, str]

    def start(self, directory: Path, options: dict[str, str]) -> Running:
        """Start it with an ini of `options`, and return when it listens."""
        directory.mkdir(parents=True, exist_ok=True)
        address = str(directory / "uwsgi.sock")
        lines = {"socket": address, "disable-logging": "true", **self.extra, **options}
        ini = directory / "uwsgi.ini"
        ini.write_text("\n".join(["[uwsgi]", *(f"{k} = {v}" for k, v in lines.items()), ""]))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("UWSGI_")}
        log = open(directory / "server.log", "wb")  # noqa: SIM115
        process = subprocess.Popen(
            [str(self.binary), "--ini", str(ini)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        wanted = int(options.get("processes", "1"))
        deadline = time.monotonic() + 60
        while not (wire.connects(address) and _spawned(directory / "server.log") >= wanted):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit((directory / "server.log").read_text())
            time.sleep(0.05)
        return Running(process, address)


def _spawned(log: Path) -> int:
    return log.read_text(errors="replace").count("spawned uWSGI worker")


@dataclass
class Running:
    """A started server."""

    process: subprocess.Popen[bytes]
    address: str

    def cpu_seconds(self) -> float:
        """Return user and system time of all its processes."""
        family = processes.descendants(self.process.pid) | {self.process.pid}
        return sum(map(processes.cpu_ticks, family)) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End it at once: uWSGI at 5 x 30 may take a minute over an orderly stop."""
        family = processes.descendants(self.process.pid) | {self.process.pid}
        self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        for pid in family:
            if processes.alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def ours(binary: Path) -> Server:
    """Return the server of this tree."""
    return Server("this server", binary, {})


def peer(cache: Path) -> Server:
    """Return the real uWSGI, built from PyPI into a virtual environment of the bench."""
    binary = cache / "bin" / "uwsgi"
    if not binary.exists():
        print(f"building uWSGI {PEER_VERSION} from PyPI into {cache}", flush=True)
        python = os.environ.get("UWSGI_PYTHON") or shutil.which("python3", path="/usr/bin")
        subprocess.run([python or sys.executable, "-m", "venv", str(cache)], check=True)
        subprocess.run(
            [str(cache / "bin" / "pip"), "install", "-q", f"uwsgi=={PEER_VERSION}"], check=True
        )
    extra = {"master": "true", "need-app": "true", "enable-threads": "true"}
    return Server(f"uWSGI {PEER_VERSION}", binary, extra)
