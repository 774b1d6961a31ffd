# SPDX-License-Identifier: MIT
"""Compiles every header alone, so that none leans on what its includer included.

usage: check_headers.py BUILD_DIRECTORY
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from source_tree import ROOT, cpp_files, report, without_precompiled


def flags_by_folder(build: Path) -> dict[str, list[str]]:
    """Return the compiler and its flags for each folder of src/, from one of its sources."""
    flags: dict[str, list[str]] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = Path(entry["file"])
        if source.parent.parent != ROOT / "src":
            continue
        words = shlex.split(without_precompiled(entry["command"]))
        if Path(words[0]).name == "ccache":
            words = words[1:]
        flags.setdefault(source.parent.name, words[: words.index("-o")])
    return flags


def compile_alone(header: Path, command: list[str]) -> str:
    """Return the compiler's complaints about one header, empty if there are none."""
    name = header.relative_to(ROOT / ("include" if "include" in header.parts else "src"))
    done = subprocess.run(
        [*command, "-fsyntax-only", "-x", "c++", "-"],
        input=f'#include "{name}"\n#include "{name}"\n',
        capture_output=True,
        text=True,
    )
    return done.stderr.strip() if done.returncode else ""


def main(build: str) -> int:
    flags = flags_by_folder(Path(build))
    headers = [h for h in cpp_files("include", "src") if h.suffix == ".h"]
    commands = [flags.get(h.parent.name, flags["base"]) for h in headers]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return report([text for text in pool.map(compile_alone, headers, commands) if text])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
