# SPDX-License-Identifier: MIT
"""Where everything is, and the preparations that all scenarios share."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "bench"
APPS = FOLDER / "apps"
PEERS = ROOT / "build" / "bench-peer"
WHEEL = ROOT / "build" / "bench-wheel" / "bin" / "uwsgi"  # As pip installs this server.
LOADS = ROOT / "build" / "bench-load"

COMPILE = ["cc", "-O2", "-o"]
STATIC_SIZES = {"4k": 4096, "1m": 1 << 20}


@dataclass(frozen=True)
class Bench:
    """One run: the server under test, a directory for it, and how long a measurement lasts."""

    binary: Path
    directory: Path
    seconds: float

    @property
    def site(self) -> Path:
        """Return the copy of the example site, whose database is ready."""
        return self.directory / "mmcsite"

    @property
    def files(self) -> Path:
        """Return the directory of the static files."""
        return self.directory / "files"

    def portable(self, text: str) -> str:
        """Return a text in which nothing is of this machine or this run alone."""
        for path, name in (
            (self.site, "examples/mmcsite"),
            (self.directory, "DIRECTORY"),
            (self.binary, "build/uwsgi"),
        ):
            text = text.replace(str(path), name)
        return text.replace(f"{ROOT}/", "").replace(str(ROOT), ".")


def environment() -> dict[str, str]:
    """Return the environment of servers and tools: as little as possible."""
    path = f"{PEERS / 'bin'}:{os.environ.get('PATH', os.defpath)}"
    return {"PATH": path, "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}


def prepare(bench: Bench) -> None:
    """Compile the C programs, copy the example site, and write the static files."""
    LOADS.mkdir(parents=True, exist_ok=True)
    for source in sorted(FOLDER.glob("*.c")):
        subprocess.run([*COMPILE, str(LOADS / source.stem), str(source), "-lm"], check=True)
    shutil.copytree(
        ROOT / "examples" / "mmcsite", bench.site, ignore=shutil.ignore_patterns("*.sqlite3")
    )
    python = str(PEERS / "bin" / "python")
    subprocess.run(
        [python, "manage.py", "prepare"],
        cwd=bench.site,
        check=True,
        env=environment(),
        stdout=subprocess.DEVNULL,
    )
    (bench.files / "static").mkdir(parents=True)
    for name, size in STATIC_SIZES.items():
        (bench.files / "static" / f"{name}.bin").write_bytes(os.urandom(size))
