# SPDX-License-Identifier: MIT
"""Holds files to their size. Functions are held to theirs by clang-tidy."""

from __future__ import annotations

import sys
from pathlib import Path

from source_tree import ROOT, files, report

MAX_LINES = 500
SMALLER = {"src/main.cc": 150}


def main() -> int:
    problems = []
    suffixes = (".h", ".cc", ".py", ".cmake", ".sh")
    for path in files(
        "include", "src", "python", "cmake", "tools", "tests", "examples", suffixes=suffixes
    ):
        problems += check(path)
    return report(problems)


def check(path: Path) -> list[str]:
    name = str(path.relative_to(ROOT))
    lines = path.read_text().count("\n")
    limit = SMALLER.get(name, MAX_LINES)
    return [f"{name}:1: {lines} lines, and {limit} are the limit"] if lines > limit else []


if __name__ == "__main__":
    sys.exit(main())
