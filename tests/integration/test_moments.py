# SPDX-License-Identifier: MIT
"""Whatever is asked of the server is done, at whatever moment of a start, a reload or a stop."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
import termios
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Callable, Iterator

import processes
import pytest
from clients import Crowd
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

pytestmark = pytest.mark.not_for_oracle  # Most of it is lost or fatal there.

# Stands still in its import while there is a file "hold", in a request while there is "request".
APP = """
import json, os, time, uwsgi
from uwsgidecorators import postfork

HERE = os.path.dirname(os.path.abspath(__file__))

def stand_still(name):
    open(f"{HERE}/{name}-{os.getpid()}", "w").close()
    while os.path.exists(f"{HERE}/{name}"):
        time.sleep(0.005)

IMPORTED = time.monotonic()
stand_still("hold")

@postfork
def note():
    global FORKED
    FORKED = time.monotonic()

def application(environ, start_response):
    start_response("200 OK", [])
    path = environ["PATH_INFO"]
    if path == "/wait":
        stand_still("request")
    elif path != "/":
        getattr(uwsgi, path[1:])()
    return [json.dumps({"imported": IMPORTED, "forked": FORKED}).encode()]
"""

MOMENTS = ["import", "workers", "serving", "reload import", "reload workers", "draining"]


class Stage:
    """A server that stands still at a moment, until it is let go."""

    def __init__(self, start: StartServer, directory: Path, crowd: Crowd, moment: str) -> None:
        """Bring a server to the moment."""
        self._directory = directory
        (directory / "app.py").write_text(APP)
        for name in ("reload", "workers", "chain"):
            (directory / f"touch-{name}").touch()
        options: dict[str, Any] = {
            "wsgi_file": directory / "app.py",
            "processes": 2,
            "threads": 2,
            "lazy_apps": moment.endswith("workers"),
            "touch_reload": directory / "touch-reload",
            "touch_workers_reload": directory / "touch-workers",
            "touch_chain_reload": directory / "touch-chain",
        }
        self.is_first = moment in ("import", "workers")
        if self.is_first:
            (directory / "hold").touch()
            self.server = start(ready=False, **options)
            self._wait_for("hold")
            return
        self.server = start(**options)
        if moment == "draining" or moment == "stop":
            (directory / "request").touch()
            self.pending: Future[Any] = crowd.call(self.server.get, "/wait")
            self._wait_for("request")
        if moment == "stop":
            self.server.send_signal(signal.SIGTERM)
            self.server.wait_log("graceful shutdown triggered")
        elif moment != "serving":
            self._forget("hold")
            if moment.startswith("reload"):
                (directory / "hold").touch()
            self.server.send_signal(signal.SIGHUP)
            if moment == "draining":
                self.server.wait_log(r"\(RE\)spawned")
            else:
                self._wait_for("hold")

    def _wait_for(self, name: str) -> None:
        wait_until(lambda: list(self._directory.glob(f"{name}-*")), f"somebody at {name}")

    def _forget(self, name: str) -> None:
        for mark in self._directory.glob(f"{name}-*"):
            mark.unlink()

    def zygote(self) -> int:
        """Return the newest process that is no worker."""
        others = processes.descendants(self.server.pid) - set(self.server.workers().values())
        return max(others)

    def touch(self, name: str) -> None:
        """Change a file that the server watches."""
        os.utime(self._directory / f"touch-{name}", (1, 1))

    def go(self) -> None:
        """Let whatever stands still go on."""
        for name in ("hold", "request"):
            with contextlib.suppress(FileNotFoundError):
                (self._directory / name).unlink()

    def ask(self) -> dict[str, float]:
        """Return when the worker that answers was imported and forked; at once nothing at all."""
        with contextlib.suppress(OSError, AssertionError):
            return json.loads(self.server.get("/").body)
        return {"imported": 0, "forked": 0}


@pytest.fixture
def stage(server: StartServer, tmp_path: Path) -> Iterator[Callable[[str], Stage]]:
    made: list[Stage] = []
    with Crowd(2) as crowd:

        def make(moment: str) -> Stage:
            made.append(Stage(server, tmp_path, crowd, moment))
            return made[-1]

        yield make
        for one in made:
            one.go()
            one.server.settled_files = {}


RELOADS: dict[str, Callable[[Stage], Any]] = {
    "SIGHUP": lambda stage: stage.server.send_signal(signal.SIGHUP),
    "SIGHUP to the zygote": lambda stage: os.kill(stage.zygote(), signal.SIGHUP),
    "touch-reload": lambda stage: stage.touch("reload"),
    "uwsgi.reload": lambda stage: stage.server.get("/reload"),
}
RECYCLINGS: dict[str, Callable[[Stage], Any]] = {
    "touch-workers-reload": lambda stage: stage.touch("workers"),
    "touch-chain-reload": lambda stage: stage.touch("chain"),
}
STOPS: dict[str, Callable[[Stage], Any]] = {
    "SIGTERM": lambda stage: stage.server.send_signal(signal.SIGTERM),
    "SIGTERM to the zygote": lambda stage: os.kill(stage.zygote(), signal.SIGTERM),
    "SIGINT": lambda stage: stage.server.send_signal(signal.SIGINT),
    "SIGQUIT": lambda stage: stage.server.send_signal(signal.SIGQUIT),
    "SIGUSR2": lambda stage: stage.server.send_signal(signal.SIGUSR2),
    "uwsgi.stop": lambda stage: stage.server.get("/stop"),
}


def ask_for(request: Callable[[Stage], Any], name: str, stage: Stage) -> float:
    """Make the request; return a time of before it."""
    if stage.is_first and name.startswith("uwsgi."):
        pytest.skip("nobody serves who could ask")
    before = time.monotonic()
    request(stage)
    return before


def unread(pipe: int) -> int:
    """Return how many bytes of a pipe nobody has read yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_a_touch_while_the_configuration_is_read_counts(
    new_server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "touched").touch()
    ini = f"[uwsgi]\nwsgi-file = {tmp_path}/app.py\nsocket = 127.0.0.1:0\n"
    reading, writing = os.pipe()
    one = new_server()
    one.launch("--ini", "-", stdin=reading)
    os.write(writing, ini.encode())
    wait_until(lambda: unread(reading) == 0, "the server to read")
    (tmp_path / "touched").touch()
    os.write(writing, f"touch-reload = {tmp_path}/touched\n".encode())
    os.close(writing)
    os.close(reading)
    one.wait_log("touched has been touched... grace them all")
    # What cannot be read again means what it meant.
    one.wait_log(r"\(RE\)spawned uWSGI master")


