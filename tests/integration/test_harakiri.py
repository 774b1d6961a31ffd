# SPDX-License-Identifier: MIT
"""harakiri is a deadline per request: the stuck one gets a 504, its neighbours nothing."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from pathlib import Path
from typing import Callable

import pytest
import uwsgi_client
import wire
from clients import Crowd, Gate, LoopingClients
from server import ServerProcess, lines_of
from waiting import patience, wait_until

StartServer = Callable[..., ServerProcess]

# /half begins a response and hangs; /body reads the whole body; anything else leaves a mark.
HALF = """
import os, time

GATE = os.environ["GATE"]

def application(environ, start_response):
    path = environ["PATH_INFO"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/half":
        yield b"half"
        while not os.path.exists(GATE + "/open"):
            time.sleep(0.01)
    elif path == "/body":
        yield b"%d" % len(environ["wsgi.input"].read())
    else:
        open(f"{GATE}/arrived-{path[1:]}", "w").close()
        yield b"whole"
"""


# Waits far below its beginning.
DEEP = """
import os, time

GATE = os.environ["GATE"]

def descend(depth):
    if depth > 1:
        return descend(depth - 1)
    while not os.path.exists(GATE + "/open"):
        time.sleep(0.01)

def application(environ, start_response):
    open(f"{GATE}/arrived-{environ['PATH_INFO'][1:]}", "w").close()
    descend(60)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"up again"]
