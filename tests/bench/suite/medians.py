# SPDX-License-Identifier: MIT
"""The first table of the page: medians of this server beside the peers that most sites run."""

from __future__ import annotations

from dataclasses import dataclass

from suite import figures
from suite.figures import FIGURES
from suite.results import CaseResult, Result
from suite.scenario import OURS

PEERS = ("uWSGI", "gunicorn", "granian")


@dataclass(frozen=True)
class Row:
    """One line of the table: what is measured, where, and by which figure."""

    what: str
    scenario: str
    case: str
    key: str
    more_is_better: bool = False


ROWS = (
    Row("Django behind nginx, 5 x 30, `uwsgi_pass`", "django", "5 x 30, uwsgi", "rps", True),
    Row("Django behind nginx, 5 x 30, `proxy_pass`", "django", "5 x 30, proxy_pass", "rps", True),
    Row("Django behind nginx, 5 x 30, `proxy_pass`", "django", "5 x 30, proxy_pass", "p99"),
    Row("Django behind nginx, 5 x 30, per request", "django", "5 x 30, proxy_pass", "cpu"),
    Row("Django view of 20 ms, 5 x 30", "blocking", "5 x 30, 64 connections", "rps", True),
    Row("Flask, one worker, one thread", "frameworks", "Flask, 1 x 1", "rps", True),
    Row("hello, one worker, one thread", "http", "1 x 1", "rps", True),
    Row("10 KB echo, one worker, one thread", "bodies", "10 KB echo", "rps", True),
    Row("hello beside views that sleep, 2 x 8", "mixed", "90 % hello, 10 % sleep of 50 ms", "p99"),
    Row(
        "hello beside views that compute, 2 x 8",
        "mixed",
        "90 % hello, 10 % pure Python of 20 ms",
        "p99",
    ),
    Row("Django 5 x 30 under load", "memory", "Django hello, 5 x 30, after load", "pss"),
    Row("start, Django 5 x 30", "start", "start, Django, 5 x 30", "start"),
    Row("reload, Django 2 x 8", "start", "reload, Django, 2 x 8", "gap"),
)


def table(results: dict[str, Result]) -> str:
    """Return the table; a row whose case was not measured is left out."""
    lines = [
        f"| Load | Figure | {OURS} | {' | '.join(PEERS)} |",
        f"|---|---|{'--:|' * (1 + len(PEERS))}",
    ]
    for row in ROWS:
        result = results.get(row.scenario)
        case = result.cases.get(row.case) if result else None
        if case is not None:
            cells = [_cell(row, case, server) for server in (OURS, *PEERS)]
            lines.append(f"| {row.what} | {FIGURES[row.key].title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(row: Row, case: CaseResult, server: str) -> str:
    """Return the best median of a server's variants."""
    labels = [one for one in case.commands if one == server or _is_variant(one, server)]
    medians = [figures.median(case.rounds.get(label, []), row.key) for label in labels]
    found = [value for value in medians if value is not None]
    if not found:
        return "-"
    return figures.number((max if row.more_is_better else min)(found), FIGURES[row.key].digits)


def _is_variant(label: str, server: str) -> bool:
    return server in PEERS and label.split()[0] == server
