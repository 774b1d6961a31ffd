# SPDX-License-Identifier: MIT
"""What a measurement was made with: the machine, and the versions of everything."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from suite.bench import FOLDER, PEERS, ROOT, Bench, environment
from suite.scenario import OURS

_PYTHON_VERSION = "import platform; print(platform.python_version())"


def describe() -> str:
    """Return the machine in one line."""
    cpus = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    cpu = cpus[0] if cpus else platform.machine()
    return (
        f"{os.cpu_count()} cores of {cpu}, {memory:.0f} GiB, Linux {platform.release()}; "
        "servers, nginx and load generators on the same machine"
    )


def versions(bench: Bench) -> dict[str, str]:
    """Return the version of every program and package that takes part."""
    found = {
        OURS: _first_line([str(bench.binary), "--version"]),
        "commit": _first_line(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]),
        "Python": _first_line([str(PEERS / "bin" / "python"), "-c", _PYTHON_VERSION]),
        "nginx": _first_line(["nginx", "-v"]),
        "wrk": _first_line(["wrk", "-v"]),
        "cc": _first_line(["cc", "--version"]),
    }
    for line in _packages():
        name, _, version = line.partition("==")
        found[name] = version
    return {
        name: re.sub(r"^(nginx version: |wrk )|\s*\[epoll\].*$", "", text)
        for name, text in found.items()
    }


def _packages() -> list[str]:
    """Return the installed versions of what requirements.txt names."""
    wanted = re.findall(r"^([\w-]+)==", (FOLDER / "requirements.txt").read_text(), re.MULTILINE)
    command = [str(PEERS / "bin" / "python"), "-m", "pip", "list", "--format=freeze"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    names = {name.lower() for name in [*wanted, "Django"]}
    return [line for line in done.stdout.split() if line.partition("==")[0].lower() in names]


def _first_line(command: list[str]) -> str:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    )
    lines = done.stdout.strip().splitlines()
    return lines[0].strip() if lines else "unknown"
