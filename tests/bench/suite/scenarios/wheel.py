# SPDX-License-Identifier: MIT
"""What pip installs beside the executable: the same server, in the Python of the environment."""

from __future__ import annotations

import statistics
import subprocess
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

from suite import commands
from suite import contestants as who
from suite.bench import APPS, PEERS, WHEEL, Bench, environment
from suite.commands import DJANGO, App, Place, Setup
from suite.loads import Figures
from suite.measures import behind_nginx, http, wrk_shown
from suite.scenario import Case, Scenario
from suite.servers import Contestant

LABEL = "this server, wheel"
PYTHON = "python3"
CALLS = App("calls", APPS)
_PROGRAM_GRACE = 30.0


def wheel(setup: Setup) -> Contestant:
    """Return this server as pip installs it, with an HTTP socket."""
    executable = commands.ours("--http-socket", "{tcp}")

    def command(setup: Setup, place: Place) -> list[str]:
        return executable(setup, replace(place, bench=replace(place.bench, binary=WHEEL)))

    return Contestant(LABEL, command, setup)


def _python(setup: Setup, place: Place) -> list[str]:
    return [str(PEERS / "bin" / "python"), str(APPS / "calls.py"), f"{place.bench.seconds:g}"]


def _calls(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
    """Return how long the loop of apps/calls.py took, as it has measured by itself."""
    if contestant.label == PYTHON:
        times = _program(contestant.argv(Place(bench, directory, 0)), bench.seconds)
    else:
        with contestant.running(bench, directory) as running:
            times = _answers(f"http://127.0.0.1:{running.place.port}/", bench.seconds)
    return {"best": min(times), "loop": statistics.median(times)}


def _program(command: list[str], seconds: float) -> list[float]:
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=seconds + _PROGRAM_GRACE,
    )
    return [float(line) for line in done.stdout.splitlines()]


def _answers(url: str, seconds: float) -> list[float]:
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with urllib.request.urlopen(url, timeout=seconds + _PROGRAM_GRACE) as answer:
            times.append(float(answer.read()))
    return times


def _all(setup: Setup) -> list[Contestant]:
    return [wheel(setup), who.ours(setup), who.granian(setup), who.bjoern(setup)]


SCENARIO = Scenario(
    "wheel",
    "What pip installs, beside the executable",
    "The wheel runs applications in the `python3` of their environment, the executable in the "
    "library that it embeds. The loop makes 20,000 calls of a method with a dict and strings, and "
    "takes its own CPU time; `python3` runs it without any server. Ratios are those of the wheel.",
    [
        Case(
            "pure Python, 1 x 1",
            [*_all(Setup(CALLS)), Contestant(PYTHON, _python, Setup(CALLS))],
            _calls,
            "one request after the other; tests/bench/apps/calls.py SECONDS",
            keys=("best", "loop"),
            ratios=("best", "loop"),
            subject=LABEL,
        ),
        Case(
            "Django hello, 1 x 1",
            _all(Setup(DJANGO)),
            http("/hello/", 64),
            wrk_shown("/hello/", 64),
            subject=LABEL,
        ),
        Case(
            "Django hello, 5 x 1, proxy_pass",
            _all(Setup(DJANGO, 5, 1)),
            behind_nginx("proxy", "/hello/", 64),
            wrk_shown("/hello/", 64, port="FRONT"),
            subject=LABEL,
        ),
    ],
)
