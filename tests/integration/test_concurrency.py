# SPDX-License-Identifier: MIT
"""As many requests at once as there are slots, and nobody else waits for them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

import processes
import pytest
import uwsgi_client
import wire
from clients import Crowd, Gate
from server import Binary, ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


@pytest.mark.quick
@pytest.mark.parametrize("workers,threads", [(1, 1), (1, 8), (3, 1), (2, 4)])
def test_every_slot_runs_a_blocking_request_at_once(
    server: StartServer, gate: Gate, workers: int, threads: int
) -> None:
    one = server("gate", processes=workers, threads=threads, env={"GATE": str(gate.directory)})
    slots = workers * threads
    with Crowd(slots) as crowd:
        answers = [crowd.call(one.get, f"/wait?{n}") for n in range(slots)]
        gate.wait_arrived(slots)
        gate.open()
    assert {a.result().status for a in answers} == {200}
    assert len({a.result().body for a in answers}) == workers


def test_a_request_beyond_the_slots_waits_for_one(server: StartServer, gate: Gate) -> None:
    one = server("gate", threads=2, env={"GATE": str(gate.directory)})
    with Crowd(3) as crowd:
        answers = [crowd.call(one.get, f"/wait?{n}") for n in range(2)]
        gate.wait_arrived(2)
        third = crowd.call(one.get, "/wait?2")
        gate.open("0")
        gate.wait_arrived(3)
        gate.open()
    assert all(a.result().status == 200 for a in [*answers, third])


@pytest.mark.quick
def test_a_fast_request_passes_one_that_blocks(server: StartServer, gate: Gate) -> None:
    one = server("gate", threads=2, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        slow = crowd.call(one.get, "/wait?slow")
        gate.wait_arrived(1)
        for _ in range(20):
            assert one.get("/").status == 200
        gate.open()
    assert slow.result().status == 200


def test_the_loop_reads_new_connections_while_all_slots_block(
    server: StartServer, gate: Gate
) -> None:
    one = server("gate", threads=2, http_socket="127.0.0.1:0", env={"GATE": str(gate.directory)})
    with Crowd(2) as crowd:
        half = wire.connect(one.address)
        half.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        answers = [crowd.call(one.get, f"/wait?{n}") for n in range(2)]
        gate.wait_arrived(2)
        half.sendall(b"Bad Header Without Colon\r\n\r\n")
        assert wire.parse_response(wire.read_to_end(half)).status == 400
        half.close()
        gate.open()
    assert all(a.result().status == 200 for a in answers)


def test_threads_are_made_when_they_are_needed(server: StartServer, gate: Gate) -> None:
    one = server("gate", threads=30, env={"GATE": str(gate.directory)})
    worker = one.workers()[1]
    for _ in range(50):
        one.get("/")
    assert processes.threads(worker) < 10
    with Crowd(30) as crowd:
        answers = [crowd.call(one.get, f"/wait?{n}") for n in range(30)]
        gate.wait_arrived(30)
        assert processes.threads(worker) >= 30
        gate.open()
    assert all(a.result().status == 200 for a in answers)


def test_no_request_waits_behind_a_busy_worker_while_another_is_idle(
    server: StartServer, gate: Gate
) -> None:
    one = server("gate", processes=2, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        slow = crowd.call(one.get, "/wait?slow")
        gate.wait_arrived(1)
        others = {one.get("/").body for _ in range(50)}
        gate.open()
    assert len(others) == 1
    assert slow.result().body not in others


def test_a_burst_larger_than_all_slots_is_answered_whole(
    server: StartServer, tmp_path: Path
) -> None:
    one = server("hello", processes=2, threads=2)
    sockets = []
    request = uwsgi_client.packet(uwsgi_client.encode_vars(uwsgi_client.request_vars().items()))
    for _ in range(400):
        sockets.append(wire.connect(one.address))
        sockets[-1].sendall(request)
    for connection in sockets:
        assert wire.parse_response(wire.read_to_end(connection)).body == b"hello"
        connection.close()
    wait_until(lambda: len(one.log_lines("GET / =>")) == 400, "400 lines in the log")


@pytest.mark.parametrize("option", [{}, {"socket": "127.0.0.1:0"}, {"http": "127.0.0.1:0"}])
def test_a_queue_that_fills_is_told_of_with_what_the_workers_do(
    server: StartServer, gate: Gate, option: dict[str, str]
) -> None:
    one = server("gate", threads=1, listen=10, env={"GATE": str(gate.directory)}, **option)
    with Crowd(9) as crowd:
        asked = time.monotonic()
        answers = [crowd.call(one.get, "/wait?stuck")]
        gate.wait_arrived(1)
        wait_until(lambda: time.monotonic() > asked + 1.1, "the request to be a second old")
        answers += [crowd.call(one.get, "/") for _ in range(6)]
        line = one.wait_log(r"listen queue of socket .* half full !!! \((5|6)/10\) \*\*\*; ")[0]
        at_most = int(time.monotonic() - asked)
        worker = one.workers()[1]
        told = re.search(
            rf"worker 1 \(pid: {worker}\): 0 requests, 1 of 1 threads busy, "
            r"the oldest request for (\d+) s$",
            line,
        )
        assert told, line
        assert 1 <= int(told[1]) <= at_most, line
        gate.open()
    assert {answer.result().status for answer in answers} == {200}
    assert len(one.log_lines("listen queue of socket")) == 1


@pytest.mark.quick
@pytest.mark.parametrize("gil,line", [("0", "runs without its GIL"), ("1", "runs with its GIL")])
def test_a_free_threaded_python_says_whether_threads_run_in_parallel(
    server: StartServer, binary: Binary, gil: str, line: str
) -> None:
    python = binary.path.parent / "python" if binary.is_wheel else sys.executable
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_config_var('Py_GIL_DISABLED'))"]
    free_threaded = subprocess.run(asked, capture_output=True, text=True).stdout.strip() == "1"
    one = server("hello", threads=2, env={"PYTHON_GIL": gil} if free_threaded else {})
    assert one.get("/").status == 200
    assert len(one.log_lines("its GIL")) == len(one.log_lines(line)) == int(free_threaded)
