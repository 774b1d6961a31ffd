# SPDX-License-Identifier: MIT
"""The files that the lint checks read, and how a check reports."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Iterator

ROOT = Path(__file__).resolve().parents[2]

_COMMENT_OR_STRING = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
)


def files(*folders: str, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files below `folders` with these suffixes, sorted."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file() and ".venv" not in path.parts:
                yield path


def cpp_files(*folders: str) -> Iterator[Path]:
    """Yield C++ headers and sources below `folders`."""
    return files(*folders, suffixes=(".h", ".cc"))


def code_of(text: str) -> str:
    """Return C++ text without comments and literals; lines keep their numbers."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match.group().count("\n") or " "

    return _COMMENT_OR_STRING.sub(blank, text)


def without_precompiled(command: str) -> str:
    """Return a compiler's command without the headers that CMake precompiles for it."""
    return re.sub(
        r" (-Xclang )?(-Winvalid-pch|-include(-pch)?( -Xclang)? \S*/cmake_pch\S*)", "", command
    )


def report(problems: list[str]) -> int:
    """Print problems; return the exit status."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s)", file=sys.stderr)
    return 1 if problems else 0


def place(path: Path, line: int) -> str:
    """Return path:line as compilers write it."""
    return f"{path.relative_to(ROOT)}:{line}"
