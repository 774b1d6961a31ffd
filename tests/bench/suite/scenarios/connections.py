# SPDX-License-Identifier: MIT
"""Few and many busy connections."""

from __future__ import annotations

from suite import contestants as who
from suite.commands import RAW, Setup
from suite.measures import http, wrk_shown
from suite.scenario import Case, Scenario

_SETUP = Setup(RAW, 2, 8)
_SERVERS = [who.ours, who.granian, who.bjoern, who.uwsgi_http_keepalive]

SCENARIO = Scenario(
    "connections",
    "Connections: hello over HTTP, 2 processes x 8 threads",
    "All connections are kept and busy. bjoern has two processes and no threads.",
    [
        Case(
            f"{count:,} connections",
            [make(_SETUP) for make in _SERVERS],
            http("/", count),
            wrk_shown("/", count),
        )
        for count in (16, 256, 2000)
    ],
)
