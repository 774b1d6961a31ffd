# SPDX-License-Identifier: MIT
"""Signals that ask for something, and those that come again and again until a process's end."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Callable

import pytest
from clients import Crowd, Gate
from server import ServerProcess, lines_of
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

# Its exit function leaves a mark, and goes on when the test's gate opens.
SLOW_EXIT = """
import atexit, os, time

GATE = os.environ["GATE"]

def leave():
    open(f"{GATE}/arrived-{os.getpid()}", "w").close()
    deadline = time.monotonic() + 30
    while not os.path.exists(GATE + "/open") and time.monotonic() < deadline:
        time.sleep(0.01)
    print("the exit function is through", flush=True)

atexit.register(leave)

def application(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
"""

# A child, forked where the test says, that is told to end and does.
FORKING = """
import multiprocessing, os, time

def end_a_child():
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True)
    child.start()
    child.terminate()
    child.join(20)
    code = child.exitcode
    child.kill()
    return b"%a" % code

AT_IMPORT = end_a_child() if os.environ["WHEN"] == "import" else b""

def application(environ, start_response):
    answer = AT_IMPORT or end_a_child()
    start_response("200 OK", [])
    return [answer]
"""


def flood(one: ServerProcess, *numbers: int) -> None:
    """Send these signals in turn until the process has ended."""
    while one.is_running():
        for number in numbers:
            os.kill(one.pid, number)  # Not reaped yet: that is is_running's part.
            time.sleep(0.0003)


@pytest.mark.quick
@pytest.mark.parametrize("master", [True, False])
@pytest.mark.parametrize(
    "numbers",
    [
        [signal.SIGTERM],
        [signal.SIGINT],
        [signal.SIGHUP, signal.SIGTERM],
        [signal.SIGQUIT, signal.SIGUSR2],
    ],
)
def test_signals_without_end_do_not_spoil_the_end(
    server: StartServer, tmp_path: Path, master: bool, numbers: list[int]
) -> None:
    for attempt in range(3):
        pidfile = tmp_path / f"{attempt}.pid"
        one = server("hello", name=f"server{attempt}", master=master, pidfile=pidfile)
        assert one.get("/").body == b"hello"
        flood(one, *numbers)
        assert one.wait_exit() == 0
        assert not pidfile.exists()


@pytest.mark.quick
def test_a_fast_stop_of_a_single_process_cleans_up_behind_a_busy_thread(
    server: StartServer, gate: Gate, tmp_path: Path
) -> None:
    pidfile = tmp_path / "uwsgi.pid"
    env = {"GATE": str(gate.directory)}
    one = server("gate", master=False, threads=2, pidfile=pidfile, env=env)
    with Crowd(1) as crowd:
        crowd.call(one.get, "/wait?never")
        gate.wait_arrived(1)
        one.send_signal(signal.SIGINT)
        assert one.wait_exit(5) == 0
    assert not pidfile.exists()
    assert not (tmp_path / "server.sock").exists()


@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_workers_exit_functions_are_not_cut_short(
    server: StartServer, gate: Gate, tmp_path: Path, number: int
) -> None:
    (tmp_path / "slow_exit.py").write_text(SLOW_EXIT)
    one = server(wsgi_file=tmp_path / "slow_exit.py", env={"GATE": str(gate.directory)})
    before = one.workers()
    os.kill(before[1], number)
    gate.wait_arrived(1)
    for again in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        os.kill(before[1], again)
    gate.open()
    one.wait_log("the exit function is through")
    one.wait_replaced(before)
    assert one.log_lines(rf"worker 1 killed successfully \(pid: {before[1]}\)")
    assert not one.log_lines("DAMN")


@pytest.mark.quick
@pytest.mark.parametrize("master", [True, False])
def test_a_stop_that_is_asked_for_twice_lets_exit_functions_end(
    server: StartServer, gate: Gate, tmp_path: Path, master: bool
) -> None:
    (tmp_path / "slow_exit.py").write_text(SLOW_EXIT)
    env = {"GATE": str(gate.directory)}
    one = server(wsgi_file=tmp_path / "slow_exit.py", master=master, env=env)
    assert one.get("/").body == b"hello"
    one.send_signal(signal.SIGTERM)
    gate.wait_arrived(1)
    one.send_signal(signal.SIGTERM)
    if master:
        one.wait_log(r"received\.\.\.killing workers")
    gate.open()
    assert one.wait_exit() == 0
    wait_until(lambda: one.log_lines("the exit function is through"), "the end of the function")


@pytest.mark.quick
@pytest.mark.parametrize("master", [True, False])
@pytest.mark.parametrize("when", ["import", "request"])
def test_a_signal_to_a_child_of_the_application_is_the_childs(
    server: StartServer, tmp_path: Path, master: bool, when: str
) -> None:
    (tmp_path / "forking.py").write_text(FORKING)
    one = server(wsgi_file=tmp_path / "forking.py", master=master, env={"WHEN": when})
    before = one.workers()
    for _ in range(5):
        assert one.get("/").body == b"%d" % -signal.SIGTERM
    assert one.workers() == before


@pytest.mark.quick
def test_a_child_keeps_what_the_application_has_set(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "ignoring.py").write_text(
        "import os, signal\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    os._exit(7)\n"
        "STATUS = os.waitpid(child, 0)[1]\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'%d' % os.waitstatus_to_exitcode(STATUS)]\n"
    )
    assert server(wsgi_file=tmp_path / "ignoring.py").get("/").body == b"7"


@pytest.mark.quick
@pytest.mark.parametrize("whom", ["master", "worker", "single process"])
def test_sigusr1_logs_statistics_and_nothing_is_lost(server: StartServer, whom: str) -> None:
    one = server("hello", threads=3, master=whom != "single process")
    assert one.get("/").body == b"hello"
    worker = one.workers()[1]
    os.kill(worker if whom == "worker" else one.pid, signal.SIGUSR1)
    one.wait_log(rf"^worker 1 \(pid: {worker}\): 1 requests, 0 of 3 threads busy$")
    assert one.get("/").body == b"hello"
    assert one.workers() == {1: worker}


@pytest.mark.quick
def test_sigusr2_says_where_a_workers_threads_are(server: StartServer, gate: Gate) -> None:
    one = server("gate", threads=3, env={"GATE": str(gate.directory)})
    worker = one.workers()[1]
    with Crowd(1) as crowd:
        stuck = crowd.call(one.get, "/wait?stuck")
        gate.wait_arrived(1)
        os.kill(worker, signal.SIGUSR2)
        one.wait_log(rf"^SIGUSR2: worker 1 \(pid: {worker}\): 0 requests, 1 of 3 threads busy$")
        waiting = lines_of("gate", "while not any", "time.sleep")
        one.wait_log(rf'File ".*gate/app\.py", line {waiting} in (application|<genexpr>)')
        gate.open()
        assert stuck.result().status == 200
    assert one.workers() == {1: worker}
