# SPDX-License-Identifier: MIT
"""Uploads of any size and number that go on slowly: no thread waits for them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Callable

import pytest
import uwsgi_client
import wire
from clients import Crowd, Gate, Trickle
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

MEGABYTE = 1 << 20

# /wait?NAME stands still until $GATE/NAME exists; /read reads its body, and says whether it could.
READER = """
import os, time

GATE = os.environ["GATE"]

def application(environ, start_response):
    path, name = environ["PATH_INFO"], environ["QUERY_STRING"]
    open(f"{GATE}/arrived-{path[1:]}-{name}", "w").close()
    while path == "/wait" and not os.path.exists(f"{GATE}/{name}"):
        time.sleep(0.01)
    try:
        text = b"%d" % len(environ["wsgi.input"].read())
    except OSError:
        text = b"too late"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text]
"""


def _head(wire_option: str, path: str, size: int) -> bytes:
    if wire_option == "socket":
        variables = uwsgi_client.request_vars("POST", path)
        variables["CONTENT_LENGTH"] = str(size)
        return uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
    fields = f"Host: a\r\nConnection: close\r\nContent-Length: {size}\r\n"
    return f"POST {path} HTTP/1.1\r\n{fields}\r\n".encode()


@pytest.fixture
def reader(server: StartServer, tmp_path: Path, gate: Gate) -> Callable[..., ServerProcess]:
    """Start a server with the application above, where bodies stream early."""
    path = tmp_path / "reader.py"
    path.write_text(READER)

    def start(**options: Any) -> ServerProcess:
        listen = {"http_socket": "127.0.0.1:0", "body_buffer": 1000, "socket_timeout": 600}
        env = {"GATE": str(gate.directory)}
        return server(wsgi_file=path, env=env, **{**listen, "body_min_rate": 0, **options})

    return start


@pytest.mark.quick
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_an_upload_that_goes_on_slowly_holds_no_thread(
    server: StartServer, wire_option: str, threads: int
) -> None:
    one = server("body", **{wire_option: "127.0.0.1:0"}, threads=threads)
    body = bytes(range(256)) * (5 * 1024)  # 1.25 MiB.
    held = [wire.connect(one.address) for _ in range(4)]
    for connection in held:
        connection.sendall(_head(wire_option, "/digest", len(body)) + body[:-1000])
    with Trickle(held, body[-1000:]) as trickle:
        for _ in range(20):
            assert one.post("/twice", b"12345").text == "[5, 0, 0]"
        wait_until(lambda: trickle.rounds >= 1, "a byte of each upload")
    for connection in held:
        connection.sendall(body[trickle.rounds - 1000 :])
        answer = wire.parse_response(wire.read_to_end(connection))
        assert (answer.status, answer.text) == (200, hashlib.sha256(body).hexdigest())
        connection.close()


@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_five_hundred_uploads_that_go_on_slowly_delay_nobody(
    server: StartServer, wire_option: str
) -> None:
    options = {"processes": 2, "threads": 2, "body_buffer": 16_384, "body_min_rate": 0}
    one = server("body", **{wire_option: "127.0.0.1:0"}, **options)
    one.expect_errors("exception in the application")  # In the end the clients leave.
    held = [wire.connect(one.address) for _ in range(500)]
    for connection in held:
        connection.sendall(_head(wire_option, "/digest", 40_000) + b"b" * 20_000)
    with Trickle(held, b"b" * 600) as trickle:
        while trickle.rounds < 2:
            assert one.post("/twice", b"12345").text == "[5, 0, 0]"
    for connection in held:
        connection.close()


def test_a_large_body_that_comes_fast_reaches_the_application_as_it_comes(
    reader: Callable[..., ServerProcess], gate: Gate
) -> None:
    one = reader(threads=2)
    with wire.connect(one.address) as client:
        client.sendall(_head("http_socket", "/read", 2_000_000) + b"b" * 1_500_000)
        gate.wait_arrived(1)
        client.sendall(b"b" * 500_000)
        assert wire.parse_response(wire.read_to_end(client)).body == b"2000000"


def test_a_thread_that_waits_for_an_upload_is_there_for_others_when_they_need_it(
    reader: Callable[..., ServerProcess], gate: Gate
) -> None:
    one = reader(threads=2)
    with Crowd(2) as crowd, wire.connect(one.address) as slow:
        slow.sendall(_head("http_socket", "/read", 2_000_000) + b"b" * 1_000_000)
        gate.wait_arrived(1)
        with Trickle([slow], b"b" * 100):
            waiting = crowd.call(one.get, "/wait?inside")
            gate.wait_arrived(2)
            assert crowd.call(one.get, "/read").result().body == b"0"
            assert wire.parse_response(wire.read_to_end(slow)).body == b"too late"
        gate.open("inside")
        assert waiting.result().status == 200


def test_an_upload_that_becomes_slow_does_not_put_harakiri_off(
    reader: Callable[..., ServerProcess], gate: Gate
) -> None:
    one = reader(threads=2, harakiri=1)
    workers = one.workers()
    with wire.connect(one.address) as slow:
        slow.sendall(_head("http_socket", "/read", 2_000_000) + b"b" * 1_000_000)
        gate.wait_arrived(1)
        with Trickle([slow], b"b" * 100):
            assert wire.parse_response(wire.read_to_end(slow)).body == b"too late"
    # The client was late, not the application.
    assert one.workers() == workers
    assert not re.search("HARAKIRI", one.log)


def test_slow_uploads_beyond_their_room_on_the_disk_are_a_503(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0", threads=2, body_spool=6 * MEGABYTE)
    held = [wire.connect(one.address) for _ in range(8)]
    for connection in held:
        connection.sendall(_head("http_socket", "/digest", 2 * MEGABYTE) + b"b")
    one.post("/twice", b"12345")  # The server has waited for them.
    for connection in held:
        connection.sendall(b"b" * (MEGABYTE + MEGABYTE // 2))
    one.wait_log("slow clients get 503: .*see --body-spool")
    one.wait_log("refused a request on .*: its body finds no room on the disk")
    assert one.post("/twice", b"12345").text == "[5, 0, 0]"
    answers = []
    for connection in held:
        connection.sendall(b"b" * (MEGABYTE // 2 - 1))
        answers.append(wire.parse_response(wire.read_to_end(connection)))
        connection.close()
    assert {answer.status for answer in answers} == {200, 503}
    for answer in answers:
        assert (answer.header("Retry-After") is not None) == (answer.status == 503)
    assert len(one.log_lines("slow clients get 503")) == 1
    # The room is free again.
    assert one.post("/digest", b"b" * 2 * MEGABYTE).status == 200


@pytest.mark.parametrize("option", [{"env": {"TMPDIR": "/proc"}}, {"body_spool": 0}])
def test_without_files_large_bodies_stream(server: StartServer, option: dict[str, Any]) -> None:
    one = server("body", http_socket="127.0.0.1:0", **option)
    body = b"b" * 3 * MEGABYTE
    for _ in range(3):
        assert one.post("/digest", body).text == hashlib.sha256(body).hexdigest()
    said = one.log_lines("the bodies of slow clients cannot wait in files")
    assert len(said) == ("env" in option)
