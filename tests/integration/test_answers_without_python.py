# SPDX-License-Identifier: MIT
"""Static files, redirects and the server's own answers: they never wait for the application."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

import pytest
import wire
from clients import Crowd, Gate
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

# /hold waits inside of C code that keeps the GIL, until $GATE/pipe has ended; /wait?NAME waits in
# Python until $GATE/NAME is there.
HOLDER = """
import ctypes, os, time

GATE = os.environ["GATE"]
KEEPS_THE_GIL = ctypes.PyDLL(None)

def application(environ, start_response):
    path, name = environ["PATH_INFO"], environ["QUERY_STRING"]
    if path == "/hold":
        pipe = os.open(GATE + "/pipe", os.O_RDONLY)
        open(GATE + "/arrived-hold", "w").close()
        KEEPS_THE_GIL.read(pipe, ctypes.create_string_buffer(1), 1)
        os.close(pipe)
    elif path == "/wait":
        open(f"{GATE}/arrived-{name}", "w").close()
        while not os.path.exists(f"{GATE}/{name}"):
            time.sleep(0.01)
    body = b"%d %d" % (os.getpid(), len(environ["wsgi.input"].read()))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body]
"""


@pytest.fixture
def holder(server: StartServer, tmp_path: Path, gate: Gate) -> Callable[..., ServerProcess]:
    """Start a server with the application above, a static folder and a redirecting socket."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "style.css").write_text("body {}")
    (tmp_path / "holder.py").write_text(HOLDER)
    os.mkfifo(gate.directory / "pipe")

    def start(**options: Any) -> ServerProcess:
        return server(
            wsgi_file=tmp_path / "holder.py",
            http_socket="127.0.0.1:0",
            static_map=f"/files={tmp_path}/files",
            env={"GATE": str(gate.directory)},
            **options,
        )

    return start


def _expect_answers(one: ServerProcess, redirecting: wire.Address) -> None:
    """Ask on new connections for everything that needs no application."""
    for _ in range(3):
        assert one.get("/files/style.css").body == b"body {}"
        with wire.connect(redirecting) as client:
            client.sendall(b"GET /page HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
            answer = wire.parse_response(wire.read_to_end(client))
        assert (answer.status, answer.header("Location")) == (301, "https://a.example/page")
        with wire.connect(one.address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nBad Header\r\n\r\n")
            assert wire.parse_response(wire.read_to_end(client)).status == 400


@pytest.mark.quick
@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("how", ["/hold", "/wait?inside"])
def test_what_needs_no_application_does_not_wait_for_it(
    holder: Callable[..., ServerProcess], gate: Gate, how: str, processes: int, threads: int
) -> None:
    redirecting = wire.free_port()
    slots = processes if how == "/hold" else processes * threads
    one = holder(processes=processes, threads=threads, http_to_https="{}:{}".format(*redirecting))
    with Crowd(slots + 5) as crowd:
        writers = []
        if how == "/hold":
            held = [crowd.call(one.get, how) for _ in range(slots)]
            # Opening waits for the reader.
            writers = [os.open(gate.directory / "pipe", os.O_WRONLY) for _ in range(slots)]
        else:
            held = [crowd.call(one.get, f"/wait?inside{number}") for number in range(slots)]
            gate.wait_arrived(slots)
        _expect_answers(one, redirecting)
        later = [crowd.call(one.get, "/") for _ in range(3)]
        _expect_answers(one, redirecting)
        assert not any(answer.done() for answer in [*held, *later])
        for number in range(slots):
            gate.open(f"inside{number}")
        for writer in writers:
            os.close(writer)
        assert {answer.result().status for answer in [*held, *later]} == {200}
    assert not one.log_lines("^error")


@pytest.mark.quick
def test_a_request_that_a_busy_worker_has_read_goes_to_the_first_that_is_free(
    holder: Callable[..., ServerProcess], gate: Gate
) -> None:
    one = holder(processes=2)
    with Crowd(32) as crowd:
        held = {name: crowd.call(one.get, f"/wait?{name}") for name in ("first", "second")}
        gate.wait_arrived(2)
        waiting = [crowd.call(one.get, "/") for _ in range(20)]
        waiting += [crowd.call(one.post, "/", b"b" * 30_000) for _ in range(10)]
        # What came after them was answered, so they have been read.
        wait_until(lambda: one.get("/files/style.css").status == 200, "the file")
        assert not any(answer.done() for answer in waiting)
        gate.open("second")
        served = held["second"].result().text.split()[0]
        assert {answer.result().text.split()[0] for answer in waiting} == {served}
        assert not held["first"].done()
        gate.open("first")
        assert held["first"].result().text.split()[0] != served


@pytest.mark.quick
def test_a_request_that_a_stuck_worker_has_read_outlives_it(
    holder: Callable[..., ServerProcess], gate: Gate
) -> None:
    one = holder(harakiri=1)
    one.expect_errors()
    one.files_may_grow = True
    with Crowd(11) as crowd:
        stuck = crowd.call(one.get, "/wait?stuck")
        gate.wait_arrived(1)
        waiting = [crowd.call(one.get, "/") for _ in range(10)]
        assert stuck.result().status == 504
        assert {answer.result().status for answer in waiting} == {200}
