# SPDX-License-Identifier: MIT
"""Flask, and an application without a framework: Django hides the server."""

from __future__ import annotations

from suite import contestants as who
from suite.commands import FLASK, RAW, Setup
from suite.measures import http, wrk_shown
from suite.scenario import Case, Scenario

_FLASK = Setup(FLASK)
_RAW = Setup(RAW, 2, 8)

SCENARIO = Scenario(
    "frameworks",
    "Flask, and a raw WSGI application",
    "HTTP, 64 kept connections; the raw application at one worker is the scenario `http`.",
    [
        Case(
            "Flask, 1 x 1",
            [
                make(_FLASK)
                for make in (
                    *(who.ours, who.granian, who.bjoern),
                    *(who.uwsgi_http_socket, who.gthread, who.waitress),
                )
            ],
            http("/", 64),
            wrk_shown("/", 64),
        ),
        Case(
            "raw, 2 x 8",
            [make(_RAW) for make in (who.ours, who.granian, who.uwsgi_http_keepalive, who.gthread)],
            http("/", 64),
            wrk_shown("/", 64),
        ),
    ],
)
