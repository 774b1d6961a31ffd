# SPDX-License-Identifier: MIT
"""The goals, and whether the results reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Sequence

from suite import figures
from suite.figures import Rounds
from suite.results import Result
from suite.scenario import OURS
from suite.scenarios import wheel
from suite.scenarios.hello import FLOOR
from suite.scenarios.memory import IDLE_CONNECTIONS

Results = Dict[str, Result]


@dataclass(frozen=True)
class Verdict:
    """What was measured, and whether that is enough; None where the goal does not apply."""

    measured: str
    reached: bool | None


@dataclass(frozen=True)
class Goal:
    """One line of the table: what is asked, and how it is judged."""

    what: str
    asked: str
    judge: Callable[[Results], Verdict | None]  # None while it was not measured.


def _rounds(results: Results, scenario: str, case: str, label: str) -> Rounds:
    result = results.get(scenario)
    found = result.cases.get(case) if result else None
    return found.rounds.get(label, []) if found else []


def _median(results: Results, scenario: str, case: str, key: str, label: str = OURS) -> float:
    """Return a median; LookupError, which `_judged` takes for `not measured`, without one."""
    value = figures.median(_rounds(results, scenario, case, label), key)
    if value is None:
        raise LookupError(f"{scenario}: {case}: {label}: {key}")
    return value


def _judged(judge: Callable[[Results], Verdict]) -> Callable[[Results], Verdict | None]:
    def judged(results: Results) -> Verdict | None:
        try:
            return judge(results)
        except LookupError:
            return None

    return judged


def _at_least(value: float, limit: float, suffix: str = "x") -> Verdict:
    return Verdict(f"{value:.2f}{suffix}", value >= limit)


def _at_most(value: float, limit: float, suffix: str = "x") -> Verdict:
    return Verdict(f"{value:.2f}{suffix}", value <= limit)


def _ratio(
    scenario: str, case: str, key: str, peers: Sequence[str], subject: str = OURS
) -> Callable[[Results], float]:
    """Return what computes ours by the best peer's; for CPU the inverse, as in the tables."""

    def ratio(results: Results) -> float:
        medians = {label: _median(results, scenario, case, key, label) for label in peers}
        best = (max if key in ("rps", "mbps") else min)(medians, key=lambda label: medians[label])
        mine, theirs = (_rounds(results, scenario, case, label) for label in (subject, best))
        value = figures.ratio(mine, theirs, key)
        if value is None:
            raise LookupError(f"{scenario}: {case}: {key}")
        return value

    return ratio


def _more(what: str, where: tuple[str, str], key: str, limit: float, *peers: str) -> Goal:
    """Return a goal of at least `limit` times the best of the peers."""
    ratio = _ratio(*where, key, peers)
    asked = f"at least {limit}x {_names(peers)}, {figures.FIGURES[key].ratio}"
    return Goal(what, asked, _judged(lambda results: _at_least(ratio(results), limit)))


def _less(what: str, where: tuple[str, str], key: str, limit: float, *peers: str) -> Goal:
    """Return a goal of at most `limit` times the best of the peers."""
    ratio = _ratio(*where, key, peers)
    asked = f"at most {limit}x {_names(peers)}, {figures.FIGURES[key].ratio}"
    return Goal(what, asked, _judged(lambda results: _at_most(ratio(results), limit)))


def _names(peers: Sequence[str]) -> str:
    return peers[0] if len(peers) == 1 else "the best peer"


def _floor(what: str, where: tuple[str, str], limit: float) -> Goal:
    """Return a goal of at most `limit` times the floor's CPU time per request."""
    ratio = _ratio(*where, "cpu", [FLOOR])
    asked = f"at most {limit}x the CPU per request of the {FLOOR}"
    return Goal(what, asked, _judged(lambda results: _at_most(1 / ratio(results), limit)))


def _wheel() -> list[Goal]:
    """Return the goals of the server as pip installs it."""

    def goal(case: str, key: str, asked: str, peer: str, limit: float) -> Goal:
        ratio = _ratio("wheel", case, key, [peer], subject=wheel.LABEL)
        judge = _at_most if key == "best" else _at_least
        asked = asked.format(limit=limit)
        return Goal(f"wheel, {case}", asked, _judged(lambda results: judge(ratio(results), limit)))

    five = "Django hello, 5 x 1, proxy_pass"
    return [
        goal(
            "pure Python, 1 x 1", "best", "at most {limit}x the time of python3", wheel.PYTHON, 1.02
        ),
        goal(
            "Django hello, 1 x 1",
            "cpu",
            "at least {limit}x the executable per CPU second",
            OURS,
            1.05,
        ),
        goal(five, "rps", "at least {limit}x bjoern, requests/s", "bjoern", 1.0),
        goal(five, "cpu", "at least {limit}x bjoern, per CPU second", "bjoern", 1.0),
    ]


