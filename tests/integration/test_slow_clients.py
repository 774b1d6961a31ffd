# SPDX-License-Identifier: MIT
"""Slow clients wait alone: they never hold a slot."""

from __future__ import annotations

import socket
from typing import Callable

import pytest
import uwsgi_client
import wire
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n"


def _half_heads(one: ServerProcess, wire_option: str, count: int) -> list[socket.socket]:
    data = uwsgi_client.packet(uwsgi_client.encode_vars(uwsgi_client.request_vars().items()))
    if wire_option != "socket":
        data = HEAD
    held = []
    for number in range(count):
        held.append(wire.connect(one.address))
        held[-1].sendall(data[: 1 + number % (len(data) - 1)])
    return held


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_five_hundred_trickling_heads_delay_nobody(server: StartServer, wire_option: str) -> None:
    one = server("hello", **{wire_option: "127.0.0.1:0"})
    held = _half_heads(one, wire_option, 500)
    for _ in range(50):
        assert one.get("/").body == b"hello"
    for connection in held:
        connection.close()


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_a_trickling_body_delays_nobody(server: StartServer, wire_option: str) -> None:
    one = server("body", **{wire_option: "127.0.0.1:0"})
    held = []
    for _ in range(20):
        connection = wire.connect(one.address)
        if wire_option == "socket":
            variables = uwsgi_client.request_vars("POST", "/digest", b"b" * 100_000)
            head = uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
        else:
            head = HEAD
        connection.sendall(head + b"b" * 500)
        held.append(connection)
    for _ in range(20):
        assert one.post("/twice", b"12345").text == "[5, 0, 0]"
    for connection in held:
        connection.sendall(b"b" * 99_500)
        assert wire.parse_response(wire.read_to_end(connection)).status == 200
        connection.close()


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
