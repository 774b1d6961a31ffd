# SPDX-License-Identifier: MIT
"""Slow clients wait alone: they never hold a slot."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from pathlib import Path
from typing import Callable

import processes
import pytest
import uwsgi_client
import wire
from clients import Crowd
from http_client import HttpConnection
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n"

EXPECTING = (
    b"POST /short HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
)


@pytest.mark.quick
@pytest.mark.parametrize("size", [100_000, 2_000_000])
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_a_trickling_body_delays_nobody(server: StartServer, wire_option: str, size: int) -> None:
    one = server("body", **{wire_option: "127.0.0.1:0"})
    held = []
    for _ in range(20):
        connection = wire.connect(one.address)
        if wire_option == "socket":
            variables = uwsgi_client.request_vars("POST", "/digest", b"b" * size)
            head = uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
        else:
            head = HEAD.replace(b"100000", b"%d" % size).replace(b"/ ", b"/digest ", 1)
        connection.sendall(head + b"b" * 500)
        held.append(connection)
    for _ in range(20):
        assert one.post("/twice", b"12345").text == "[5, 0, 0]"
    for connection in held:
        connection.sendall(b"b" * (size - 500))
        assert wire.parse_response(wire.read_to_end(connection)).status == 200
        connection.close()


@pytest.mark.quick
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_bodies_that_are_held_back_delay_nobody(server: StartServer, threads: int) -> None:
    one = server("body", http_socket="127.0.0.1:0", threads=threads)
    held = [wire.connect(one.address) for _ in range(8)]
    for connection in held:
        connection.sendall(EXPECTING)
    for _ in range(20):
        assert one.post("/twice", b"12345").text == "[5, 0, 0]"
    for connection in held:
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    # The last one holds no thread, and has the usual time.
    held[-1].sendall(b"12345")
    assert wire.parse_response(wire.read_to_end(held[-1])).text == "read 5 bytes"
    for connection in held:
        connection.close()


def test_a_thread_that_has_asked_for_a_body_does_not_wait_long(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0", threads=2)
    with wire.connect(one.address) as connection:
        connection.sendall(EXPECTING)
        raw = wire.read_to_end(connection)
    asked, _, answer = raw.partition(b"\r\n\r\n")
    assert asked == b"HTTP/1.1 100 Continue"
    assert wire.parse_response(answer).text == "OSError"


@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_a_client_that_reads_slowly_delays_nobody(server: StartServer, wire_option: str) -> None:
    one = server("pep3333", **{wire_option: "127.0.0.1:0"}, threads=2)
    data = uwsgi_client.packet(
        uwsgi_client.encode_vars(uwsgi_client.request_vars("GET", "/endless").items())
    )
    if wire_option == "http_socket":
        data = b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"
    with wire.connect(one.address) as slow:
        slow.sendall(data)
        assert slow.recv(100)
        for _ in range(20):
            assert one.get("/bytes").body == b"plain bytes"


def test_a_finished_response_drains_without_the_slot(server: StartServer) -> None:
    one = server("streaming", http_socket="127.0.0.1:0")
    with wire.connect(one.address) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(b"GET /?400000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        one_chunk = slow.recv(100)
        assert one.get("/?5").body == b"sssss"
        rest = one_chunk + wire.read_to_end(slow)
    assert rest.count(b"s") >= 400_000


@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_five_hundred_clients_that_never_read_delay_nobody(
    server: StartServer, wire_option: str
) -> None:
    one = server("streaming", **{wire_option: "127.0.0.1:0"}, threads=2)
    data = uwsgi_client.packet(
        uwsgi_client.encode_vars(uwsgi_client.request_vars("GET", "/?5000000").items())
    )
    if wire_option == "http_socket":
        data = b"GET /?5000000 HTTP/1.1\r\nHost: a\r\n\r\n"
    held = []
    for number in range(500):
        held.append(wire.connect(one.address))
        held[-1].sendall(data)
        if number % 10 == 0:
            assert one.get("/?5").body == b"sssss"
    assert one.get("/?5").body == b"sssss"
    assert held[0].recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    for connection in held:
        connection.close()


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_what_a_slow_client_has_not_read_arrives_whole(
    server: StartServer, wire_option: str
) -> None:
    one = server("streaming", **{wire_option: "127.0.0.1:0"})
    variables = uwsgi_client.request_vars("GET", "/?20000000")
    data = uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
    if wire_option == "http_socket":
        data = b"GET /?20000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with wire.connect(one.address) as slow:
        slow.sendall(data)
        first = slow.recv(10)
        assert one.get("/?5").body == b"sssss"  # The only thread is free again.
        assert (first + wire.read_to_end(slow)).count(b"s") >= 20_000_000


def _narrow(one: ServerProcess) -> socket.socket:
    """Connect with a receive buffer that a fast reader, too, can not make large."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(20)
    slow.connect(one.address)
    return slow


