# SPDX-License-Identifier: MIT
"""A Django site behind nginx: views that return at once, and views that block."""

from __future__ import annotations

from suite import contestants as who
from suite.commands import DJANGO, Setup
from suite.measures import behind_nginx, wrk_shown
from suite.scenario import Case, Scenario

SHAPES = [(1, 1), (2, 1), (2, 8), (5, 30)]
PROXIED = {
    (1, 1): [who.ours, who.granian, who.bjoern],
    (2, 1): [who.ours, who.granian],
    (2, 8): [who.ours, who.granian, who.gthread],
    (5, 30): [who.ours, who.granian, who.gthread, who.uwsgi_http_socket],
    (5, 1): [who.ours, who.bjoern],
}


def _uwsgi(shape: tuple[int, int], name: str, target: str, connections: int) -> Case:
    setup = Setup(DJANGO, *shape)
    return Case(
        name,
        [who.ours_uwsgi(setup), who.uwsgi(setup)],
        behind_nginx("uwsgi", target, connections),
        wrk_shown(target, connections, port="FRONT"),
    )


def _proxied(shape: tuple[int, int]) -> Case:
    setup = Setup(DJANGO, *shape)
    return Case(
        "{} x {}, proxy_pass".format(*shape),
        [make(setup) for make in PROXIED[shape]],
        behind_nginx("proxy", "/hello/", 64),
        wrk_shown("/hello/", 64, port="FRONT"),
    )


FAST = Scenario(
    "django",
    "Django behind nginx",
    "The view `hello` of the example site, over the uwsgi protocol on TCP, one connection per "
    "request, and by `proxy_pass` with upstream keep-alive. nginx and wrk take more than half of "
    "the machine, so requests per CPU second show the server's own merit.",
    [
        *(_uwsgi(s, "{} x {}, uwsgi".format(*s), "/hello/", 64) for s in SHAPES),
        *map(_proxied, PROXIED),
    ],
)

BLOCKING = Scenario(
    "blocking",
    "Django views that block for 20 ms, behind nginx",
    "The view `sleep` of the example site over the uwsgi protocol. The ideal is one answer per "
    "connection in 20 ms; the CPU's limit is what the same server reaches in the case `no sleep`.",
    [
        _uwsgi((2, 8), "2 x 8, 64 connections", "/sleep/", 64),
        _uwsgi((5, 30), "5 x 30, 64 connections", "/sleep/", 64),
        _uwsgi((5, 30), "5 x 30, 128 connections", "/sleep/", 128),
        _uwsgi((5, 30), "5 x 30, 128 connections, no sleep", "/hello/", 128),
    ],
)
