# SPDX-License-Identifier: MIT
"""How long a server takes until it answers, and how long clients wait while it reloads."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import statistics
import threading
import time
from pathlib import Path

import processes
import wire
from waiting import wait_until

from suite import contestants as who
from suite.bench import Bench
from suite.commands import DJANGO, RAW, Place, Setup
from suite.loads import Figures
from suite.scenario import Case, Scenario
from suite.servers import START_SECONDS, Contestant

_INTERVAL = 0.001
_CALM_ANSWERS = 200


def _ask(port: int, target: str, timeout: float = 10.0) -> bool:
    """Ask once, on a connection of its own; tell whether the answer is a 200."""
    request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with contextlib.suppress(OSError):
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.sendall(request.encode())
            return b" 200 " in connection.recv(4096)
    return False


def _start(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
    place = Place(bench, directory, wire.free_port()[1])
    begin = time.monotonic()
    running = contestant.spawn(place)
    try:
        while not _ask(place.port, "/hello/"):
            assert running.process.poll() is None, "it ended at once"
            assert time.monotonic() < begin + START_SECONDS, "it did not answer"
            time.sleep(_INTERVAL / 2)
        return {"start": 1000 * (time.monotonic() - begin)}
    finally:
        running.stop()


class _Client(threading.Thread):
    """Asks every millisecond, or as soon as the last answer is there, until it is stopped."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.answers: list[float] = []
        self.latencies: list[float] = []
        self.lost = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Ask until the end."""
        while not self.over.wait(_INTERVAL):
            begin = time.monotonic()
            if _ask(self.port, "/hello/"):
                self.answers.append(time.monotonic())
                self.latencies.append(self.answers[-1] - begin)
            else:
                self.lost += 1

    def wait_for_answers(self, count: int) -> None:
        """Return when so many more answers have come."""
        wanted = len(self.answers) + count
        wait_until(lambda: len(self.answers) >= wanted, "answers after a reload", START_SECONDS)


def _reload(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
    with contestant.running(bench, directory) as running:
        workers = contestant.setup.processes
        client = _Client(running.place.port)
        client.start()
        try:
            client.wait_for_answers(_CALM_ANSWERS)
            old = running.family()
            begin = len(client.answers) - 1
            os.kill(running.process.pid, signal.SIGHUP)
            wait_until(
                lambda: sum(not processes.alive(pid) for pid in old) >= workers
                and len(running.family() - old) >= workers,
                "the workers to be replaced",
                START_SECONDS,
            )
            client.wait_for_answers(_CALM_ANSWERS)
        finally:
            client.over.set()
            client.join()
        answers = client.answers[begin:]
        return {
            "gap": 1000 * max(b - a for a, b in zip(answers, answers[1:])),
            "typical": 1000 * statistics.median(client.latencies),
            "lost": float(client.lost),
        }


_ONE = Setup(RAW)
_SITE = Setup(DJANGO, 5, 30)
_SMALL_SITE = Setup(DJANGO, 2, 8)

SCENARIO = Scenario(
    "start",
    "Start and reload",
    "From the start of the process to the first answer over HTTP; and the longest gap between two "
    "answers that a client sees which asks every millisecond, on new connections, while SIGHUP "
    "reloads the server.",
    [
        Case(
            "start, hello, 1 x 1",
            [
                make(_ONE)
                for make in (
                    *(who.ours, who.uwsgi_http_socket, who.granian),
                    *(who.gthread, who.bjoern, who.waitress),
                )
            ],
            _start,
            "one request every half millisecond",
            keys=("start",),
            ratios=("start",),
        ),
        Case(
            "start, Django, 5 x 30",
            [make(_SITE) for make in (who.ours, who.uwsgi_http_socket, who.granian, who.gthread)],
            _start,
            "one request every half millisecond",
            keys=("start",),
            ratios=("start",),
        ),
        Case(
            "reload, Django, 2 x 8",
            [
                make(_SMALL_SITE)
                for make in (who.ours, who.uwsgi_http_socket, who.granian, who.gthread)
            ],
            _reload,
            "one client, a request every millisecond",
            keys=("gap", "typical", "lost"),
            ratios=("gap",),
        ),
    ],
)