@pytest.mark.parametrize("name", RELOADS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_reload_is_never_lost(stage: Callable[[str], Stage], moment: str, name: str) -> None:
    one = stage(moment)
    before = ask_for(RELOADS[name], name, one)
    one.go()
    wait_until(lambda: one.ask()["imported"] > before, "an import of after the request")


@pytest.mark.parametrize("name", RECYCLINGS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_new_workers_are_never_forgotten(
    stage: Callable[[str], Stage], moment: str, name: str
) -> None:
    one = stage(moment)
    before = ask_for(RECYCLINGS[name], name, one)
    if not one.is_first:  # Those that serve are replaced; those that come are not to be left out.
        one.server.wait_log("has been touched")
    one.go()
    began = "imported" if moment.endswith("workers") else "forked"
    wait_until(
        lambda: min(one.ask()[began] for _ in range(10)) > before,
        "workers of after the request alone",
    )


@pytest.mark.parametrize("name", STOPS)
@pytest.mark.parametrize("moment", [*MOMENTS, "stop"])
def test_a_stop_is_never_lost(stage: Callable[[str], Stage], moment: str, name: str) -> None:
    if moment == "stop" and "zygote" in name:
        pytest.skip("it is gone")
    one = stage(moment)
    if moment != "stop" or not name.startswith("uwsgi."):
        ask_for(STOPS[name], name, one)
    if name not in ("SIGINT", "SIGQUIT"):
        one.go()  # A fast one waits for nobody.
    assert one.server.wait_exit() == 0


@pytest.mark.parametrize("name", ["SIGHUP", "touch-reload"])
def test_a_stop_is_not_undone_by_a_reload(stage: Callable[[str], Stage], name: str) -> None:
    one = stage("stop")
    ask_for(RELOADS[name], name, one)
    one.go()
    assert one.server.wait_exit() == 0
    assert one.pending.result().status == 200
    assert len(one.server.log_lines("WSGI app 0")) == 1


@pytest.mark.parametrize("moment", [*MOMENTS, "stop"])
def test_the_statistics_are_told_at_every_moment(
    stage: Callable[[str], Stage], moment: str
) -> None:
    one = stage(moment)
    one.server.send_signal(signal.SIGUSR1)
    one.server.wait_log(r"generation 1: \d+ requests")
