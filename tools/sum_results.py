# SPDX-License-Identifier: MIT
"""Adds up JUnit files and prints one closing line; the exit status is 1 if anything failed."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

# Of a second run, whose results count instead of those of the first.
ALONE = "-alone"


def outcomes(path: Path) -> dict[tuple[str, str], str]:
    """Tell how each test case of one file ended."""
    ends = {}
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


def count(path: Path) -> dict[str, int]:
    """Count the test cases of one file, and of its second run, by how they ended."""
    ends = outcomes(path)
    again = path.with_name(path.stem + ALONE + path.suffix)
    if again.exists():
        ends.update(outcomes(again))
    return {how: list(ends.values()).count(how) for how in ("passed", "failed", "skipped")}


def main(directory: str, seconds: str, *broken_parts: str) -> int:
    """Sum the files of `directory`; a part that did not even run counts as one failure."""
    totals = {"passed": 0, "failed": len(broken_parts), "skipped": 0}
    for path in sorted(Path(directory).glob("*.xml")):
        if path.stem.endswith(ALONE):
            continue
        counts = count(path)
        print(f"  {path.stem}: " + ", ".join(f"{n} {how}" for how, n in counts.items() if n))
        for how, number in counts.items():
            totals[how] += number
    for part in broken_parts:
        print(f"  {part}: failed as a whole")
    if totals["passed"] == 0 and totals["failed"] == 0:
        totals["failed"] = 1
    summary = f"{totals['passed']} passed, {totals['failed']} failed"
    print(f"  in {seconds} s")
    print(f"{summary}, {totals['skipped']} skipped")
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
