# SPDX-License-Identifier: MIT
"""README.md and docs/ as a reader follows them: the files that they show and their commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from sandbox import Sandbox

ROOT = Path(__file__).parents[2]

# Commands that are not run, as regular expressions, and why.
NOT_RUN = {
    r"tests/run( .*)?": "it runs these tests",
    r"\.venv/bin/python -m pytest .*": "it runs tests",
    r"build/asan/.*": "tests/run fuzz does it",
    r"\.venv/bin/(pip (install|wheel .*) ~/uwsgi|uwsgi --version)": "tests/run wheel installs it",
    r"tools/build_deb|sudo apt install \./build/deb/.*|.* --now uwsgi(@site)?": (
        "tests/run package does it"
    ),
    r"~/uwsgi/tools/build_wheels .*": "tests/run wheels does it",
    r"docker .*": "it needs Docker's daemon; test_examples.py checks the files",
    r"kubectl .*": "it needs a cluster; test_containers.py checks the file",
}

_FENCE = re.compile(
    r"^(?:`(?P<path>[^`\n]+)`:\n\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class ShownFile:
    """A block below a line that is its path, in backquotes and with a colon."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """One line of an `sh` block; what a backslash ends goes on in the next."""

    text: str
    line: int


def pages() -> list[str]:
    """Return every page of the documentation, by its path in the tree."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [str(path.relative_to(ROOT)) for path in found]


def steps(page: str) -> Iterator[ShownFile | Command]:
    """Return files and commands of a page, in its order."""
    text = (ROOT / page).read_text()
    for match in _FENCE.finditer(text):
        if match["language"] == "sh":
            first = text.count("\n", 0, match.start("text")) + 1
            yield from _commands(match["text"], first)
        elif match["path"]:
            yield ShownFile(match["path"], match["text"])


def _commands(block: str, first: int) -> Iterator[Command]:
    held = ""
    for number, line in enumerate(block.splitlines(), first):
        held += line
        if line.endswith("\\"):
            held += "\n"
            continue
        if held.strip() and not held.startswith("#"):
            yield Command(held, number)
        held = ""


def commands_outside_of_blocks(page: str) -> list[str]:
    """Return lines of indented blocks that are commands: nobody would try them."""
    text = _FENCE.sub("", (ROOT / page).read_text())
    return re.findall(
        r"^    (?:(?:sudo|uwsgi|cmake|ctest|git|curl) |(?:build|tests)/).*", text, re.M
    )


def reason_not_to_run(command: str) -> str | None:
    """Return why a command is not run, None if it is."""
    return next((why for what, why in NOT_RUN.items() if re.fullmatch(what, command, re.S)), None)


def follow(terminal: Sandbox, page: str, until: str | None = None) -> None:
    """Write the files and type the commands of a page, to its end or up to a command."""
    for step in steps(page):
        if isinstance(step, ShownFile):
            terminal.write(step.path, step.text)
        elif step.text == until:
            return
        elif reason_not_to_run(step.text) is None:
            terminal.run(_in_its_place(step.text), timeout=300)
    assert until is None, f"{page} has no command `{until}`"


def _in_its_place(command: str) -> str:
    """Return a command as it is typed where it names files of the checkout: there."""
    if re.search(r"(^|\s)(tools|examples|tests)/", command):
        return f"(cd {ROOT} && {command})"
    return command
