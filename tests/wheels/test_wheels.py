# SPDX-License-Identifier: MIT
"""What tools/build_wheels made: each wheel in build/wheels/dist keeps what its name promises."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WHEELS = sorted((ROOT / "build/wheels/dist").glob("*.whl"))
LARGEST = 6_000_000  # Bytes.

# All that may be missing on a machine of either kind: nothing but its C library.
C_LIBRARY = {
    "manylinux": r"lib(c|m|dl|rt|pthread)\.so\.\d|ld-linux-[a-z0-9-]+\.so\.\d",
    "musllinux": r"libc\.so",
}
MACHINES = {"x86_64": "Advanced Micro Devices X86-64", "aarch64": "AArch64"}


def tag_of(wheel: Path) -> str:
    """Return the platform that the wheel's name promises."""
    return wheel.stem.split("-")[-1]


@pytest.fixture(params=WHEELS, ids=lambda wheel: wheel.stem)
def wheel(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def package(wheel: Path, tmp_path: Path) -> Path:
    """Unpack the wheel and return its package."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "uwsgi_server/uwsgi-master").chmod(0o755)
    return tmp_path / "uwsgi_server"


def programs(package: Path) -> list[Path]:
    (extension,) = package.glob("_uwsgi*.so")
    return [extension, package / "uwsgi-master"]


def said(*command: object) -> str:
    ended = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=True
    )
    return ended.stdout


def test_there_are_wheels() -> None:
    assert WHEELS


def test_auditwheel_agrees_with_the_name(wheel: Path) -> None:
    auditwheel = ROOT / "build/wheels/tools/bin/auditwheel"
    shown = " ".join(said(auditwheel, "show", wheel).split())
    assert f'following platform tag: "{tag_of(wheel)}"' in shown


def test_only_the_c_library_is_linked(wheel: Path, package: Path) -> None:
    allowed = C_LIBRARY[tag_of(wheel).split("_")[0]]
    for program in programs(package):
        needed = re.findall(r"NEEDED.*\[(.*)\]", said("readelf", "-d", program))
        assert needed
        assert [name for name in needed if not re.fullmatch(allowed, name)] == []


def test_no_symbol_is_newer_than_promised(wheel: Path, package: Path) -> None:
    promised = tuple(int(part) for part in re.findall(r"_(\d+)_(\d+)_", tag_of(wheel))[0])
    for program in programs(package):
        for version in re.findall(r"GLIBC_(\d+)\.(\d+)", said("readelf", "-V", program)):
            assert tuple(int(part) for part in version) <= promised


def test_it_is_for_the_machine_and_stripped(wheel: Path, package: Path) -> None:
    machine = next(name for name in MACHINES if tag_of(wheel).endswith(name))
    for program in programs(package):
        assert MACHINES[machine] in said("readelf", "-h", program)
        assert ".debug_info" not in said("readelf", "-S", "-W", program)


def test_the_module_exports_one_symbol(package: Path) -> None:
    symbols = said("nm", "-D", "--defined-only", programs(package)[0])
    assert [line.split()[-1] for line in symbols.splitlines()] == ["PyInit__uwsgi"]


def test_it_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < LARGEST


def test_nothing_is_at_the_top_but_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        files = [line.split(",")[0] for line in archive.read(record).decode().splitlines()]
    assert {name.split("/")[0] for name in files} == {"uwsgi_server", record.split("/")[0]}


def test_the_masters_program_runs_with_either_c_library(
    wheel: Path, package: Path, tmp_path: Path
) -> None:
    if not tag_of(wheel).endswith("x86_64"):
        pytest.skip("this machine does not run it")
    master = package / "uwsgi-master"
    settings = tmp_path / "uwsgi.ini"
    settings.write_text("[uwsgi]\nhttp-socket = 127.0.0.1:0\nmodule = application\nprocesses = 2\n")
    version = wheel.stem.split("-")[1].replace(".dev0", ".dev")  # As pip writes it.
    minor = wheel.stem.split("-")[2].removeprefix("cp3").rstrip("t")
    for arguments, answer in (
        (["--version"], f"{version}\n"),
        (["--check-config", "--ini", settings], "the configuration is valid\n"),
        (["--python-version"], f"3.{minor}.0\n"),
    ):
        ended = subprocess.run(
            [master, *arguments],
            capture_output=True,
            text=True,
            env={"__UWSGI_PYTHON": f"3.{minor}.0 {sys.executable}"},
        )
        assert (ended.returncode, ended.stdout) == (0, answer), ended.stderr
