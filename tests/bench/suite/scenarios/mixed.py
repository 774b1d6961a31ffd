# SPDX-License-Identifier: MIT
"""Nine hellos to one slow request: what the hellos wait for it."""

from __future__ import annotations

from pathlib import Path

from suite import contestants as who
from suite import loads
from suite.bench import Bench
from suite.commands import RAW, Setup
from suite.loads import Figures
from suite.measures import used, warm
from suite.scenario import Case, Scenario
from suite.servers import Contestant

CONNECTIONS = 64
STRETCH = 2  # A p99 at such a rate needs more time.
_SETUP = Setup(RAW, 2, 8)
_THREADED = [who.ours, who.granian, who.gthread, who.uwsgi_http_keepalive]


def _saturation(bench: Bench, contestant: Contestant, directory: Path, slow: str) -> float:
    """Return how many requests per second it answers in a closed loop."""
    with contestant.running(bench, directory) as running:
        port = running.place.port
        warm(port, "/", CONNECTIONS)
        seconds = max(1.0, bench.seconds / 2)
        return loads.http(port, CONNECTIONS, 0, seconds, "/", slow)["rps"]


def _case(name: str, slow: str) -> Case:
    rate = 0.0

    def survey(bench: Bench, case: Case, directory: Path) -> Figures:
        nonlocal rate
        found = {}
        for contestant in case.contestants:
            place = directory / str(len(found))
            found[contestant.label] = _saturation(bench, contestant, place, slow)
        shown = ", ".join(f"{label} {value:.0f}" for label, value in found.items())
        print(f"saturation: {case.name}: {shown}", flush=True)
        rate = min(found.values()) / 2
        return {"rate": rate}

    def measure(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
        seconds = STRETCH * bench.seconds
        with contestant.running(bench, directory) as running:
            port = running.place.port
            warm(port, "/", CONNECTIONS)
            return used(running, lambda: loads.http(port, CONNECTIONS, rate, seconds, "/", slow))

    return Case(
        name,
        [make(_SETUP) for make in _THREADED],
        measure,
        f"http_load PORT {CONNECTIONS} RATE SECONDS / {slow}",
        keys=("rate", "rps", "p50", "p99", "cpu", "user", "system", "pss"),
        ratios=("p99", "cpu"),
        survey=survey,
    )


SCENARIO = Scenario(
    "mixed",
    "Mixed loads, 2 processes x 8 threads",
    "HTTP on 64 kept connections, in an open loop: requests fall due at random moments, at half "
    "of the rate at which the slowest server is saturated, and latencies count from the moment at "
    "which a request was due. A measurement takes twice the usual time. p50 and p99 are those of "
    "the hellos alone; CPU is of all requests.",
    [
        _case("90 % hello, 10 % sleep of 50 ms", "/sleep"),
        _case("90 % hello, 10 % pure Python of 20 ms", "/spin"),
    ],
)
