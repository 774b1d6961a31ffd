# SPDX-License-Identifier: MIT
"""add-header: fields of the configuration in every response."""

from __future__ import annotations

from typing import Callable

import pytest
import uwsgi_client
import wire
from server import ServerProcess

StartServer = Callable[..., ServerProcess]


def _values(answer: wire.Response, name: str) -> list[str]:
    return [value for key, value in answer.headers if key.lower() == name.lower()]


@pytest.mark.quick
@pytest.mark.parametrize("clients", ["", "Connection: close\r\n", "Connection: keep-alive\r\n"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_connection_close_closes(server: StartServer, clients: str, version: str) -> None:
    one = server("hello", http="127.0.0.1:0", add_header="Connection: close")
    request = f"GET / HTTP/{version}\r\nHost: a\r\n{clients}\r\n".encode()
    answer = wire.parse_response(uwsgi_client.exchange(one.address, request * 2))
    assert answer.body == b"hello"
    assert _values(answer, "Connection") == ["close"]


@pytest.mark.quick
def test_connection_keep_alive_is_the_servers_decision(server: StartServer) -> None:
    one = server("hello", http="127.0.0.1:0", add_header="Connection: Keep-Alive")
    assert _values(one.get("/"), "Connection") == []
    request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = wire.parse_response(uwsgi_client.exchange(one.address, request))
    assert _values(answer, "Connection") == ["close"]


@pytest.mark.quick
@pytest.mark.parametrize("option", ["http", "socket"])
def test_the_applications_server_header_stands_alone(server: StartServer, option: str) -> None:
    one = server(
        "names_files", **{option: "127.0.0.1:0"}, add_header=["Server: configured", "X-Added: 1"]
    )
    plain, named = one.get("/"), one.get("/?Server=own")
    assert _values(plain, "Server") == ["configured"]
    assert _values(named, "Server") == ["own"]
    assert _values(plain, "X-Added") == _values(named, "X-Added") == ["1"]


@pytest.mark.quick
@pytest.mark.parametrize(
    "request_bytes,status",
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 413),
    ],
)
def test_the_servers_own_answers_have_them(
    server: StartServer, request_bytes: bytes, status: int
) -> None:
    fields = ["Server: ours", "X-Frame-Options: DENY"]
    one = server("hello", http="127.0.0.1:0", add_header=fields, limit_post=10)
    answer = wire.parse_response(uwsgi_client.exchange(one.address, request_bytes))
    assert answer.status == status
    assert _values(answer, "Server") == ["ours"]
    assert _values(answer, "X-Frame-Options") == ["DENY"]


@pytest.mark.quick
@pytest.mark.parametrize("field", ["Content-Length: 5", "transfer-encoding: chunked", "X-Frame"])
def test_framing_and_nonsense_stop_the_start(
    new_server: Callable[..., ServerProcess], field: str
) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("add-header = " + field)
    one.start("hello", http="127.0.0.1:0", add_header=field, ready=False)
    assert one.wait_exit() == 1
    assert one.log_lines(f"^error: .*add-header = {field}: ")
