# SPDX-License-Identifier: MIT
"""The smallest application, where the server is all that costs, beside the kernel's floor."""

from __future__ import annotations

from suite import commands
from suite import contestants as who
from suite.commands import Setup
from suite.measures import http, uwsgi_packets, wrk_shown
from suite.scenario import OURS, Case, Scenario
from suite.servers import Contestant

FLOOR = "kernel's floor"
UNLOGGED = f"{OURS}, no request log"
_UNIX = ("--socket", "{unix}")
_ONE = Setup(commands.RAW)


def _packets(shape: tuple[int, int], *more: Contestant) -> Case:
    setup = Setup(commands.RAW, *shape)
    return Case(
        "{} x {}".format(*shape),
        [
            Contestant(OURS, commands.ours(*_UNIX), setup, "unix"),
            Contestant("uWSGI", commands.uwsgi(*_UNIX), setup, "unix"),
            *more,
        ],
        uwsgi_packets(16),
        "packet_load DIRECTORY/socket 16 SECONDS",
    )


UWSGI = Scenario(
    "uwsgi",
    "Hello over the uwsgi protocol, unix socket",
    "No web server in between; 16 requests are under way at a time. The floor is "
    "`tests/bench/floor.c`, one process that accepts, reads, writes and closes.",
    [
        _packets(
            (1, 1),
            Contestant(UNLOGGED, commands.ours(*_UNIX, log=False), _ONE, "unix"),
            Contestant(FLOOR, commands.floor("close"), _ONE, "unix"),
        ),
        _packets((5, 30)),
    ],
)

HTTP = Scenario(
    "http",
    "Hello over HTTP, one worker, one thread",
    "64 kept connections. This server has its request log, its limits and its timeouts on. "
    "`--http-socket`, `--http` and gunicorn's sync workers close after each answer, so wrk "
    "connects anew; `--http11-socket` with one thread serves one connection and lets the others "
    "wait, so its percentiles are of that one.",
    [
        Case(
            "1 x 1",
            [
                who.ours(_ONE),
                Contestant(UNLOGGED, commands.ours("--http-socket", "{tcp}", log=False), _ONE),
                who.granian(_ONE),
                who.bjoern(_ONE),
                who.uwsgi_http(_ONE),
                who.uwsgi_http_keepalive(_ONE),
                who.uwsgi_http_socket(_ONE),
                who.uwsgi_http11_socket(_ONE),
                who.sync(_ONE),
                who.gthread(_ONE),
                who.waitress(_ONE),
                Contestant(FLOOR, commands.floor("http"), _ONE),
            ],
            http("/", 64),
            wrk_shown("/", 64),
        )
    ],
)
