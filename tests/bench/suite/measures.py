# SPDX-License-Identifier: MIT
"""Measuring a server under load: over HTTP, behind nginx, or over a uwsgi socket."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import wire
from waiting import wait_until

from suite import front, loads
from suite.bench import Bench
from suite.loads import Figures
from suite.scenario import Measure
from suite.servers import Contestant, Running

WARM_SECONDS = 1.0
WARM_REQUESTS = 64
WARM_DEADLINE = 30.0


def used(running: Running, load: Callable[[], Figures]) -> Figures:
    """Run a load, and add what the server used for it to its figures."""
    before = running.usage()
    figures = load()
    user, system = running.usage().since(before)
    requests = figures["requests"]
    assert requests, "it answered nothing"
    return {
        **figures,
        "user": user / requests * 1e6,
        "system": system / requests * 1e6,
        "cpu": (user + system) / requests * 1e6,
        "pss": running.pss(),
    }


def http(target: str, connections: int, script: str = "") -> Measure:
    """Return a measurement by wrk, straight at the server."""

    def measure(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
        with contestant.running(bench, directory) as running:
            port = running.place.port
            warm(port, "/" if script else target, connections)
            return used(
                running, lambda: loads.wrk(port, target, connections, bench.seconds, script)
            )

    return measure


def behind_nginx(kind: str, target: str, connections: int) -> Measure:
    """Return a measurement by wrk through nginx, which passes on by `kind`."""

    def measure(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
        with contestant.running(bench, directory) as running:
            port = wire.free_port()[1]
            proxy = front.start(kind, running.place, port)
            try:
                warm(port, target, connections)
                return used(running, lambda: loads.wrk(port, target, connections, bench.seconds))
            finally:
                proxy.stop()

    return measure


def uwsgi_packets(connections: int) -> Measure:
    """Return a measurement over a unix socket."""

    def measure(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
        with contestant.running(bench, directory) as running:
            path = running.place.unix
            loads.packets(path, connections, WARM_SECONDS)
            return used(running, lambda: loads.packets(path, connections, bench.seconds))

    return measure


def warm(port: int, target: str, connections: int) -> None:
    """Let every process of the server import and cache what its first requests need."""
    answered = 0.0

    def is_warm() -> bool:
        nonlocal answered
        answered += loads.http(port, connections, 0, WARM_SECONDS, target)["requests"]
        return answered >= WARM_REQUESTS

    wait_until(is_warm, f"{WARM_REQUESTS} answers", WARM_DEADLINE)


def wrk_shown(target: str, connections: int, script: str = "", port: str = "PORT") -> str:
    """Return wrk's command line for the page."""
    command = loads.wrk_command(port, target, connections, 0, script)
    command[command.index("-d") + 1] = "SECONDS"
    command = [f"tests/bench/{script}" if script and c.endswith(script) else c for c in command]
    return " ".join(command)
