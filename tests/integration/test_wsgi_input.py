# SPDX-License-Identifier: MIT
"""wsgi.input: what it gives, where it ends, and what an unread body does."""

from __future__ import annotations

import hashlib
import importlib.util
import socket
from typing import Any, Callable

import pytest
import uwsgi_client
import wire
from clients import Crowd
from nginx import Nginx
from server import APPS, ServerProcess

StartServer = Callable[..., ServerProcess]
StartNginx = Callable[..., Nginx]


def _body_app() -> Any:
    spec = importlib.util.spec_from_file_location("body_app", APPS / "body" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_body = _body_app().make_body


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_reads_agree_with_bytesio(server: StartServer, wire_option: str, long_mode: bool) -> None:
    one = server("body", threads=2, **{wire_option: "127.0.0.1:0"})
    for length in (0, 1, 5, 4095, 4096, 4097, 20_000, 300_000):
        for seed in range(60 if long_mode else 6):
            target = f"/differential?{length},{seed}"
            assert one.post(target, make_body(length, seed)).text == "same", target


def test_reads_agree_with_bytesio_when_the_body_streams(server: StartServer) -> None:
    one = server("body", threads=2)
    for seed in range(3):
        length = 3_000_000
        target = f"/differential?{length},{seed}"
        assert one.post(target, make_body(length, seed)).text == "same", target


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
@pytest.mark.parametrize("size", [1, 65_536, 1_048_576, 1_048_577, 10_000_000])
@pytest.mark.parametrize("path", ["/digest", "/chunks"])
def test_a_body_of_any_size_arrives_whole(
    server: StartServer, wire_option: str, size: int, path: str
) -> None:
    one = server("body", **{wire_option: "127.0.0.1:0"})
    body = make_body(size, 3)
    assert one.post(path, body).text == hashlib.sha256(body).hexdigest()


def test_post_buffering_changes_nothing_that_is_read(server: StartServer) -> None:
    one = server("body", post_buffering=8192)
    body = make_body(5_000_000, 1)
    assert one.post("/digest", body).text == hashlib.sha256(body).hexdigest()
    assert one.post("/differential?100000,5", make_body(100_000, 5)).text == "same"


@pytest.mark.quick
def test_nothing_is_read_beyond_content_length(server: StartServer) -> None:
    one = server("body")
    variables = uwsgi_client.request_vars("POST", "/twice", b"12345")
    packet = uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
    raw = uwsgi_client.exchange(one.address, packet + b"12345" + b"and more")
    assert wire.parse_response(raw).text == "[5, 0, 0]"


def test_reading_nothing_gives_nothing(server: StartServer) -> None:
    assert server("body").post("/zero", b"12345").text == "[0, 5]"


@pytest.mark.quick
@pytest.mark.parametrize("sent", [0, 5, 70_000])
def test_a_body_cut_short_raises_oserror(server: StartServer, sent: int) -> None:
    one = server("body")
    body = b"b" * 2_000_000
    variables = uwsgi_client.request_vars("POST", "/short", body)
    with wire.connect(one.address) as connection:
        connection.sendall(uwsgi_client.packet(uwsgi_client.encode_vars(variables.items())))
        connection.sendall(body[:sent])
        connection.shutdown(socket.SHUT_WR)
        answer = wire.parse_response(wire.read_to_end(connection))
    assert answer.text == "OSError"
    one.wait_log("^short body: OSError$")


def _refuse_a_thousand(ask: Callable[[bytes], wire.Response], long_mode: bool) -> None:
    body = b"u" * (10_000_000 if long_mode else 300_000)
    with Crowd(8) as crowd:
        calls = [crowd.call(ask, body) for _ in range(1000)]
    answers = {(call.result().status, call.result().body) for call in calls}
    assert answers == {(413, b"no, thank you")}


@pytest.mark.parametrize("request_buffering", ["on", "off"])
def test_an_unread_body_never_breaks_the_response_through_nginx(
    server: StartServer, nginx: StartNginx, request_buffering: str, long_mode: bool
) -> None:
    one = server("body", processes=2, threads=2, body_buffer=65536)  # Smaller ones are read.
    proxy = nginx(
        upstream=one.address,
        location=f"uwsgi_request_buffering {request_buffering};",
    )
    _refuse_a_thousand(lambda body: proxy.request("POST", "/unread", body), long_mode)
    assert not [line for line in proxy.errors() if "prematurely" in line or "reset" in line]


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_an_unread_body_never_breaks_the_response(
    server: StartServer, wire_option: str, long_mode: bool
) -> None:
    listen = {wire_option: "127.0.0.1:0"}
    one = server("body", processes=2, threads=2, body_buffer=65536, **listen)
    _refuse_a_thousand(lambda body: one.post("/unread", body), long_mode)


def test_a_body_that_trickles_in_is_whole(server: StartServer) -> None:
    one = server("body")
    body = make_body(3000, 2)
    variables = uwsgi_client.request_vars("POST", "/digest", body)
    data = uwsgi_client.packet(uwsgi_client.encode_vars(variables.items())) + body
    with wire.connect(one.address) as connection:
        for start in range(0, len(data), 50):
            connection.sendall(data[start : start + 50])
        answer = wire.parse_response(wire.read_to_end(connection))
    assert answer.text == hashlib.sha256(body).hexdigest()
