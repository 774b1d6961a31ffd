# SPDX-License-Identifier: MIT
"""Holds the documents to the code: links, paths, options, commands, and options.md itself.

usage: check_docs.py SERVER_BINARY
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from pathlib import Path

from source_tree import ROOT, cpp_files, place, report

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:src|include|tests|docs|examples|tools|cmake|python)/[\w./*-]*")
OPTION = re.compile(r"--([a-z][a-z0-9-]+)")
INI_KEY = re.compile(r"^\s*([a-z][a-z0-9-]+)\s*=", re.MULTILINE)


# A name of our C++, and all words of it.
NAME = re.compile(r"(?:\w+::)*(?:[A-Z][a-z]+[A-Z]\w*|k[A-Z]\w*)|(?:\w+::)+\w+")
WORDS_OF_CODE = {
    word for file in cpp_files("include", "src") for word in re.findall(r"\w+", file.read_text())
}
PAGES_OF_CODE = {"architecture.md", "contributing.md", "process-model.md", "testing.md"}

# clang-tidy wants a word at each global that may change, and lets these others pass. Python's
# tables of methods change for nobody.
MUTABLE = re.compile(
    r"avoid-non-const-global-variables|\bthread_local |^ +static (?!const|Py\w+Def)[^()\n]*[={]",
    re.MULTILINE,
)

# Other words of such a column.
NOT_OPTIONS = {"uwsgidecorators"}


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def anchor_of(title: str) -> str:
    """Return the fragment that web views give a heading."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def headings(path: Path) -> set[str]:
    text = FENCE.sub("", path.read_text())
    return {anchor_of(t) for t in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def check_links(path: Path, text: str) -> list[str]:
    """Find relative links that lead nowhere."""
    problems = []
    for match in LINK.finditer(text):
        target, _, fragment = match.group(1).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        where = place(path, text.count("\n", 0, match.start()) + 1)
        file = (path.parent / target).resolve() if target else path
        if not file.exists():
            problems.append(f"{where}: no such file: {target}")
        elif fragment and file.suffix == ".md" and fragment not in headings(file):
            problems.append(f"{where}: {target} has no heading #{fragment}")
    return problems


def check_paths(path: Path, text: str) -> list[str]:
    """Find names of files, in backquotes, that are not in the tree."""
    problems: list[str] = []
    if "\nSuperseded by " in text:  # It tells of what was.
        return problems
    for match in INLINE.finditer(text):
        word = match.group(1)
        if not PATH.fullmatch(word) or "*" in word or "/../" in word:
            continue
        if not (ROOT / word).exists() and not (ROOT / "src" / word).exists():
            where = place(path, text.count("\n", 0, match.start()) + 1)
            problems.append(f"{where}: no such file: {word}")
    return problems


def check_names(path: Path, text: str) -> list[str]:
    """Find types, functions and constants, in backquotes, that the sources do not have."""
    problems = []
    for match in INLINE.finditer(text):
        for name in match.group(1).split("::") if NAME.fullmatch(match.group(1)) else []:
            if name not in WORDS_OF_CODE and not name.endswith("PascalCase"):
                where = place(path, text.count("\n", 0, match.start()) + 1)
                problems.append(f"{where}: no such name in the sources: {name}")
    return problems


def known_options(options_page: str) -> set[str]:
    """Return every option name in docs/options.md, whatever its state."""
    return set(re.findall(r"`(?:--)?([a-z0-9][a-z0-9-]+)", options_page))


def check_options(path: Path, text: str, known: set[str]) -> list[str]:
    """Find options of the server, in commands and ini examples, that it does not have."""
    problems = []
    for match in FENCE.finditer(text):
        language, body = match.groups()
        names = INI_KEY.findall(body) if language == "ini" else []
        for line in body.splitlines():
            program, _, options = line.partition("uwsgi ")
            if re.search(r"(^|[\s/])$", program):
                names += OPTION.findall(f" {options}")
        line_number = text.count("\n", 0, match.start()) + 1
        problems += [
            f"{place(path, line_number)}: no such option: {name}"
            for name in names
            if name not in known
        ]
    return problems


def check_words(path: Path, text: str, options_page: str) -> list[str]:
    """Find options, in the column `Here` of a table of words, that are not supported."""
    supported = known_options(options_page.partition("\n## Options of uWSGI")[0])
    problems = []
    table = re.search(r"^\| \w+ \| Here \|\n\|---\|---\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    for row in table.group(1).splitlines() if table else []:
        for word in INLINE.findall(row.split(" | ", 1)[1]):
            name = re.fullmatch(r"([a-z][a-z0-9-]+)(?: = .*)?", word)
            if name and name.group(1) not in supported and name.group(1) not in NOT_OPTIONS:
                problems.append(f"{path.name}: no such option: {name.group(1)}")
    return problems


def check_mutable_state(path: Path, text: str) -> list[str]:
    """Compare the list of process-wide mutable state with the files that have some."""
    item = re.search(r"Process-wide mutable state, the complete list: (.*?)\n\n", text, re.DOTALL)
    listed = set(re.findall(r"`([\w/]+\.cc)`", item.group(1))) if item else set()
    having = {
        str(file.relative_to(ROOT / "src"))
        for file in cpp_files("src")
        if MUTABLE.search(file.read_text())
    }
    where = place(path, text.count("\n", 0, item.start()) + 1 if item else 1)
    return [f"{where}: {name} is listed, or has mutable state, alone" for name in listed ^ having]


def check_options_page(page: Path, binary: Path) -> list[str]:
    """Compare docs/options.md with what the server prints."""
    if not binary.exists() or not page.exists():
        return [f"{page if binary.exists() else binary} is missing: not compared"]
    printed = subprocess.run([str(binary), "--dump-options=md"], capture_output=True, text=True)
    if printed.returncode:
        return [f"{binary} --dump-options=md: status {printed.returncode}: {printed.stderr}"]
    difference = difflib.unified_diff(
        page.read_text().splitlines(),
        printed.stdout.splitlines(),
        "docs/options.md",
        "server",
        "",
        "",
        0,
        "",
    )
    lines = list(difference)[:20]
    advice = "docs/options.md:1: not current; write it anew with build/uwsgi --dump-options=md"
    return [advice, *lines] if lines else []


def main(binary: str) -> int:
    page = ROOT / "docs" / "options.md"
    problems = check_options_page(page, Path(binary))
    known = known_options(page.read_text()) if page.exists() else set()
    for path in documents():
        text = path.read_text()
        problems += check_links(path, text)
        if path.name == "options.md":
            continue
        problems += check_paths(path, text)
        problems += check_options(path, text, known)
        if path.name in PAGES_OF_CODE:
            problems += check_names(path, text)
        if path.name == "contributing.md":
            problems += check_mutable_state(path, text)
        if path.name == "from-gunicorn.md":
            problems += check_words(path, text, page.read_text())
    return report(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
