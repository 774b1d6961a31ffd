# SPDX-License-Identifier: MIT
"""The sum at the end of tests/run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[3] / "tools" / "sum_results.py"


def write(path: Path, **ends: str) -> None:
    """Write a JUnit file of test cases and how they ended."""
    inside = {"passed": "", "failed": "<failure/>", "skipped": "<skipped/>"}
    cases = [f'<testcase classname="t" name="{n}">{inside[e]}</testcase>' for n, e in ends.items()]
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")


def summed(directory: Path, *broken: str) -> tuple[int, list[str]]:
    """Run the tool and return its status and its lines."""
    command = [sys.executable, str(TOOL), str(directory), "7", *broken]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return ran.returncode, ran.stdout.splitlines()


def test_the_last_two_lines_are_what_passed_only_alone_and_the_sum(tmp_path: Path) -> None:
    write(tmp_path / "unit.xml", a="passed", b="skipped")
    write(tmp_path / "integration.xml", c="passed", d="failed", e="failed")
    write(tmp_path / "integration-alone.xml", d="passed", e="passed")
    status, lines = summed(tmp_path)
    assert status == 0
    assert lines[-2:] == ["2 passed only alone: d, e", "4 passed, 0 failed, 1 skipped"]


def test_what_fails_alone_too_did_not_pass(tmp_path: Path) -> None:
    write(tmp_path / "integration.xml", c="passed", d="failed")
    write(tmp_path / "integration-alone.xml", d="failed")
    status, lines = summed(tmp_path)
    assert status == 1
    assert lines[-2:] == ["0 passed only alone", "1 passed, 1 failed, 0 skipped"]


def test_five_that_pass_only_alone_are_borne_and_six_are_a_failure(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d", "e"]
    for some, expected in ((names, 0), ([*names, "f"], 1)):
        write(tmp_path / "integration.xml", **dict.fromkeys(some, "failed"))
        write(tmp_path / "integration-alone.xml", **dict.fromkeys(some, "passed"))
        status, lines = summed(tmp_path)
        assert status == expected
        assert lines[-2] == f"{len(some)} passed only alone: {', '.join(some)}"
        assert lines[-1] == f"{len(some)} passed, {expected} failed, 0 skipped"


def test_a_part_that_did_not_run_is_a_failure_and_so_is_nothing_at_all(tmp_path: Path) -> None:
    assert summed(tmp_path)[1][-1] == "0 passed, 1 failed, 0 skipped"
    write(tmp_path / "unit.xml", a="passed")
    status, lines = summed(tmp_path, "asan")
    assert status == 1
    assert lines[-1] == "1 passed, 1 failed, 0 skipped"
    assert "  asan: failed as a whole" in lines