def _near_two_processes(results: Results) -> Verdict:
    mine = _median(results, "django", "5 x 30, uwsgi", "rps")
    return _at_least(mine / _median(results, "django", "2 x 1, uwsgi", "rps"), 0.9)


def _near_ideal(connections: int) -> Callable[[Results], Verdict]:
    def judge(results: Results) -> Verdict:
        case = f"5 x 30, {connections} connections"
        limit = _median(results, "blocking", "5 x 30, 128 connections, no sleep", "rps")
        mine = _median(results, "blocking", case, "rps")
        return _at_least(100 * mine / min(limit, connections / 0.020), 98, " %")

    return judge


def _mixed(case: str) -> Callable[[Results], Verdict]:
    def judge(results: Results) -> Verdict:
        peers = ("granian", "gunicorn gthread", "uWSGI --http --http-keepalive")
        best = min(_median(results, "mixed", case, "p99", label) for label in peers)
        mine = _median(results, "mixed", case, "p99")
        measured = f"{mine:.2f} ms against {best:.2f} ms, {mine / best:.2f}x"
        return Verdict(measured, mine <= 0.5 * best if best > 2 else None)

    return judge


def _idle(results: Results) -> Verdict:
    case = f"{IDLE_CONNECTIONS:,} idle connections, 1 x 1"
    value = _median(results, "memory", case, "idle")
    return Verdict(f"{value:,.0f} bytes", value <= 1024)


def _start(case: str) -> Callable[[Results], Verdict]:
    def judge(results: Results) -> Verdict:
        mine = _median(results, "start", case, "start")
        difference = mine - _median(results, "start", case, "start", "uWSGI --http-socket")
        return Verdict(f"{difference:+.0f} ms", difference <= 20)

    return judge


def _all() -> list[Goal]:
    seed, proxied = ("django", "5 x 30, uwsgi"), ("django", "5 x 30, proxy_pass")
    five = ("django", "5 x 1, proxy_pass")
    packets, hello = ("uwsgi", "1 x 1"), ("http", "1 x 1")
    memory = ("memory", "Django hello, 5 x 30, after load")
    echoers = ("granian", "bjoern", "uWSGI --http-socket", "gunicorn gthread")
    goals = [
        _more("Django 5 x 30, uwsgi", seed, "rps", 1.5, "uWSGI"),
        _more("Django 5 x 30, uwsgi", seed, "cpu", 1.9, "uWSGI"),
        _less("Django 5 x 30, uwsgi", seed, "p99", 0.2, "uWSGI"),
        Goal(
            "Django 5 x 30, uwsgi",
            "at least 0.9x our own 2 x 1, requests/s",
            _judged(_near_two_processes),
        ),
        _more("Django 5 x 30, proxy_pass", proxied, "rps", 1.1, "granian"),
        _more("Django 5 x 30, proxy_pass", proxied, "cpu", 1.1, "granian"),
        _more("Django 5 x 1, proxy_pass", five, "rps", 1.0, "bjoern"),
        _more("Django 5 x 1, proxy_pass", five, "cpu", 1.0, "bjoern"),
    ]
    for count in (64, 128):
        what = f"20 ms view, 5 x 30, {count} connections"
        asked = "at least 98 % of the ideal, or of the CPU's limit where that is less"
        goals.append(Goal(what, asked, _judged(_near_ideal(count))))
        where = ("blocking", f"5 x 30, {count} connections")
        goals.append(_more(what, where, "cpu", 1.3, "uWSGI"))
    goals += [
        _floor("hello, uwsgi, unix socket, 1 x 1", packets, 1.25),
        _floor("hello, HTTP, one worker", hello, 1.3),
        _more("hello, HTTP, one worker", hello, "cpu", 1.6, "granian"),
        _more("hello, HTTP, one worker", hello, "cpu", 1.0, "bjoern"),
    ]
    for case in ("10 KB get", "10 KB echo", "10 KB echo in pieces"):
        for key in ("rps", "cpu"):
            goals.append(_more(case, ("bodies", case), key, 1.0, *echoers))
    for case in ("90 % hello, 10 % sleep of 50 ms", "90 % hello, 10 % pure Python of 20 ms"):
        asked = "p99 of the hellos at most 0.5x the best threaded peer's, where that is above 2 ms"
        goals.append(Goal(case, asked, _judged(_mixed(case))))
    goals += [
        _less("memory, Django 5 x 30", memory, "pss", 0.55, "uWSGI --http-socket"),
        Goal("memory, idle connections", "at most 1,024 bytes each", _judged(_idle)),
    ]
    for case in ("start, hello, 1 x 1", "start, Django, 5 x 30"):
        goals.append(Goal(case, "at most uWSGI's + 20 ms", _judged(_start(case))))
    for case in ("4 KB", "1 MB"):
        goals.append(_more(f"static {case}", ("static", case), "cpu", 0.9, "nginx"))
    return goals + _wheel()


GOALS = _all()
