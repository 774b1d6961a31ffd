# SPDX-License-Identifier: MIT
"""Signals that reach every process of the server, or one that is not the master, alike."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
from pathlib import Path
from typing import Callable, Iterator

import processes
import pytest
from clients import Crowd, Gate, LoopingClients
from server import APPS, ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


def signal_all(one: ServerProcess, number: int, order: str) -> None:
    """Send a signal to every process, as a service manager does."""
    others = processes.descendants(one.pid)
    pids = [one.pid, *others] if order == "master first" else [*others, one.pid]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # The first may have ended the others.
            os.kill(pid, number)


@pytest.mark.quick
@pytest.mark.parametrize("order", ["master first", "master last"])
@pytest.mark.parametrize("processes_count", [1, 3])
def test_a_term_to_every_process_finishes_what_is_in_flight(
    server: StartServer, gate: Gate, order: str, processes_count: int
) -> None:
    env = {"GATE": str(gate.directory)}
    one = server("gate", processes=processes_count, threads=3, env=env)
    with Crowd(3) as crowd:
        slow = [crowd.call(one.get, f"/wait?{number}") for number in range(3)]
        gate.wait_arrived(3)
        signal_all(one, signal.SIGTERM, order)
        one.wait_log("graceful shutdown triggered")
        gate.open()
        assert [answer.result().status for answer in slow] == [200] * 3
    assert one.wait_exit() == 0
    assert not one.log_lines("killing workers|DAMN|died")


def test_a_term_to_every_process_is_graceful_at_every_time(server: StartServer) -> None:
    for attempt in range(5):
        one = server("hello", name=f"server{attempt}", processes=2, threads=2, http="127.0.0.1:0")
        signal_all(one, signal.SIGTERM, "master last")
        assert one.wait_exit() == 0
        assert not one.log_lines("killing workers|DAMN|died")


def test_a_hup_to_every_process_reloads_and_loses_nothing(server: StartServer) -> None:
    one = server("hello", processes=2, threads=4, http="127.0.0.1:0")

    def ask() -> None:
        assert one.get("/").body == b"hello"

    with LoopingClients(8, ask) as clients:
        for _ in range(3):
            before = one.workers()
            reloads = len(one.log_lines(r"\(RE\)spawned uWSGI master"))
            clients.wait_more(50)
            signal_all(one, signal.SIGHUP, "master last")
            one.wait_log(r"\(RE\)spawned uWSGI master", reloads + 1)
            one.wait_replaced(before)
        clients.wait_more(50)
    assert clients.failures == []
    assert not one.log_lines("DAMN|died")


@pytest.mark.quick
def test_a_second_term_to_the_master_still_stops_fast(server: StartServer, gate: Gate) -> None:
    one = server("gate", env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        crowd.call(one.get, "/wait?never")
        gate.wait_arrived(1)
        signal_all(one, signal.SIGTERM, "master first")  # Two that wait at once are one.
        one.wait_log("graceful shutdown triggered")
        one.send_signal(signal.SIGTERM)
        assert one.wait_exit(5) == 0
    assert one.log_lines(r"received\.\.\.killing workers")


@pytest.mark.quick
def test_a_stop_by_the_application_and_a_term_are_one_stop(
    server: StartServer, gate: Gate, tmp_path: Path
) -> None:
    app = tmp_path / "stopping.py"
    source = (APPS / "gate" / "app.py").read_text()
    app.write_text(
        source.replace("    body = ", "    else: __import__('uwsgi').stop()\n    body = ")
    )
    one = server(wsgi_file=app, threads=2, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        slow = crowd.call(one.get, "/wait?slow")
        gate.wait_arrived(1)
        assert one.get("/").status == 200
        one.wait_log("graceful shutdown triggered")
        one.send_signal(signal.SIGTERM)
        gate.open()
        assert slow.result().status == 200
    assert one.wait_exit() == 0
    assert not one.log_lines("killing workers")


@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_worker_that_an_operator_ends_finishes_its_requests_and_has_a_successor(
    server: StartServer, gate: Gate, number: int
) -> None:
    one = server("gate", threads=2, env={"GATE": str(gate.directory)})
    (old,) = one.workers().values()
    with Crowd(1) as crowd:
        slow = crowd.call(one.get, "/wait?slow")
        gate.wait_arrived(1)
        os.kill(old, number)
        wait_until(lambda: int(one.get("/").text) != old, "the successor")
        assert processes.alive(old)
        gate.open()
        assert slow.result().text == str(old)
    one.wait_log(rf"worker 1 killed successfully \(pid: {old}\)")
    assert not one.log_lines("DAMN")
    one.settled_files = {}


def test_no_client_notices_that_the_only_worker_is_ended(server: StartServer) -> None:
    one = server("hello", threads=4, http="127.0.0.1:0")

    def ask() -> None:
        assert one.get("/").body == b"hello"

    with LoopingClients(8, ask) as clients:
        for _ in range(5):
            before = one.workers()
            clients.wait_more(50)
            os.kill(before[1], signal.SIGTERM)
            one.wait_replaced(before)
        clients.wait_more(50)
    assert clients.failures == []


@pytest.mark.quick
def test_a_second_term_does_not_wait_for_the_successor(
    server: StartServer, gate: Gate, tmp_path: Path
) -> None:
    app = tmp_path / "lazy.py"
    source = (APPS / "hello" / "app.py").read_text()
    app.write_text(source)
    one = server(wsgi_file=app, lazy_apps=True, env={"GATE": str(gate.directory)})
    (old,) = one.workers().values()
    waiting = "import os, time\nopen(os.environ['GATE'] + '/arrived-1', 'w').close()\n"
    waiting += "while not os.path.exists(os.environ['GATE'] + '/open'): time.sleep(0.01)\n"
    app.write_text(waiting + source)
    os.kill(old, signal.SIGTERM)
    gate.wait_arrived(1)
    assert one.get("/").body == b"hello"
    os.kill(old, signal.SIGTERM)
    wait_until(lambda: not processes.alive(old), "the old worker to go")
    gate.open()
    assert one.get("/").body == b"hello"
    one.settled_files = {}


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Return both ends of a terminal: what types, and what a process has."""
    typing, given = pty.openpty()
    yield typing, given
    os.close(typing)
    os.close(given)


