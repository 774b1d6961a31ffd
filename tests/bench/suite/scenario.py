# SPDX-License-Identifier: MIT
"""Scenarios, their cases, and running them in rounds."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Sequence

from suite.bench import Bench
from suite.figures import LOAD, Rounds
from suite.loads import Figures
from suite.servers import Contestant

# Measures one contestant in a directory of its own. What it returns is one round's figures.
Measure = Callable[[Bench, Contestant, Path], Figures]

# Looks at all contestants before the first round; its figures go into each of their rounds.
Survey = Callable[[Bench, "Case", Path], Figures]

OURS = "this server"


@dataclass(frozen=True)
class Case:
    """What one table shows: some servers, configured alike, under the same load."""

    name: str
    contestants: Sequence[Contestant]
    measure: Measure
    load: str  # The load's command line or description, for the page.
    keys: Sequence[str] = LOAD
    ratios: Sequence[str] = ("rps", "p99", "cpu", "pss")
    survey: Survey | None = None
    subject: str = OURS  # Whose ratios the table has, by the others.


@dataclass(frozen=True)
class Scenario:
    """A group of cases that answer one question."""

    name: str
    title: str
    text: str
    cases: Sequence[Case]


@dataclass
class Outcome:
    """What a case's contestants did, by label."""

    rounds: dict[str, Rounds] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def rotated(contestants: Sequence[Contestant], number: int) -> list[Contestant]:
    """Return the order of a round: each begins with another, so that no place is favoured."""
    start = number % len(contestants)
    return [*contestants[start:], *contestants[:start]]


def run(scenario: Scenario, bench: Bench, rounds: int) -> dict[str, Outcome]:
    """Measure all cases, round by round, and return the outcome of each."""
    outcomes = {case.name: Outcome() for case in scenario.cases}
    surveys: dict[str, Figures] = {}
    for case in scenario.cases:
        if case.survey:
            directory = bench.directory / "survey"
            surveys[case.name] = case.survey(bench, case, directory)
            shutil.rmtree(directory, ignore_errors=True)
    for number in range(rounds):
        for case in scenario.cases:
            for contestant in rotated(case.contestants, number):
                figures = _measure(bench, case, contestant, outcomes[case.name])
                if figures is None:
                    continue
                figures = {**figures, **surveys.get(case.name, {})}
                outcomes[case.name].rounds.setdefault(contestant.label, []).append(figures)
                text = ", ".join(f"{key} {figures[key]:.2f}" for key in case.keys if key in figures)
                who = f"{scenario.name}: {case.name}: {contestant.label}"
                print(f"round {number + 1}: {who}: {text}", flush=True)
    return outcomes


def _measure(bench: Bench, case: Case, contestant: Contestant, outcome: Outcome) -> Figures | None:
    """Measure one contestant; a failure of its is a result as well."""
    directory = bench.directory / "round"
    try:
        return case.measure(bench, contestant, directory)
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        reason = bench.portable(str(error)).strip().splitlines() or [type(error).__name__]
        outcome.failures[contestant.label] = reason[-1][:300]
        print(f"failed: {case.name}: {contestant.label}: {error}", flush=True)
        return None
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(directory)
