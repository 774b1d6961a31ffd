# SPDX-License-Identifier: MIT
"""However often a reload is asked for, few processes load and drain, and the last one counts."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Callable

import processes
import pytest
from clients import Crowd, Gate
from server import Binary, ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

RELOADS = 2000

# Each of its requests asks for many reloads; it says when it was imported.
RELOADING = """
import os, time, uwsgi

IMPORTED = time.monotonic()
time.sleep(float(os.environ["IMPORT"]))

def application(environ, start_response):
    start_response("200 OK", [])
    for _ in range(int(environ.get("QUERY_STRING") or 0)):
        uwsgi.reload()
    return [f"{IMPORTED} {time.monotonic()}".encode()]
"""


class Peak:
    """The most processes and master's descriptors that a server has had at one time."""

    def __init__(self, master: int) -> None:
        """Look again and again, until the context is left."""
        self.processes = 0
        self.files = 0
        self._master = master
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.005):
            self.processes = max(self.processes, len(processes.descendants(self._master)))
            self.files = max(self.files, len(processes.open_files(self._master)))


@pytest.mark.quick
@pytest.mark.parametrize("duration", [0, 0.3])
def test_a_view_that_asks_for_many_reloads_gets_one_or_two(
    server: StartServer, tmp_path: Path, duration: float
) -> None:
    (tmp_path / "reloading.py").write_text(RELOADING)
    one = server(wsgi_file=tmp_path / "reloading.py", processes=2, env={"IMPORT": str(duration)})
    with Peak(one.pid) as peak:
        asked = float(one.get(f"/?{RELOADS}").text.split()[1])
        wait_until(lambda: float(one.get("/").text.split()[0]) > asked, "code of after the last")
    assert len(one.log_lines("WSGI app 0")) <= 10
    assert len(one.log_lines("SIGHUP received")) <= 10
    assert peak.processes <= 4 * 3
    assert peak.files < 150
    one.settled_files = {}


def test_a_view_that_asks_again_and_again_does_not_keep_new_code_away(
    server: StartServer, tmp_path: Path
) -> None:
    app = tmp_path / "reloading.py"
    app.write_text(RELOADING)
    one = server(wsgi_file=app, processes=2, env={"IMPORT": "1"})
    app.write_text(RELOADING.replace('f"{IMPORTED}', 'f"new {IMPORTED}'))

    def is_new() -> bool:
        return one.get("/?1").text.startswith("new")

    wait_until(is_new, "the new code", 6)
    one.settled_files = {}


@pytest.mark.quick
def test_old_generations_that_do_not_end_are_bounded(
    server: StartServer, binary: Binary, gate: Gate, tmp_path: Path
) -> None:
    pidfile = tmp_path / "uwsgi.pid"
    env = {"GATE": str(gate.directory)}
    one = server("gate", processes=2, threads=2, pidfile=pidfile, env=env)
    with Crowd(8) as crowd:
        slow = []
        for number in range(5):
            slow.append(crowd.call(one.get, f"/wait?{number}"))
            gate.wait_arrived(number + 1)
            assert binary.run("--reload", str(pidfile), "--wait").returncode == 0
        ended = one.wait_log("generation [0-9]+ is ended before it is through", 3)
        assert [line.split()[2] for line in ended] == ["1", "2", "3"]
        # Of the two that drain one worker is left each; the newest has two and their zygote.
        wait_until(lambda: len(processes.descendants(one.pid)) == 2 + 3, "the others to go")
        gate.open()
        for cut in slow[:3]:
            assert cut.exception() is not None or cut.result().status != 200
        for kept in slow[3:]:
            assert kept.result().status == 200
    one.settled_files = {}


@pytest.mark.quick
def test_a_storm_of_signals_leaves_one_new_generation(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "reloading.py").write_text(RELOADING)
    one = server(wsgi_file=tmp_path / "reloading.py", processes=2, env={"IMPORT": "0.1"})
    before = one.workers()
    with Peak(one.pid) as peak:
        for _ in range(RELOADS):
            os.kill(one.pid, signal.SIGHUP)
        one.wait_replaced(before)
    assert peak.processes <= 4 * 3
    one.settled_files = {}
