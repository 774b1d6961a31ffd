# SPDX-License-Identifier: MIT
"""Two processes of a Django site, pinned to one core and to two."""

from __future__ import annotations

from suite import contestants as who
from suite.commands import DJANGO, Setup
from suite.measures import http, wrk_shown
from suite.scenario import Case, Scenario

_SERVERS = [who.ours, who.granian, who.bjoern, who.uwsgi_http_socket]

SCENARIO = Scenario(
    "scaling",
    "Scaling: Django over HTTP, 2 processes, one core and two",
    "The view `hello` without nginx, 32 connections. The load generator is not pinned: with one "
    "core it has the other for itself, with two it takes a part of them from the server.",
    [
        Case(
            name,
            [make(Setup(DJANGO, 2, 1, cores)) for make in _SERVERS],
            http("/hello/", 32),
            wrk_shown("/hello/", 32),
        )
        for name, cores in (("one core", "0"), ("two cores", "0,1"))
    ],
)
