# SPDX-License-Identifier: MIT
"""Holds the table of options to the code: what a row promises is built, and its effect is tested.

A row's field is read by something else than the row and the checks, and a test outside of
tests/unit/app, config and options names the option, in any of its spellings, or the field. Rows
without a field are words of the configuration language, which app/grammar_test.cc has to know.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from source_tree import ROOT, code_of, cpp_files, files, place, report

# It only looks at fields.
NO_READERS = {"option_checks.cc"}
ROW = re.compile(
    r'\{Group::\w+,\s*"([^"]+)",\s*"([^"]*)",(.*?)\},?\n(?=    \{Group|\};)', re.DOTALL
)


@dataclass
class Row:
    where: str
    name: str
    spellings: list[str]
    field: str | None  # The last member of its path.


def rows_of(path: Path) -> list[Row]:
    text = path.read_text()
    rows = []
    for match in ROW.finditer(text):
        name, aliases, rest = match.groups()
        members = re.findall(r"&\w+::(\w+)", rest)
        where = place(path, text.count("\n", 0, match.start()) + 1)
        rows.append(Row(where, name, [name, *aliases.split()], members[-1] if members else None))
    return rows


def documented() -> set[str]:
    """Return the supported options of docs/options.md: the rows that there must be."""
    page = (ROOT / "docs" / "options.md").read_text().partition("## Options of uWSGI without")[0]
    return set(re.findall(r"^\| `([\w-]+)`", page, re.MULTILINE))


def main() -> int:
    rows_by_file = {path: rows_of(path) for path in cpp_files("src")}
    rows = [row for some in rows_by_file.values() for row in some]
    unread = {row.name for row in rows} ^ documented()
    problems = [f"{name}: this script and docs/options.md differ about it" for name in unread]
    tests = "\n".join(
        path.read_text()
        for path in files("tests/unit", "tests/integration", suffixes=(".cc", ".h", ".py"))
        if path.parent.name not in ("app", "config", "options")
    )
    sources = "\n".join(
        code_of(path.read_text())
        for path in cpp_files("src")
        if path.name not in NO_READERS and not rows_by_file[path]
    )
    for row in rows:
        if row.field is None:
            continue
        if not re.search(rf"(?:\.|->){row.field}\b", sources):
            problems.append(f"{row.where}: {row.name}: nothing reads {row.field}")
        words = {row.field, *row.spellings, *(name.replace("-", "_") for name in row.spellings)}
        pattern = "|".join(map(re.escape, words))
        if not re.search(rf"(?<![\w-])(?:--)?(?:{pattern})(?![\w-])", tests):
            problems.append(f"{row.where}: {row.name}: no test of its effect names it")
    return report(problems)


if __name__ == "__main__":
    sys.exit(main())
