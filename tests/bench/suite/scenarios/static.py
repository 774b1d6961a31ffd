# SPDX-License-Identifier: MIT
"""Static files, beside nginx."""

from __future__ import annotations

from pathlib import Path

from suite import commands
from suite.bench import STATIC_SIZES, Bench
from suite.commands import RAW, Setup
from suite.loads import Figures
from suite.measures import http, wrk_shown
from suite.scenario import OURS, Case, Scenario
from suite.servers import Contestant

_ONE = Setup(RAW)
_SOCKET = ("--http-socket", "{tcp}", "--static-map", "/static={files}/static")


def _case(name: str, size: str) -> Case:
    target = f"/static/{size}.bin"
    load = http(target, 64)

    def measure(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
        figures = load(bench, contestant, directory)
        return {**figures, "mbps": figures["rps"] * STATIC_SIZES[size] / 1e6}

    return Case(
        name,
        [
            Contestant(OURS, commands.ours(*_SOCKET), _ONE),
            Contestant("nginx", commands.nginx, _ONE),
            Contestant("uWSGI --http-socket", commands.uwsgi(*_SOCKET), _ONE),
        ],
        measure,
        wrk_shown(target, 64),
        keys=("rps", "mbps", "p50", "p99", "cpu", "user", "system", "pss"),
    )


SCENARIO = Scenario(
    "static",
    "Static files, one worker",
    "HTTP, 64 kept connections; uWSGI closes after each answer. nginx has one worker process, "
    "sendfile and tcp_nopush.",
    [_case("4 KB", "4k"), _case("1 MB", "1m")],
)
