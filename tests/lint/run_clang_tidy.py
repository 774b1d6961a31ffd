# SPDX-License-Identifier: MIT
"""Runs clang-tidy over src/, several files at once; .clang-tidy holds the checks.

A file that was clean is remembered by the contents of everything it could include,
so that a second run looks only at what a change may have touched.

usage: run_clang_tidy.py BUILD_DIRECTORY [FILE...]
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from source_tree import ROOT, cpp_files, report, without_precompiled

TIDY = os.environ.get("CLANG_TIDY", "clang-tidy-14")


def fingerprint(source: Path, shared: bytes) -> str:
    """Return what identifies a source together with all headers and the checks."""
    return hashlib.sha256(shared + source.read_bytes()).hexdigest()


def write_commands(build: Path) -> Path:
    """Write the build's commands without what clang can not take: g++'s precompiled headers."""
    directory = build / "clang-tidy"
    directory.mkdir(exist_ok=True)
    entries = json.loads((build / "compile_commands.json").read_text())
    for entry in entries:
        entry["command"] = without_precompiled(entry["command"])
    (directory / "compile_commands.json").write_text(json.dumps(entries))
    return directory


def check(commands: Path, source: Path) -> str:
    """Return clang-tidy's findings in one source, empty if it is clean."""
    done = subprocess.run(
        [
            TIDY,
            "-p",
            str(commands),
            "--quiet",
            "--extra-arg=-Wno-unknown-warning-option",
            str(source),
        ],
        capture_output=True,
        text=True,
    )
    return (done.stdout.strip() or done.stderr.strip()) if done.returncode else ""


def main(build: str, *names: str) -> int:
    headers = [h.read_bytes() for h in cpp_files("include", "src") if h.suffix == ".h"]
    shared = hashlib.sha256(b"".join([*headers, (ROOT / ".clang-tidy").read_bytes()])).digest()
    memory = Path(build) / "clang-tidy.clean"
    known = set(memory.read_text().split()) if memory.exists() else set()
    # The parts of a wheel are of another build.
    built = {
        (Path(entry["directory"]) / entry["file"]).resolve()
        for entry in json.loads((Path(build) / "compile_commands.json").read_text())
    }
    sources = [Path(n).resolve() for n in names] or [
        s for s in cpp_files("src") if s.suffix == ".cc" and s in built
    ]
    prints = {source: fingerprint(source, shared) for source in sources}
    waiting = [source for source in sources if prints[source] not in known]
    commands = write_commands(Path(build))
    problems = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, text in zip(waiting, pool.map(lambda s: check(commands, s), waiting)):
            if text:
                problems.append(text)
            else:
                known.add(prints[source])
    if not names:
        known &= set(prints.values())
    memory.write_text("\n".join(sorted(known)) + "\n")
    return report(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
