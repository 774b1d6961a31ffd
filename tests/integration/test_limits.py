# SPDX-License-Identifier: MIT
"""The limits of one request, and what a client beyond them is told."""

from __future__ import annotations

import resource
import signal
import subprocess
from pathlib import Path
from typing import Callable

import pytest
import uwsgi_client
import wire
from server import APPS, Binary, ServerProcess

StartServer = Callable[..., ServerProcess]

CHUNK = b"186a0\r\n" + b"c" * 100_000 + b"\r\n"


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_a_body_beyond_limit_post_is_a_413(server: StartServer, wire_option: str) -> None:
    one = server("body", limit_post=1000, **{wire_option: "127.0.0.1:0"})
    assert one.post("/twice", b"x" * 1000).text == "[1000, 0, 0]"
    assert one.post("/twice", b"x" * 1001).status == 413
    assert one.post("/twice", b"x" * 5_000_000).status == 413


@pytest.mark.quick
def test_a_head_beyond_buffer_size_is_a_431(server: StartServer) -> None:
    one = server("hello", buffer_size=8192, http_socket="127.0.0.1:0")
    assert one.get("/", headers={"X-Pad": "p" * 7000}).status == 200
    assert one.get("/", headers={"X-Pad": "p" * 9000}).status == 431
    one.wait_log("buffer-size")


@pytest.mark.parametrize("length", [20_000, 2_000_000], ids=["buffered", "streamed"])
@pytest.mark.parametrize(
    "wire_option,timeouts",
    [
        ("socket", {"socket_timeout": 1}),
        ("http_socket", {"socket_timeout": 1}),
        ("http_socket", {"http_timeout": 1}),
        ("socket", {"socket_timeout": 1, "http_timeout": 600}),
        ("http_socket", {"socket_timeout": 600, "http_timeout": 1}),
    ],
)
def test_a_body_that_stalls_ends_after_the_timeout_of_its_socket(
    server: StartServer, wire_option: str, timeouts: dict[str, int], length: int
) -> None:
    one = server("body", **{wire_option: "127.0.0.1:0"}, **timeouts)
    if wire_option == "socket":
        variables = uwsgi_client.request_vars("POST", "/short", b"b" * length)
        head = uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
    else:
        head = f"POST /short HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode()
    with wire.connect(one.address) as connection:
        connection.sendall(head + b"b" * 100)
        raw = wire.read_to_end(connection)
    answer = wire.parse_response(raw)
    assert answer.status == 408 or answer.text == "OSError"


