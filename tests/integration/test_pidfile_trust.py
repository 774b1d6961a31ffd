# SPDX-License-Identifier: MIT
"""Whom root's --stop and --reload believe."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, Iterator

import pytest
from server import Binary, ServerProcess

StartServer = Callable[..., ServerProcess]

pytestmark = [
    pytest.mark.not_for_oracle,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may signal everybody"),
]

NOBODY = 65534
F_OFD_SETLK = 37


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory of user nobody, which every user can enter."""
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    os.chown(directory, NOBODY, NOBODY)
    yield directory
    shutil.rmtree(directory)


@contextlib.contextmanager
def forged(path: Path, pid: int, owner: int) -> Iterator[None]:
    """Say by text and lock that `pid` is the server, as a user may in a file of their own."""
    path.write_text(f"{pid}\n")
    os.chown(path, owner, owner)
    with path.open("r+") as file:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, pid, 0)
        fcntl.fcntl(file, F_OFD_SETLK, lock)
        yield


def refusal(binary: Binary, command: str, path: Path) -> str:
    """Return why nobody was signalled."""
    asked = binary.run(command, str(path))
    assert asked.returncode == 1
    begin, end = f"error: pidfile {path} ", ": nobody was signalled\n"
    assert asked.stderr.startswith(begin)
    assert asked.stderr.endswith(end)
    return asked.stderr[len(begin) : -len(end)]


@pytest.mark.quick
@pytest.mark.parametrize("command", ["--stop", "--reload"])
@pytest.mark.parametrize("owner", [0, NOBODY])
def test_a_process_that_is_no_server_is_spared(
    binary: Binary, place: Path, command: str, owner: int
) -> None:
    with subprocess.Popen(["sleep", "60"]) as victim:
        with forged(place / "pid", victim.pid, owner):
            said = refusal(binary, command, place / "pid")
        assert victim.poll() is None
        victim.kill()
    assert said == f"names process {victim.pid}, which is no server but {shutil.which('sleep')}"


@pytest.mark.quick
def test_a_server_of_root_is_spared_by_the_file_of_another(
    server: StartServer, binary: Binary, place: Path
) -> None:
    one = server("hello", pidfile=place / "root.pid")
    pid = one.pid
    with forged(place / "forged.pid", pid, NOBODY):
        said = refusal(binary, "--stop", place / "forged.pid")
    assert said == f"belongs to user {NOBODY}, who is neither root nor the user of process {pid}"

    (place / "link.pid").symlink_to(place / "root.pid")
    os.lchown(place / "link.pid", NOBODY, NOBODY)
    said = refusal(binary, "--stop", place / "link.pid")
    assert said == f"is reached by a symbolic link of user {NOBODY} (link.pid)"

    (place / "directory").symlink_to(place)
    os.lchown(place / "directory", NOBODY, NOBODY)
    said = refusal(binary, "--stop", place / "directory" / "root.pid")
    assert said == f"is reached by a symbolic link of user {NOBODY} (directory)"

    os.link(place / "root.pid", place / "hard.pid")
    said = refusal(binary, "--stop", place / "hard.pid")
    assert said == "has another name too, which somebody may have given it"
    (place / "hard.pid").unlink()

    (place / "root.pid").chmod(0o664)
    said = refusal(binary, "--stop", place / "root.pid")
    assert said == "may be written by others than its owner"
    assert one.get().body == b"hello"


@pytest.mark.parametrize("option", ["pidfile", "pidfile2"])
def test_root_stops_the_server_of_another_user_by_its_own_file(
    server: StartServer, binary: Binary, place: Path, option: str
) -> None:
    one = server("hello", socket="127.0.0.1:0", uid=NOBODY, gid=NOBODY, **{option: place / "pid"})
    assert (place / "pid").stat().st_uid == (0 if option == "pidfile" else NOBODY)
    assert binary.run("--stop", str(place / "pid")).returncode == 0
    assert one.wait_exit() == 0


def test_root_follows_its_own_links(server: StartServer, binary: Binary, place: Path) -> None:
    one = server("hello", pidfile=place / "real.pid")
    (place / "first").symlink_to(".")
    (place / "link.pid").symlink_to(place / "first" / ".." / place.name / "real.pid")
    assert binary.run("--stop", str(place / "first" / "link.pid")).returncode == 0
    assert one.wait_exit() == 0


def test_everybody_else_signals_what_the_kernel_lets_them(
    server: StartServer, binary: Binary, place: Path
) -> None:
    one = server("hello", socket="127.0.0.1:0", uid=NOBODY, gid=NOBODY, pidfile2=place / "pid")
    (place / "link.pid").symlink_to("pid")
    user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    asked = subprocess.run([*user, *binary.command("--stop", str(place / "link.pid"))])
    assert asked.returncode == 0
    assert one.wait_exit() == 0


@pytest.mark.quick
def test_root_writes_no_pidfile_through_a_link(binary: Binary, place: Path) -> None:
    (place / "precious").write_text("precious")
    (place / "pid").symlink_to("precious")
    asked = binary.run("--socket", str(place / "socket"), "--pidfile", str(place / "pid"))
    assert asked.returncode == 1
    said = "it is a symbolic link, which root does not follow"
    assert f"error: cannot write pidfile {place}/pid: {said}\n" in asked.stderr
    assert (place / "precious").read_text() == "precious"
