# SPDX-License-Identifier: MIT
"""Holds every #include, and a few words, to the layers of docs/architecture.md."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from source_tree import ROOT, code_of, cpp_files, place, report

TABLE = ROOT / "cmake" / "layers.cmake"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

# These compose all of it.
FRONT_ENDS = ("main.cc", "wheel_main.cc", "wheel_module.cc")

# Headers of others, and the only places that may see them.
RESERVED = {
    r"uv\.h|uv/.*": ("os/",),
    r"ini\.h|INIReader\.h": ("config/",),
    r"Python\.h|structmember\.h|frameobject\.h|pybind11/.*": (
        "python/",
        "wsgi/",
        "wheel_module.cc",
    ),
    r"spdlog/.*": ("base/plain_log_encoder.cc",),
    r"openssl/.*": ("tls/",),
    r"zlib\.h|zstd\w*\.h|brotli/.*": ("compression/",),
    r"pcre2\w*\.h": ("base/pattern.cc",),
}

# Words of the language, where they may stand, and why nowhere else.
WORDS = [
    (r"\bthrow\b", ("python/", "wsgi/"), "return a Result"),
    (r"\btry\b|\bcatch\b", ("python/", "wsgi/", "app/"), "nothing below python/ throws"),
    (r"(?<![\w.>:])(std::)?exit\s*\(", ("main.cc",), "only main decides an exit status"),
    (
        r"(?<![\w.>])(::)?_exit\s*\(|\bquick_exit\s*\(",
        ("wheel_module.cc", "zygote/", "os/", "app/server.cc", "python/forked_child.cc"),
        "only the entry or the end of a child leaves a process",
    ),
    (r"\bgoto\b", (), "use a function or an RAII type"),
    (r"#\s*define\s+\w+\(", ("base/",), "no macros but logging and checks"),
    (
        r"\busing\s+namespace\b(?!\s+std::(literals|chrono_literals|string\w*_literals))",
        FRONT_ENDS,
        "qualify",
    ),
]

# Whoever forgets to override such a function would do nothing, and nobody would see it.
DEFAULT_BODY = re.compile(r"\bvirtual\s+(?!~)[^;{}]*\{")


def layer_table() -> dict[str, set[str]]:
    """Read the rows of UWSGI_LAYERS: folder, and the folders that it may include."""
    rows = re.findall(r'^\s*"(\w+):([\w ]*)"', TABLE.read_text(), re.MULTILINE)
    return {folder: set(below.split()) for folder, below in rows}


def check_file(path: Path, table: dict[str, set[str]]) -> list[str]:
    """Return what is wrong with one file of include/ or src/."""
    text = path.read_text()
    is_public = path.is_relative_to(ROOT / "include")
    inside = str(path.relative_to(ROOT / ("include" if is_public else "src")))
    folder = inside.split("/")[0]
    problems = []
    if not is_public and folder not in table and inside not in FRONT_ENDS:
        problems.append(f"{place(path, 1)}: {folder}/ has no row in cmake/layers.cmake")
    for match in INCLUDE.finditer(text):
        where = place(path, text.count("\n", 0, match.start(2)) + 1)
        quoted, name = match.group(1) == '"', match.group(2)
        top = name.split("/")[0]
        if quoted and top != "uwsgi":
            if is_public:
                problems.append(f"{where}: a public header includes {name}")
            elif inside not in FRONT_ENDS and top != folder and top not in table.get(folder, set()):
                problems.append(f"{where}: {folder}/ may not include {name}")
        for pattern, places in RESERVED.items():
            if re.fullmatch(pattern, name) and not inside.startswith(places):
                problems.append(f"{where}: only {' and '.join(places)} may include {name}")
    code = code_of(text)
    for pattern, places, advice in WORDS:
        for match in re.finditer(pattern, code):
            if not places or not inside.startswith(places):
                where = place(path, code.count("\n", 0, match.start()) + 1)
                problems.append(f"{where}: `{match.group().strip()}`: {advice}")
    for match in DEFAULT_BODY.finditer(code) if is_public else ():
        where = place(path, code.count("\n", 0, match.start()) + 1)
        problems.append(f"{where}: an interface has no default bodies")
    return problems


def check_form(path: Path) -> list[str]:
    """Return what is wrong with the first lines and the remarks of a file."""
    text = path.read_text()
    problems = []
    if not text.startswith("// SPDX-License-Identifier: MIT\n"):
        problems.append(f"{place(path, 1)}: the first line is not the SPDX line")
    if path.suffix == ".h" and "\n#pragma once\n" not in text:
        problems.append(f"{place(path, 1)}: no #pragma once")
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            problems.append(
                f"{place(path, number)}: a remark for later: do it now, or leave it out"
            )
    return problems


def main() -> int:
    table = layer_table()
    problems = []
    for folder, below in table.items():
        problems += [f"cmake/layers.cmake: {folder}: no layer {b}" for b in below - set(table)]
    for path in cpp_files("include", "src"):
        problems += check_file(path, table)
    for path in cpp_files("include", "src", "tests"):
        problems += check_form(path)
    return report(problems)


if __name__ == "__main__":
    sys.exit(main())
