# SPDX-License-Identifier: MIT
"""The cases of the parsers' unit tests, see tests/unit/protocol/data/README.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parents[1] / "unit" / "protocol" / "data"

_REPEATED = re.compile(rb"\{(\d+)\*([^}]*)\}")
_ESCAPED = re.compile(rb"\\(x..|.)")
_NAMED = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}


class Case(NamedTuple):
    """One case: what is sent, and what the parser says of it."""

    file: str
    name: str
    outcome: str
    lines: list[bytes]
    sent: bytes


def _unescape(text: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        word = match[1]
        return bytes.fromhex(word[1:].decode()) if len(word) == 3 else _NAMED.get(word, word)

    return _ESCAPED.sub(one, text)


def _read(path: Path) -> list[Case]:
    cases = []
    for text in re.split(rb"^== ", path.read_bytes(), flags=re.MULTILINE)[1:]:
        said, _, sent = text.partition(b"\n--\n")
        name, outcome, *lines = filter(None, said.split(b"\n"))
        repeated = _REPEATED.sub(lambda match: int(match[1]) * match[2], sent)
        cases.append(
            Case(
                path.stem,
                name.decode(),
                outcome.decode(),
                [_unescape(line) for line in lines],
                _unescape(repeated.replace(b"\n", b"")),
            )
        )
    return cases


def read_cases(extension: str) -> list[Case]:
    """Return the cases of all files with this extension."""
    return [case for path in sorted(DATA.glob(f"*.{extension}")) for case in _read(path)]


def case_name(case: Case) -> str:
    """Return what pytest calls the case."""
    return f"{case.file}: {case.name}"
