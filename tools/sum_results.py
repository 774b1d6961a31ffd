# SPDX-License-Identifier: MIT
"""Adds up JUnit files and prints one closing line; the exit status is 1 if anything failed."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count(path: Path) -> dict[str, int]:
    """Count the test cases of one file by how they ended."""
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for case in ElementTree.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            totals["failed"] += 1
        elif case.find("skipped") is not None:
            totals["skipped"] += 1
        else:
            totals["passed"] += 1
    return totals


def main(directory: str, seconds: str, *broken_parts: str) -> int:
    """Sum the files of `directory`; a part that did not even run counts as one failure."""
    totals = {"passed": 0, "failed": len(broken_parts), "skipped": 0}
    for path in sorted(Path(directory).glob("*.xml")):
        counts = count(path)
        print(f"  {path.stem}: " + ", ".join(f"{n} {how}" for how, n in counts.items() if n))
        for how, number in counts.items():
            totals[how] += number
    for part in broken_parts:
        print(f"  {part}: failed as a whole")
    if totals["passed"] == 0 and totals["failed"] == 0:
        totals["failed"] = 1
    summary = f"{totals['passed']} passed, {totals['failed']} failed"
    print(f"{summary}, {totals['skipped']} skipped in {seconds} s")
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