@pytest.mark.quick
def test_http_timeout_ends_a_response_that_nobody_reads(server: StartServer) -> None:
    one = server("streaming", http_socket="127.0.0.1:0", http_timeout=1, socket_timeout=600)
    with wire.connect(one.address) as connection:
        connection.sendall(b"GET /?9000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        one.wait_log("took nothing of its response for too long")


@pytest.mark.quick
def test_a_thousand_headers_are_no_crash(server: StartServer) -> None:
    one = server("hello", http_socket="127.0.0.1:0")
    for count in (100, 500, 2000, 20_000):
        head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        head += b"".join(b"X-%d: v\r\n" % n for n in range(count))
        raw = uwsgi_client.exchange(one.address, head + b"\r\n")
        assert not raw or wire.parse_response(raw).status in (200, 400, 431), count
    assert one.get("/").body == b"hello"


@pytest.mark.parametrize(
    "request_bytes,status",
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505),
        (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    ],
)
def test_malformed_http_is_answered_and_closed(
    server: StartServer, request_bytes: bytes, status: int
) -> None:
    one = server("hello", http_socket="127.0.0.1:0")
    raw = uwsgi_client.exchange(
        one.address, request_bytes + b"GET /second HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    answer = wire.parse_response(raw)
    assert answer.status == status
    assert answer.header("Connection") == "close"
    assert b"hello" not in raw
    assert one.get("/").body == b"hello"
    one.wait_log("GET / =>")
    assert not one.log_lines("GET /second =>")


@pytest.mark.quick
def test_a_chunked_body_arrives_decoded(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0")
    chunks = b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n"
    raw = uwsgi_client.exchange(
        one.address,
        b"POST /twice HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
    )
    assert wire.parse_response(raw).text == "[11, 0, 0]"


def test_expect_continue_is_answered_before_the_body(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0")
    with wire.connect(one.address) as connection:
        connection.sendall(
            b"POST /twice HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"12345")
        assert wire.parse_response(wire.read_to_end(connection)).text == "[5, 0, 0]"


@pytest.mark.quick
def test_without_a_read_the_final_status_comes_alone(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0", threads=2)
    raw = uwsgi_client.exchange(
        one.address,
        b"POST /unread HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    )
    assert raw.startswith(b"HTTP/1.1 413 ")
    assert raw.endswith(b"\r\n\r\nno, thank you")


@pytest.mark.quick
def test_with_post_buffering_a_body_is_asked_for_at_once(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0", threads=4, post_buffering=1000)
    with wire.connect(one.address) as connection:
        connection.sendall(
            b"POST /unread HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"12345")
        assert wire.parse_response(wire.read_to_end(connection)).status == 413


@pytest.mark.parametrize(
    "options,chunks,end,status",
    [
        ({"limit_post": 2_000_000}, 21, b"", 413),
        ({}, 11, b"zz\r\n", 400),
        ({}, 1, b"zz\r\n", 400),  # The application is not called.
        ({"socket_timeout": 1}, 11, b"", 408),
    ],
)
def test_a_body_that_fails_late_is_not_the_servers_fault(
    server: StartServer, options: dict[str, int], chunks: int, end: bytes, status: int
) -> None:
    one = server("body", http_socket="127.0.0.1:0", **options)
    one.expect_errors("exception in the application")
    with wire.connect(one.address) as connection:
        connection.sendall(
            b"POST /digest HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(CHUNK * chunks + end)
        answer = wire.parse_response(wire.read_to_end(connection))
    assert (answer.status, answer.header("Connection")) == (status, "close")


@pytest.mark.not_for_oracle
@pytest.mark.quick
@pytest.mark.parametrize("master", ["true", "false"])
def test_too_few_files_are_a_sentence(binary: Binary, tmp_path: Path, master: str) -> None:
    command = binary.command("--http-socket", "127.0.0.1:0", f"--master={master}")
    command = ["prlimit", "--nofile=8:8", "--", *command]
    asked = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    said = (
        "the limit of open files is 8, the server needs 40 at least: raise it (ulimit -n, max-fd)"
    )
    assert f"error: {said}\n" in asked.stderr
    assert asked.returncode == 1


def _limit_files(count: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


@pytest.mark.not_for_oracle
@pytest.mark.quick
def test_too_few_files_for_a_reload_are_a_warning(new_server: Callable[[], ServerProcess]) -> None:
    one = new_server()
    one.listen_on_free_port("http-socket")
    options = ["--http-socket", one.address_text, "--processes", "3"]
    options += ["--wsgi-file", str(APPS / "hello" / "app.py")]
    one.launch(*options, processes=3, preexec_fn=lambda: _limit_files(45)).wait_ready()
    said = "the limit of open files is 45, a reload of 3 processes needs 46 or fails"
    assert one.log_lines(f"warning: {said}")


@pytest.mark.not_for_oracle
@pytest.mark.quick
def test_max_fd_is_the_limit_of_workers_and_not_of_the_master(server: StartServer) -> None:
    one = server("hello", http_socket="127.0.0.1:0", processes=20, max_fd=45)
    before = one.workers()
    for pid in before.values():
        assert resource.prlimit(pid, resource.RLIMIT_NOFILE)[0] == 45
    one.send_signal(signal.SIGHUP)  # A link to each of forty processes.
    one.wait_replaced(before)
    assert one.get("/").body == b"hello"
