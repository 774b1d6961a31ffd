# SPDX-License-Identifier: MIT
"""Which environment an installed server's applications run in, and what they find there."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Callable

import processes
import pytest
from server import Binary, ServerProcess
from waiting import wait_until

pytestmark = [
    pytest.mark.quick,
    pytest.mark.not_for_oracle,
    pytest.mark.usefixtures("only_with_a_wheel"),
]

StartServer = Callable[..., ServerProcess]

PLACE = """
import asyncio, multiprocessing, os, signal, subprocess, sys

def of_subprocess():
    command = [sys.executable, "-c", "import sys; print(sys.prefix)"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()

def of_spawn():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return str(pool.apply(abs, (-3,)))

def of_asyncio():
    async def answer():
        return "ran"
    return asyncio.run(answer())

ANSWERS = {"/subprocess": of_subprocess, "/spawn": of_spawn, "/asyncio": of_asyncio}

def application(environ, start_response):
    answer = ANSWERS.get(environ["PATH_INFO"], lambda: sys.prefix)()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [answer.encode()]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "place.py").write_text(PLACE)
    return tmp_path


def environment_of(binary: Binary) -> Path:
    return binary.path.parent.parent


def make_environment(binary: Binary, folder: Path, *flags: str) -> Path:
    command = [binary.path.parent / "python", "-m", "venv", "--without-pip", *flags, folder]
    subprocess.run(command, check=True)
    return folder


@pytest.mark.parametrize("master", [True, False])
def test_an_active_environment_that_is_not_the_servers_is_named(
    server: StartServer, binary: Binary, site: Path, master: bool
) -> None:
    other = make_environment(binary, site / "other")
    one = server(module="place", env={"VIRTUAL_ENV": str(other)}, master=master)
    own = str(environment_of(binary))
    assert one.get("/").text == own
    (line,) = one.log_lines("VIRTUAL_ENV")
    assert own in line
    assert str(other) in line
    assert "--home" in line


def test_nothing_is_said_of_the_servers_own_environment(
    server: StartServer, binary: Binary, site: Path
) -> None:
    link = site / "link"
    link.symlink_to(environment_of(binary))
    one = server(module="place", env={"VIRTUAL_ENV": str(link)})
    assert one.log_lines("VIRTUAL_ENV") == []


@pytest.mark.parametrize("flags", [["--copies"], ["--system-site-packages"]])
def test_home_may_be_of_every_kind_with_blanks_in_a_long_path(
    server: StartServer, binary: Binary, site: Path, flags: list[str]
) -> None:
    home = make_environment(binary, site / ("long " * 30 + "path"), *flags)
    assert server(module="place", home=home).get("/").text == str(home)


def test_home_may_have_been_moved(server: StartServer, binary: Binary, site: Path) -> None:
    moved = make_environment(binary, site / "old").rename(site / "new")
    assert server(module="place", home=moved).get("/").text == str(moved)


def test_a_reload_takes_a_new_environment_and_keeps_the_old_one_if_it_is_gone(
    new_server: StartServer, binary: Binary, site: Path
) -> None:
    current = site / "current"
    current.symlink_to(make_environment(binary, site / "plain"))
    one = new_server()
    one.start(module="place", home=current)
    # A copy of Python is its own program, which tells the two apart.
    current.unlink()
    make_environment(binary, current, "--copies")
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    executable = os.readlink(f"/proc/{one.workers()[1]}/exe")
    assert executable.startswith(str(current))

    shutil.rmtree(current)
    one.expect_errors("reload failed")
    one.send_signal(signal.SIGHUP)
    one.wait_log("reload failed: .*current: there is no such directory")
    assert one.get("/").text == str(current)


def test_the_applications_python_starts_pythons(
    server: StartServer, binary: Binary, site: Path
) -> None:
    one = server(module="place")
    assert one.get("/subprocess").text == str(environment_of(binary))
    assert one.get("/spawn").text == "3"
    one.files_may_grow = True  # multiprocessing's tracker of resources stays, with a pipe to it.


@pytest.mark.parametrize("master", [True, False])
def test_sigint_stops_after_asyncio_ran(new_server: StartServer, site: Path, master: bool) -> None:
    one = new_server()
    one.start(module="place", master=master)
    assert one.get("/asyncio").text == "ran"
    one.send_signal(signal.SIGINT)
    assert one.wait_exit() == 0


def test_a_hangup_while_python_starts_does_not_end_it(server: StartServer, site: Path) -> None:
    one = server(module="place")
    for _ in range(10):
        before = one.workers()
        known = processes.descendants(one.pid)
        one.send_signal(signal.SIGHUP)
        wait_until(lambda known=known: processes.descendants(one.pid) - known, "a zygote")
        for pid in processes.descendants(one.pid) - known:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGHUP)
        one.wait_replaced(before)
        assert one.get("/").status == 200
