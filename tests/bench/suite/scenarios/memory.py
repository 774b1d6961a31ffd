# SPDX-License-Identifier: MIT
"""Memory: workers of a Django site after load, and connections that do nothing."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from suite import contestants as who
from suite.bench import Bench
from suite.commands import DJANGO, RAW, Setup
from suite.loads import Figures
from suite.measures import http, warm, wrk_shown
from suite.scenario import Case, Scenario
from suite.servers import Contestant

IDLE_CONNECTIONS = 10_000
_BATCH = 250
_REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def _open(port: int, stack: contextlib.ExitStack) -> None:
    """Open a batch of connections, each of which asks once and then stays."""
    batch = [
        stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
        for _ in range(_BATCH)
    ]
    for connection in batch:
        connection.sendall(_REQUEST)
    for connection in batch:
        answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 200"), f"an idle connection got {answer[:100]!r}"


def _is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(4096, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _idle(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
    with contestant.running(bench, directory) as running, contextlib.ExitStack() as stack:
        port = running.place.port
        warm(port, "/", 64)
        with contextlib.ExitStack() as first:
            _open(port, first)
        running.wait_quiet()
        before = running.pss()
        for _ in range(IDLE_CONNECTIONS // _BATCH):
            _open(port, stack)
        running.wait_quiet()
        after = running.pss()
        return {"before": before, "pss": after, "idle": (after - before) * 2**20 / IDLE_CONNECTIONS}


_WORKERS = Setup(DJANGO, 5, 30)
_ONE = Setup(RAW)


def _loaded(name: str, target: str) -> Case:
    servers = (who.ours, who.uwsgi_http_socket, who.granian, who.gthread)
    return Case(
        name,
        [make(_WORKERS) for make in servers],
        http(target, 64),
        wrk_shown(target, 64),
        keys=("pss", "rps", "cpu"),
        ratios=("pss",),
    )


SCENARIO = Scenario(
    "memory",
    "Memory",
    "PSS is the memory of all processes of the server, pages that several share being split among "
    f"them. Of {IDLE_CONNECTIONS:,} idle connections each has asked for one hello; what they cost "
    "is the growth of PSS, which leaves out what the kernel keeps for a socket.",
    [
        _loaded("Django hello, 5 x 30, after load", "/hello/"),
        _loaded("Django page with templates and database, 5 x 30, after load", "/"),
        Case(
            f"{IDLE_CONNECTIONS:,} idle connections, 1 x 1",
            [make(_ONE) for make in (who.ours, who.granian, who.bjoern, who.uwsgi_http_keepalive)],
            _idle,
            "connections by a Python client",
            keys=("before", "pss", "idle"),
            ratios=("idle",),
        ),
    ],
)