@pytest.mark.quick
@pytest.mark.parametrize("late", [b"\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_what_follows_the_last_request_cuts_no_response(server: StartServer, late: bytes) -> None:
    one = server("streaming", http_socket="127.0.0.1:0")
    with _narrow(one) as slow:
        slow.sendall(b"GET /?3000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        one.wait_log(r"GET /\?3000000 => generated 3000000 bytes")
        slow.sendall(late)
        assert wire.read_to_end(slow).count(b"s") >= 3_000_000


def _upload_slowly(connection: socket.socket, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.sendall(b"u" * 10_000)
        select.select([], [], [], 0.1)


def test_a_slow_upload_that_is_refused_sees_why(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0", limit_post=1000)
    with wire.connect(one.address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n")
        _upload_slowly(connection, 6)
        assert wire.parse_response(wire.read_to_end(connection)).status == 413


def test_a_stop_waits_a_second_for_refused_uploads(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0", limit_post=1000)
    with Crowd(1) as crowd, wire.connect(one.address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n")
        upload = crowd.call(_upload_slowly, connection, 20)
        one.wait_log("refused a request")
        one.stop(timeout=5)
        assert not upload.done() or upload.exception()


def test_a_response_beyond_its_buffer_waits_for_its_client(server: StartServer) -> None:
    one = server("streaming", http_socket="127.0.0.1:0", threads=2, response_buffer="1m")
    with wire.connect(one.address) as slow:
        slow.sendall(b"GET /?30000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        first = slow.recv(10)
        assert one.get("/?5").body == b"sssss"
        assert (first + wire.read_to_end(slow)).count(b"s") >= 30_000_000


def test_without_a_file_a_slow_response_stays_in_memory(server: StartServer) -> None:
    one = server("streaming", http_socket="127.0.0.1:0", env={"TMPDIR": "/proc"})
    for _ in range(5):
        with _narrow(one) as slow:
            slow.sendall(b"GET /?9000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            one.wait_log("^warning: slow clients' responses stay in memory")
            assert wire.read_to_end(slow).count(b"s") >= 9_000_000
    one.wait_log("GET /.9000000", count=5)
    said = one.log_lines("^warning: slow clients' responses stay in memory")
    assert len(said) == 1
    assert "cannot create a file in /proc: " in said[0]
    assert "name a directory that the server's user may write to by post-buffering-dir" in said[0]


@pytest.mark.quick
@pytest.mark.parametrize("path", ["/read", "/digest"])
def test_a_trickling_body_ends_with_408(server: StartServer, path: str) -> None:
    one = server("body", http_socket="127.0.0.1:0", body_min_rate=100_000, socket_timeout=1)
    with wire.connect(one.address) as client:
        client.sendall(HEAD.replace(b"POST /", f"POST {path}".encode()))
        client.settimeout(0.05)
        answer = b""
        while not answer:
            client.sendall(b"b")
            with contextlib.suppress(socket.timeout):
                answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408 ")
    one.wait_log("the request's body came too slowly, see --body-min-rate")


# What a client sends, and the option that the log names when nothing more comes.
DEADLINES = {
    "packet": ({"socket": ""}, b"\x00\x40", "head took too long, see --http-headers-timeout"),
    "line": ({"http_socket": ""}, b"GET / HT", "head took too long, see --http-headers-timeout"),
    "proxy": (
        {"http_socket": "", "enable_proxy_protocol": True},
        b"PROX",
        "PROXY header took too long, see --http-headers-timeout",
    ),
    "body": (
        {"http_socket": ""},
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nb",
        "body took too long, see --http-timeout",
    ),
    "response": (
        {"http_socket": ""},
        b"GET /?9000000 HTTP/1.1\r\nHost: a\r\n\r\n",
        "took nothing of its response for too long, see --http-timeout",
    ),
}


@pytest.mark.parametrize("name", DEADLINES)
def test_a_deadline_names_the_option_that_moves_it(server: StartServer, name: str) -> None:
    options, sent, logged = DEADLINES[name]
    options = {key: value or "127.0.0.1:0" for key, value in options.items()}
    one = server("streaming", http_headers_timeout=1, socket_timeout=1, **options)
    with wire.connect(one.address) as client:
        client.sendall(sent)
        one.wait_log(logged)


@pytest.mark.quick
def test_idle_connections_make_room_for_new_ones(server: StartServer) -> None:
    one = server("hello", http_socket="127.0.0.1:0", max_fd=64)
    idle = []
    for _ in range(200):
        idle.append(HttpConnection(one.address))
        assert idle[-1].fetch().body == b"hello"
    assert one.get("/").body == b"hello"
    for connection in idle:
        connection.close()


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_half_heads_make_room_for_new_ones(server: StartServer, wire_option: str) -> None:
    one = server("hello", **{wire_option: "127.0.0.1:0"}, max_fd=64)
    data = HEAD
    if wire_option == "socket":
        data = uwsgi_client.packet(uwsgi_client.encode_vars(uwsgi_client.request_vars().items()))
    held = [wire.connect(one.address) for _ in range(100)]
    for number, connection in enumerate(held):
        connection.sendall(data[: 1 + number % (len(data) - 1)])
    for _ in range(10):
        assert one.get("/").body == b"hello"
    for connection in held:
        connection.close()


def test_without_descriptors_new_clients_wait(server: StartServer) -> None:
    one = server("hello", http_socket="127.0.0.1:0", max_fd=64)
    one.expect_errors("cannot accept connections: Too many open files")
    held = [wire.connect(one.address) for _ in range(100)]
    for connection in held:
        connection.sendall(HEAD)  # In the middle of a request: not idle.
    one.wait_log("cannot accept connections: Too many open files")
    before = sum(map(processes.cpu_ticks, one.workers().values()))
    for connection in held:
        connection.close()
    assert one.get("/").body == b"hello"
    assert sum(map(processes.cpu_ticks, one.workers().values())) - before < 100  # One second.


def test_without_descriptors_static_files_are_a_503(server: StartServer, tmp_path: Path) -> None:
    content = os.urandom(8_000_000)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "big").write_bytes(content)
    static_map = f"/files={tmp_path}/files"
    one = server("hello", http_socket="127.0.0.1:0", max_fd=60, static_map=static_map)
    one.expect_errors("cannot accept connections: Too many open files")
    slow = [wire.connect(one.address) for _ in range(70)]
    for connection in slow:
        connection.sendall(b"GET /files/big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answers = []
    for connection in slow:  # The first ones make room for the last.
        answers.append(wire.parse_response(wire.read_to_end(connection)))
        connection.close()
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {200, 503}
    for answer in answers:
        assert answer.body == (content if answer.status == 200 else b"Service Unavailable")
        assert answer.header("Connection") == "close"
        assert (answer.header("Retry-After") is not None) == (answer.status == 503)
    assert one.log_lines("^warning: a file cannot be opened for a client: Too many open files")
    assert one.get("/files/big").body == content


def test_idle_connections_cost_little(server: StartServer) -> None:
    one = server("hello", http_socket="127.0.0.1:0")

    def connect(count: int) -> list[HttpConnection]:
        made = [HttpConnection(one.address) for _ in range(count)]
        for connection in made:
            assert connection.fetch().body == b"hello"
        return made

    worker = one.workers()[1]
    idle = connect(500)
    before = processes.private_bytes(worker)
    idle += connect(2000)
    assert (processes.private_bytes(worker) - before) / 2000 < 1024
    for connection in idle:
        connection.close()
