# SPDX-License-Identifier: MIT
"""Bodies of 10 KB, out and in."""

from __future__ import annotations

from suite import contestants as who
from suite.commands import RAW, Setup
from suite.measures import http, wrk_shown
from suite.scenario import Case, Scenario

_ONE = Setup(RAW)


def _case(name: str, target: str, script: str = "") -> Case:
    servers = [who.ours, who.granian, who.bjoern, who.uwsgi_http_socket, who.gthread]
    return Case(
        name,
        [make(_ONE) for make in servers],
        http(target, 64, script),
        wrk_shown(target, 64, script),
    )


SCENARIO = Scenario(
    "bodies",
    "10 KB out and in, one worker, one thread",
    "HTTP, 64 kept connections. `echo` reads the body whole and returns it in one piece; "
    "`echo in pieces` reads it by 4 KB and yields each piece before it reads the next, with a "
    "Content-Length; `rows` yields 1,000 rows of 100 bytes, without. A server that sends head "
    "and pieces without TCP_NODELAY waits 40 ms for acknowledgements.",
    [
        _case("10 KB get", "/10k"),
        _case("10 KB echo", "/echo", "echo.lua"),
        _case("10 KB echo in pieces", "/echo-pieces", "echo.lua"),
        _case("rows", "/rows"),
    ],
)
