# SPDX-License-Identifier: MIT
"""The source distribution: what it has, and that pip installs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    python = ROOT / "build/wheels/tools/bin/python"
    subprocess.run(
        [python, "-m", "build", "--sdist", "--outdir", folder, ROOT],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (archive,) = folder.glob("*.tar.gz")
    return archive


def test_it_has_what_a_build_takes_and_nothing_else(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.split("/")[1] for name in archive.getnames()}
    assert names == {
        "CMakeLists.txt",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "SECURITY.md",
        "cmake",
        "include",
        "pyproject.toml",
        "python",
        "src",
    }
    assert sdist.stat().st_size < 1_000_000


def test_pip_installs_it(sdist: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run(
        [tmp_path / "venv/bin/pip", "install", "--quiet", "--no-deps", sdist],
        check=True,
        env={**os.environ, "CMAKE_GENERATOR": "Ninja"},
    )
    version = subprocess.run(
        [tmp_path / "venv/bin/uwsgi", "--version"], capture_output=True, text=True, check=True
    )
    assert version.stdout.strip() in sdist.name


def test_a_missing_library_is_one_line(sdist: Path, tmp_path: Path) -> None:
    described = subprocess.run(
        ["pkg-config", "--variable", "pc_path", "pkg-config"],
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path / "pkgconfig"
    folder.mkdir()
    for place in described.stdout.strip().split(":"):
        for file in Path(place).glob("*.pc"):
            if not file.stem.startswith("libuv") and not (folder / file.name).exists():
                (folder / file.name).symlink_to(file)
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, sdist],
        capture_output=True,
        text=True,
        env={**os.environ, "PKG_CONFIG_LIBDIR": str(folder), "CMAKE_GENERATOR": "Ninja"},
    )
    assert built.returncode != 0
    lines = [line.strip() for line in built.stderr.splitlines() + built.stdout.splitlines()]
    assert [line for line in lines if line.startswith("error: these libraries")] == [
        "error: these libraries are missing: libuv "
        "(apt install libuv1-dev | apk add libuv-dev | dnf install libuv-devel)"
    ]
