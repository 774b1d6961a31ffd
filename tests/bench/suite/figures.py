# SPDX-License-Identifier: MIT
"""The figures that scenarios measure: what they are called, and how they compare."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Dict, List

Rounds = List[Dict[str, float]]


@dataclass(frozen=True)
class Figure:
    """One kind of figure."""

    title: str
    ratio: str = ""  # The ratio's title; empty if it has none.
    digits: int = 1
    inverse: bool = False  # The ratio is the peer's figure by ours.
    spread: bool = True


FIGURES = {
    "rps": Figure("requests/s", "requests/s", 0),
    "p50": Figure("p50 ms", "", 2),
    "p99": Figure("p99 ms", "p99", 2),
    "cpu": Figure("CPU us", "per CPU second", 1, inverse=True),
    "user": Figure("user", "", 1, spread=False),
    "system": Figure("system", "", 1, spread=False),
    "pss": Figure("PSS MiB", "PSS", 1, spread=False),
    "mbps": Figure("MB/s", "MB/s", 0),
    "idle": Figure("bytes/connection", "bytes", 0),
    "before": Figure("PSS MiB before", "", 1, spread=False),
    "start": Figure("ms to the first answer", "time", 1),
    "gap": Figure("longest gap ms", "gap", 1),
    "typical": Figure("p50 ms", "", 2),
    "lost": Figure("requests lost", "", 0),
    "rate": Figure("requests/s asked", "", 0, spread=False),
    "calls": Figure("system calls", "", 2),
    "reads": Figure("reads", "", 2, spread=False),
    "sends": Figure("sends", "", 2, spread=False),
    "waits": Figure("waits", "", 2, spread=False),
    "opens": Figure("opens", "", 2, spread=False),
    "others": Figure("others", "", 2, spread=False),
    "instructions": Figure("instructions", "", 0),
    "head": Figure("HTTP head or packet", "", 0, spread=False),
    "environ": Figure("environ", "", 0, spread=False),
    "application": Figure("application", "", 0, spread=False),
    "response": Figure("response", "", 0, spread=False),
    "log": Figure("request log", "", 0, spread=False),
    "best": Figure("best us of CPU time", "best", 0),
    "loop": Figure("median us", "median", 0),
    "saturation": Figure("saturation", "", 0, spread=False),
}

LOAD = ("rps", "p50", "p99", "cpu", "user", "system", "pss")


def values(rounds: Rounds, key: str) -> list[float]:
    """Return a figure in each round that has it."""
    return [one[key] for one in rounds if key in one]


def median(rounds: Rounds, key: str) -> float | None:
    """Return a figure's median over the rounds, None if no round has it."""
    found = values(rounds, key)
    return statistics.median(found) if found else None


def number(value: float, digits: int) -> str:
    """Return a figure as text: no more digits than it deserves."""
    return f"{value:,.0f}" if abs(value) >= 1000 or digits == 0 else f"{value:.{digits}f}"


def shown(rounds: Rounds, key: str) -> str:
    """Return a figure's median and spread as text."""
    found = values(rounds, key)
    if not found:
        return "-"
    figure = FIGURES[key]
    text = number(statistics.median(found), figure.digits)
    if not figure.spread or len(found) == 1:
        return text
    low, high = (number(v, figure.digits) for v in (min(found), max(found)))
    return f"{text} ({low}-{high})"


def ratio(mine: Rounds, theirs: Rounds, key: str) -> float | None:
    """Return ours by theirs, or the inverse where less is better and the title says so.

    The median of the rounds' ratios: what slows the machine down for a while slows both down.
    """
    if FIGURES[key].inverse:
        mine, theirs = theirs, mine
    a, b = values(mine, key), values(theirs, key)
    if a and b and len(a) != len(b):  # One of them has failed in a round.
        a, b = [statistics.median(a)], [statistics.median(b)]
    found = [x / y for x, y in zip(a, b) if y]
    return statistics.median(found) if found else None