"""


@pytest.fixture
def half(tmp_path: Path) -> Path:
    path = tmp_path / "half.py"
    path.write_text(HALF)
    return path


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http"])
def test_a_stuck_request_gets_a_504_and_is_named_in_the_log(
    server: StartServer, gate: Gate, wire_option: str
) -> None:
    env = {"GATE": str(gate.directory)}
    one = server("gate", threads=2, harakiri=1, env=env, **{wire_option: "127.0.0.1:0"})
    one.expect_errors()
    one.files_may_grow = True
    stuck = one.workers()[1]
    start = time.monotonic()
    answer = one.get("/wait?for-ever")
    assert answer.status == 504
    assert 0.9 < time.monotonic() - start < 3 * patience()
    one.wait_log("(?i)harakiri")
    assert one.log_lines(r"(?i)GET /wait\?for-ever")
    waiting = lines_of("gate", "while not any", "time.sleep")
    one.wait_log(rf'File ".*gate/app\.py", line {waiting} in (application|<genexpr>)')
    one.wait_log(r"GET /wait\?for-ever => generated 15 bytes in [1-9]\d{3,} msecs \(HTTP/1.1 504\)")
    wait_until(lambda: one.workers().get(1) not in (None, stuck), "a new worker")
    assert one.get("/").status == 200


def test_where_a_request_hangs_is_one_record_with_its_own_thread_first(
    server: StartServer, gate: Gate
) -> None:
    env = {"GATE": str(gate.directory)}
    options = {"harakiri_graceful_timeout": 20, "log_date": "dated"}
    one = server("gate", threads=4, harakiri=1, env=env, **options)
    one.expect_errors()
    one.files_may_grow = True
    with Crowd(3) as crowd:
        answers = []
        for number in range(3):  # They hang one after the other.
            answers.append(crowd.call(one.get, f"/wait?{number}"))
            gate.wait_arrived(number + 1)
        assert {answer.result().status for answer in answers} == {504}
        one.wait_log("GET /wait", 6)  # In the records, and in the request log.
        gate.open()
    records = re.findall(
        r"^dated - \*\*\* HARAKIRI ON WORKER 1 .*\n"
        r"dated - HARAKIRI !!! worker 1 status !!!\n"
        r"dated - HARAKIRI \[core (\d)\] .* GET /wait\?\d since .*\n"
        r"dated - Thread of core (\d) \(uWSGIWorker1Core(\d), most recent call first\):\n"
        r"((?:dated - .*\n)*?)"
        r"dated - HARAKIRI !!! end of worker 1 status !!!$",
        one.log,
        re.M,
    )
    assert len(records) == 3
    assert len({core for core, *_ in records}) == 3
    for core, first, name, stacks in records:
        assert core == first == name
        lines = stacks.splitlines()
        assert re.search(
            r'^dated -   File ".*gate/app\.py", line \d+ in application$', stacks, re.M
        )
        own = [line for line in lines if line.startswith("dated - Thread of core")]
        assert len(own) == len(set(own)) >= 2
        assert f"core {core} " not in stacks


def test_stacks_of_several_workers_do_not_mix(
    server: StartServer, tmp_path: Path, gate: Gate
) -> None:
    path = tmp_path / "deep.py"
    path.write_text(DEEP)
    one = server(wsgi_file=path, processes=3, env={"GATE": str(gate.directory)})
    with Crowd(3) as crowd:
        answers = [crowd.call(one.get, f"/{number}") for number in range(3)]
        gate.wait_arrived(3)
        for round_number in range(1, 21):
            for worker in one.workers().values():
                os.kill(worker, signal.SIGUSR2)
            one.wait_log("^SIGUSR2: worker", 3 * round_number)
        gate.open()
        assert {answer.result().status for answer in answers} == {200}
    records = re.findall(
        r"^SIGUSR2: worker \d .*\n"
        r"Thread of core 0 \(uWSGIWorker\dCore0, most recent call first\):\n"
        r'(?:  File "(?!.*deep\.py).*\n)*'  # It may look at its gate just now.
        r'(?:  File ".*deep\.py", line \d+ in descend\n){60}'
        r'  File ".*deep\.py", line \d+ in application$',
        one.log,
        re.M,
    )
    assert len(records) == 60


def test_the_address_of_a_stuck_client_cannot_forge_a_line(server: StartServer, gate: Gate) -> None:
    one = server("gate", harakiri=1, env={"GATE": str(gate.directory)})
    one.expect_errors(r"\(pid: ")  # The worker that died.
    one.files_may_grow = True
    stuck = one.workers()[1]
    answer = one.get("/wait?for-ever", variables={"REMOTE_ADDR": "1.2.3.4\nerror: forged"})
    assert answer.status == 504
    one.wait_log(r"HARAKIRI \[core 0\] 1\.2\.3\.4\\x0Aerror: forged - GET /wait")
    wait_until(lambda: one.workers().get(1) not in (None, stuck), "a new worker")


def test_neighbours_in_the_same_process_are_spared(server: StartServer, gate: Gate) -> None:
    env = {"GATE": str(gate.directory)}
    one = server("gate", threads=4, harakiri=2, harakiri_graceful_timeout=10, env=env)
    one.expect_errors()
    one.files_may_grow = True
    with Crowd(2) as crowd:
        stuck = crowd.call(one.get, "/wait?for-ever")
        gate.wait_arrived(1)
        wait_until(lambda: one.get("/").status == 200, "an answer beside the stuck request")
        time_left = wait_until(
            lambda: time.monotonic() if _age(gate, "for-ever") > 1.2 else 0, "the second to pass"
        )
        neighbour = crowd.call(one.get, "/wait?neighbour")
        gate.wait_arrived(2)
        assert stuck.result().status == 504
        gate.open("neighbour")
        assert neighbour.result().status == 200
        assert time.monotonic() > time_left
    wait_until(lambda: one.get("/").status == 200, "the service")


def test_steady_neighbours_do_not_keep_a_stuck_request_alive(
    server: StartServer, gate: Gate
) -> None:
    env = {"GATE": str(gate.directory)}
    one = server("gate", processes=2, threads=4, harakiri=1, env=env)
    one.expect_errors()
    one.files_may_grow = True

    def ask() -> None:
        assert one.get("/").status == 200

    with LoopingClients(4, ask) as neighbours:
        start = time.monotonic()
        assert one.get("/wait?for-ever").status == 504
        assert time.monotonic() - start < 3 * patience()
        neighbours.wait_more(50)
    assert neighbours.failures == []


def test_a_request_within_its_time_is_left_alone(server: StartServer, gate: Gate) -> None:
    one = server("gate", threads=2, harakiri=30, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        answer = crowd.call(one.get, "/wait?short")
        gate.wait_arrived(1)
        gate.open()
    assert answer.result().status == 200
    assert not re.search("(?i)harakiri !!!|HARAKIRI ON", one.log)


@pytest.mark.parametrize("wire_option", ["http", "socket"])
def test_the_time_that_a_body_takes_to_come_does_not_count(
    server: StartServer, half: Path, gate: Gate, wire_option: str
) -> None:
    env = {"GATE": str(gate.directory)}
    options = {wire_option: "127.0.0.1:0", "body_buffer": 1000}
    one = server(wsgi_file=half, threads=2, harakiri=1, env=env, **options)
    size = 20_000
    with wire.connect(one.address) as client:
        client.sendall(_head(wire_option, "POST", "/body", size))
        for _ in range(20):  # Two seconds.
            client.sendall(b"b" * (size // 20))
            _let_pass(0.1)
        answer = wire.parse_response(wire.read_to_end(client))
    assert (answer.status, answer.body) == (200, b"%d" % size)
    assert not re.search("HARAKIRI", one.log)


@pytest.mark.parametrize("wire_option", ["http", "socket"])
def test_a_response_that_is_ended_half_way_does_not_look_whole(
    server: StartServer, half: Path, gate: Gate, wire_option: str
) -> None:
    env = {"GATE": str(gate.directory)}
    one = server(wsgi_file=half, threads=2, harakiri=1, env=env, **{wire_option: "127.0.0.1:0"})
    one.expect_errors()
    one.files_may_grow = True
    with wire.connect(one.address) as client:
        client.sendall(_head(wire_option, "GET", "/half"))
        with pytest.raises(ConnectionResetError):
            wire.read_to_end(client)
    gate.open()


def test_nothing_is_served_on_a_connection_after_a_response_that_was_ended(
    server: StartServer, half: Path, gate: Gate
) -> None:
    env = {"GATE": str(gate.directory)}
    options = {"harakiri": 1, "harakiri_graceful_timeout": 20, "http": "127.0.0.1:0"}
    one = server(wsgi_file=half, threads=3, env=env, **options)
    one.expect_errors()
    one.files_may_grow = True
    upload = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"
    with wire.connect(one.address) as other, wire.connect(one.address) as client:
        other.sendall(upload)  # Keeps the process for a while.
        client.sendall(
            b"GET /half HTTP/1.1\r\nHost: a\r\n\r\nPOST /second HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        one.wait_log("HARAKIRI ON WORKER")
        gate.open()  # The thread finds its response taken.
        one.wait_log("GET /half ")
        other.sendall(b"b")
        assert other.recv(100, socket.MSG_PEEK)
    wait_until(lambda: one.get("/third").status == 200, "the service")
    assert not (gate.directory / "arrived-second").exists()


def _head(wire_option: str, method: str, path: str, size: int = 0) -> bytes:
    """Return a request without its body of `size` bytes; no length will frame the answer."""
    if wire_option == "http":
        length = f"Content-Length: {size}\r\n" if size else ""
        return f"{method} {path} HTTP/1.0\r\nHost: a\r\n{length}\r\n".encode()
    variables = uwsgi_client.request_vars(method, path, b"b" * size)
    return uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))


def _let_pass(seconds: float) -> None:
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end, "time to pass", seconds + 5)


def _age(gate: Gate, name: str) -> float:
    """Return for how many seconds a request has been inside."""
    return time.time() - (gate.directory / f"arrived-{name}").stat().st_mtime
