#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures this server beside the real uWSGI: in rounds, taking turns, on one machine.

Each round runs every case once on each server; the table shows the medians and the ratio of
the medians. Compare only figures of one run: the speed of a machine drifts.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

import nginx
from servers import ROOT, Running, Server, ours, peer

HELLO = ROOT / "tests" / "integration" / "apps" / "hello" / "app.py"
Figures = Dict[str, float]


@dataclass
class Case:
    """One measurement: how the servers are configured, and how they are asked."""

    name: str
    what: str
    options: dict[str, str]
    measure: Callable[[Running, Path, float], Figures]
    figures: dict[str, str]  # By name: which direction is better, "more" or "less".
    results: dict[str, list[Figures]] = field(default_factory=dict)

    def median(self, server: str, figure: str) -> float:
        """Return the median of a figure over the rounds."""
        return statistics.median(r[figure] for r in self.results[server])


def wrk(target: str) -> Callable[[Running, Path, float], Figures]:
    """Return a measurement by wrk with 64 connections through nginx."""

    def measure(running: Running, directory: Path, seconds: float) -> Figures:
        port = 18480
        proxy = nginx.Nginx(
            directory,
            running.address,
            listen=f"127.0.0.1:{port}",
            location="uwsgi_ignore_client_abort on;",
        )
        try:
            url = f"http://127.0.0.1:{port}{target}"
            _run_wrk(url, 1)
            before = running.cpu_seconds()
            text = _run_wrk(url, seconds)
            spent = running.cpu_seconds() - before
        finally:
            proxy.stop()
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", text)
        if failed:
            print(f"  warning: {failed.group(0)}", flush=True)
        requests = int(re.findall(r"(\d+) requests in", text)[0])
        return {
            "requests/s": float(re.findall(r"Requests/sec: +([\d.]+)", text)[0]),
            "p99 ms": _milliseconds(re.findall(r"99% +(\S+)", text)[0]),
            "CPU us/request": spent / requests * 1e6,
        }

    return measure


def _run_wrk(url: str, seconds: float) -> str:
    command = ["wrk", "-t", "2", "-c", "64", "-d", f"{seconds:.0f}s", "--latency", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def packets(running: Running, directory: Path, seconds: float) -> Figures:
    """Measure the CPU time per request over a unix socket, 16 requests under way."""
    client = str(Path(__file__).parent / "packet_load.py")

    def ask(count: int) -> float:
        command = [sys.executable, client, running.address, str(count)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    count = max(1000, int(ask(2000) * seconds))
    before = running.cpu_seconds()
    speed = ask(count)
    spent = running.cpu_seconds() - before
    return {"requests/s": speed, "CPU us/request": spent / count * 1e6}


def cases(site: Path, home: str) -> list[Case]:
    """Return the measurements, each with the options that both servers get."""
    django = {
        "chdir": str(site),
        "module": "mmcsite.wsgi",
        "home": home,
        "processes": "5",
        "threads": "30",
    }
    by_wrk = {"requests/s": "more", "p99 ms": "less", "CPU us/request": "less"}
    by_packets = {"CPU us/request": "less", "requests/s": "more"}
    return [
        Case("Django view, 5 x 30", "nginx, wrk 64", django, wrk("/hello/"), by_wrk),
        Case("view that sleeps 20 ms, 5 x 30", "nginx, wrk 64", django, wrk("/sleep/"), by_wrk),
        Case(
            "hello, 1 x 1",
            "unix socket, 16 at once",
            {"wsgi-file": str(HELLO), "processes": "1", "threads": "1"},
            packets,
            by_packets,
        ),
    ]


def prepare_site(directory: Path) -> Path:
    """Copy the example site and make its database."""
    site = directory / "mmcsite"
    shutil.copytree(ROOT / "examples" / "mmcsite", site, ignore=shutil.ignore_patterns("*.sqlite3"))
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=site, check=True)
    return site


def table(measured: list[Case], servers: list[Server]) -> str:
    """Return the medians as Markdown."""
    mine, other = (server.name for server in servers)
    lines = [f"| case | figure | {mine} | {other} | ratio |", "|---|---|--:|--:|--:|"]
    for case in measured:
        for figure in case.figures:
            a, b = case.median(mine, figure), case.median(other, figure)
            shown = [f"{v:,.0f}" if v >= 1000 else f"{v:.1f}" for v in (a, b)]
            ratio = f"{a / b:.2f}" if b else "-"
            lines.append(
                f"| {case.name} ({case.what}) | {figure} | {shown[0]} | {shown[1]} | {ratio} |"
            )
    return "\n".join(lines)


def document(text: str, rounds: int, seconds: float) -> str:
    """Return docs/performance.md."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return f"""# Performance

Written by `tests/bench/run.py`, which measures this server beside the real uWSGI: the same
configuration, the same applications, the same nginx, taking turns in {rounds} rounds of
{seconds:.0f} seconds. Each figure is the median of the rounds; the ratio is this server's figure
divided by uWSGI's. Figures of different runs do not compare: the speed of a machine drifts.

Measured on {today}: {os.cpu_count()} cores of {cpu}, Linux {platform.release()},
Python {platform.python_version()}, clients and servers on the same machine.

{text}

`requests/s` is higher for the better server, `p99` (the time within which 99 of 100 requests
were answered) and `CPU` (user and system time of all processes of the server) are lower.
"""


def main() -> None:
    """Measure, print the table and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "uwsgi")
    parser.add_argument("--peer", type=Path, help="a virtual environment with uWSGI in it")
    parser.add_argument("--home", default=sys.prefix, help="virtual environment with Django")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md")
    options = parser.parse_args()

    servers = [ours(options.binary), peer(options.peer or ROOT / "build" / "bench-peer")]
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        directory = Path(name)
        measured = cases(prepare_site(directory), options.home)
        for number in range(options.rounds):
            for case in measured:
                # Who goes first changes, so that a machine that warms up favours nobody.
                for server in servers if number % 2 == 0 else servers[::-1]:
                    place = directory / f"{number}-{measured.index(case)}-{servers.index(server)}"
                    running = server.start(place, case.options)
                    try:
                        figures = case.measure(running, place, options.seconds)
                    finally:
                        running.stop()
                    case.results.setdefault(server.name, []).append(figures)
                    shown = ", ".join(f"{k} {v:.1f}" for k, v in figures.items())
                    print(f"round {number + 1}: {case.name}: {server.name}: {shown}", flush=True)
    text = table(measured, servers)
    print(f"\n{text}")
    options.output.write_text(document(text, options.rounds, options.seconds))


if __name__ == "__main__":
    main()
