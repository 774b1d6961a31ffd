# SPDX-License-Identifier: MIT
"""The results of scenarios, one JSON file for each, so that a run of some keeps the others'."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from suite.bench import ROOT, Bench
from suite.figures import Rounds
from suite.scenario import OURS, Outcome, Scenario

FOLDER = ROOT / "build" / "bench-results"


@dataclass
class CaseResult:
    """What one case gave, and how it was made."""

    name: str
    load: str
    keys: list[str]
    ratios: list[str]
    commands: dict[str, str]  # By label, in the table's order.
    rounds: dict[str, Rounds] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    subject: str = OURS


@dataclass
class Result:
    """What one scenario gave, when, and on what."""

    name: str
    measured: str
    rounds: int
    seconds: float
    machine: str
    versions: dict[str, str]
    cases: dict[str, CaseResult]


def collect(
    scenario: Scenario,
    bench: Bench,
    outcomes: dict[str, Outcome],
    rounds: int,
    machine: str,
    versions: dict[str, str],
) -> Result:
    """Return the result of a scenario that has just been run."""
    cases = {
        case.name: CaseResult(
            case.name,
            case.load,
            list(case.keys),
            list(case.ratios),
            {one.label: one.shown(bench) for one in case.contestants},
            outcomes[case.name].rounds,
            outcomes[case.name].failures,
            case.subject,
        )
        for case in scenario.cases
    }
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return Result(scenario.name, now, rounds, bench.seconds, machine, versions, cases)


def save(result: Result) -> None:
    """Write a result in place of an earlier one."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{result.name}.json"
    path.write_text(json.dumps(asdict(result), indent=1) + "\n")


def load(name: str) -> Result | None:
    """Return the latest result of a scenario."""
    path: Path = FOLDER / f"{name}.json"
    if not path.exists():
        return None
    fields = json.loads(path.read_text())
    fields["cases"] = {key: CaseResult(**case) for key, case in fields["cases"].items()}
    return Result(**fields)
