# SPDX-License-Identifier: MIT
"""Adds up JUnit files and prints two closing lines: which tests passed only alone, and the sum.

The exit status is 1 if anything failed.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Dict, Tuple

# Of a second run, whose results count instead of those of the first.
ALONE = "-alone"

# Deadlines that the neighbours spoil explain a few tests that pass only alone; more are a race.
MOST_ALONE = 5

Ends = Dict[Tuple[str, str], str]


def outcomes(path: Path) -> Ends:
    """Tell how each test case of one file ended."""
    ends: Ends = {}
    for case in ElementTree.parse(path).iter("testcase"):
        name = (case.get("classname", ""), case.get("name", ""))
        # A test that passes and whose fixture fails after it has two entries.
        failed = case.find("failure") is not None or case.find("error") is not None
        if failed or ends.get(name) == "failed":
            ends[name] = "failed"
        elif case.find("skipped") is not None:
            ends[name] = "skipped"
        else:
            ends[name] = "passed"
    return ends


def with_second_run(path: Path) -> tuple[Ends, list[str]]:
    """Tell how each test case of a part ended at last, and which of them passed only alone."""
    ends = outcomes(path)
    again = path.with_name(path.stem + ALONE + path.suffix)
    if not again.exists():
        return ends, []
    alone = outcomes(again)
    helped = [
        name
        for (where, name), how in alone.items()
        if how == "passed" and ends.get((where, name)) == "failed"
    ]
    return {**ends, **alone}, helped


def main(directory: str, seconds: str, *broken_parts: str) -> int:
    """Sum the files of `directory`; a part that did not even run counts as one failure.

    So does a run in which too many tests passed only alone.
    """
    totals = {"passed": 0, "failed": len(broken_parts), "skipped": 0}
    only_alone = []
    for path in sorted(Path(directory).glob("*.xml")):
        if path.stem.endswith(ALONE):
            continue
        ends, helped = with_second_run(path)
        counts = {how: list(ends.values()).count(how) for how in totals}
        print(f"  {path.stem}: " + ", ".join(f"{n} {how}" for how, n in counts.items() if n))
        for how, number in counts.items():
            totals[how] += number
        only_alone += helped
    for part in broken_parts:
        print(f"  {part}: failed as a whole")
    if len(only_alone) > MOST_ALONE:
        print(f"  more than {MOST_ALONE} tests passed only alone: failed")
        totals["failed"] += 1
    if totals["passed"] == 0 and totals["failed"] == 0:
        totals["failed"] = 1
    print(f"  in {seconds} s")
    names = f": {', '.join(only_alone)}" if only_alone else ""
    print(f"{len(only_alone)} passed only alone{names}")
    summary = f"{totals['passed']} passed, {totals['failed']} failed"
    print(f"{summary}, {totals['skipped']} skipped")
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
