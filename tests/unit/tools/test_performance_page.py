# SPDX-License-Identifier: MIT
"""docs/performance.md, as tests/bench writes it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("bench", "integration")]

from suite.page import page  # noqa: E402
from suite.results import CaseResult, Result  # noqa: E402
from suite.scenarios import ALL  # noqa: E402


def result(scenario: str, case: str, rounds: dict[str, list[dict[str, float]]]) -> Result:
    """Return what one case of a scenario gave."""
    commands = dict.fromkeys(rounds, "")
    one = CaseResult(case, "", list(next(iter(rounds.values()))[0]), [], commands, rounds)
    return Result(scenario, "2026-01-01 00:00 UTC", 3, 1, "a machine", {}, {case: one})


def test_the_page_begins_with_medians_beside_the_peers_and_the_best_of_their_variants() -> None:
    rounds = {
        "this server": [{"rps": 500.0}, {"rps": 900.0}, {"rps": 600.0}],
        "this server, no request log": [{"rps": 7000.0}],
        "uWSGI --http": [{"rps": 100.0}],
        "uWSGI --http-socket": [{"rps": 300.0}],
        "granian": [{"rps": 650.0}],
    }
    lines = page(ALL, {"http": result("http", "1 x 1", rounds)}, 437).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table[0] == "| Load | Figure | this server | uWSGI | gunicorn | granian |"
    assert table[2] == "| hello, one worker, one thread | requests/s | 600 | 300 | - | 650 |"
    assert lines.index(table[0]) < lines.index("## Method") < lines.index("## Goals")


def test_of_what_should_be_small_the_smallest_is_the_best() -> None:
    case = "Django hello, 5 x 30, after load"
    rounds = {"this server": [{"pss": 85.26}], "gunicorn a": [{"pss": 9.0}]}
    rounds["gunicorn b"] = [{"pss": 8.04}]
    lines = page(ALL, {"memory": result("memory", case, rounds)}, 437).splitlines()
    assert "| Django 5 x 30 under load | PSS MiB | 85.3 | - | 8.0 | - |" in lines


def test_the_page_in_the_tree_has_the_parts_that_the_suite_writes() -> None:
    written = page(ALL, {}, 437).splitlines()
    kept = (ROOT / "docs" / "performance.md").read_text().splitlines()
    for text in (written, kept):
        text[:] = [line for line in text if line.startswith("## ")]
    assert kept == written