@pytest.mark.quick
@pytest.mark.parametrize("key", [b"\x03", b"\x1c"], ids=["^C", "^\\"])
@pytest.mark.parametrize("when", ["serving", "importing"])
def test_keys_of_the_terminal_are_the_masters(
    server: StartServer, tmp_path: Path, terminal: tuple[int, int], key: bytes, when: str
) -> None:
    app = APPS / "hello" / "app.py"
    if when == "importing":
        app = tmp_path / "slow.py"
        app.write_text("import time\nopen('importing', 'w').close()\ntime.sleep(60)\n")
    typing, given = terminal
    one = server(wsgi_file=app, processes=2, terminal=given, ready=when == "serving")
    if when == "importing":
        wait_until((tmp_path / "importing").exists, "the import")
    os.write(typing, key)
    assert one.wait_exit() == 0
    assert not one.log_lines("DAMN|died|error|KeyboardInterrupt|Traceback")


@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_group_of_a_shell_is_the_masters_alone(
    server: StartServer, gate: Gate, terminal: tuple[int, int], number: int
) -> None:
    one = server("gate", terminal=terminal[1], threads=2, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        slow = crowd.call(one.get, "/wait?slow")
        gate.wait_arrived(1)
        os.killpg(os.getpgid(one.pid), number)
        if number == signal.SIGTERM:
            one.wait_log("graceful shutdown triggered")
            gate.open()
            assert slow.result().status == 200
    assert one.wait_exit() == 0
    assert not one.log_lines("DAMN|died")
