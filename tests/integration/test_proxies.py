# SPDX-License-Identifier: MIT
"""Whose word counts: the PROXY protocol, forwarded headers, and who may use uwsgi sockets."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from pathlib import Path
from typing import Any, Callable

import http_client
import pytest
import uwsgi_client
import wire
from haproxy import HaProxy
from nginx import Nginx
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

V1 = b"PROXY TCP4 192.0.2.44 198.51.100.7 56324 443\r\n"
V2_TCP6 = (
    b"\r\n\r\n\0\r\nQUIT\n\x21\x21"
    + struct.pack("!H", 36)
    + socket.inet_pton(socket.AF_INET6, "2001:db8::7")
    + socket.inet_pton(socket.AF_INET6, "2001:db8::8")
    + struct.pack("!HH", 4711, 443)
)
V2_LOCAL = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0"
# The options that take a header which is not demanded.
TAKING: list[dict[str, Any]] = [
    {"enable_proxy_protocol": True},
    {"http_enable_proxy_protocol": True},
    {"proxy_protocol": "accept"},
]
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n%s\r\n"


def _exchange(one: ServerProcess, sent: bytes) -> bytes:
    """Return the answer; empty if the connection was closed or reset without one."""
    with wire.connect(one.address) as client, contextlib.suppress(ConnectionResetError):
        client.sendall(sent)
        return wire.read_to_end(client)
    return b""


def _environ(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(wire.parse_response(raw).body)
    return found


@pytest.mark.quick
@pytest.mark.parametrize("header", [V1, V2_TCP6])
def test_the_proxy_header_names_the_client(server: StartServer, header: bytes) -> None:
    one = server("environ", http="127.0.0.1:0", enable_proxy_protocol=True)
    found = _environ(_exchange(one, header + REQUEST % b"Connection: close\r\n"))
    expected = ("192.0.2.44", "56324") if header is V1 else ("2001:db8::7", "4711")
    assert (found["REMOTE_ADDR"], found["REMOTE_PORT"]) == expected
    assert "HTTP_X_FORWARDED_FOR" not in found  # That client is no proxy of ours.


def test_a_proxy_may_speak_for_itself(server: StartServer) -> None:
    one = server("environ", http="127.0.0.1:0", enable_proxy_protocol=True)
    found = _environ(_exchange(one, V2_LOCAL + REQUEST % b"Connection: close\r\n"))
    assert found["REMOTE_ADDR"] == "127.0.0.1"
    assert found["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"


def test_the_proxy_header_comes_once_per_connection(server: StartServer) -> None:
    one = server("environ", http="127.0.0.1:0", enable_proxy_protocol=True)
    with wire.connect(one.address) as client:
        for byte in V1:
            client.sendall(bytes([byte]))
        client.sendall(REQUEST % b"")
        client.sendall(REQUEST % b"Connection: close\r\n")
        answers = wire.read_to_end(client)
    assert answers.count(b'"REMOTE_ADDR": "192.0.2.44"') == 2


@pytest.mark.quick
@pytest.mark.parametrize(
    "sent, reason",
    [
        (REQUEST % b"", "no header of the PROXY protocol, see proxy-protocol"),
        (b"\x16\x03\x01" + bytes(40), "no header of the PROXY protocol, see proxy-protocol"),
        (b"PROXY TCP4 nonsense\r\n" + REQUEST % b"", "a malformed header of the PROXY protocol"),
    ],
)
def test_a_connection_without_the_header_that_is_demanded_is_closed(
    server: StartServer, sent: bytes, reason: str
) -> None:
    one = server("environ", http="127.0.0.1:0", proxy_protocol="require")
    assert _exchange(one, sent) == b""
    one.wait_log(reason)


@pytest.mark.quick
@pytest.mark.parametrize("option", [*TAKING, {"proxy_protocol": "require"}])
def test_a_header_that_is_taken_names_the_client(
    server: StartServer, option: dict[str, Any]
) -> None:
    one = server("environ", http="127.0.0.1:0", **option)
    found = _environ(_exchange(one, V1 + REQUEST % b"Connection: close\r\n"))
    assert found["REMOTE_ADDR"] == "192.0.2.44"


@pytest.mark.quick
@pytest.mark.parametrize("option", TAKING)
def test_a_header_that_is_not_demanded_may_be_missing(
    server: StartServer, option: dict[str, Any]
) -> None:
    one = server("environ", http="127.0.0.1:0", **option)
    found = _environ(_exchange(one, REQUEST % b"Connection: close\r\n"))
    assert (found["REMOTE_ADDR"], found["HTTP_X_FORWARDED_FOR"]) == ("127.0.0.1", "203.0.113.9")


@pytest.mark.quick
@pytest.mark.parametrize("method", [b"P", b"PROPFIND", b"PROX"])
def test_a_request_that_begins_like_a_header_is_served(server: StartServer, method: bytes) -> None:
    one = server("environ", http="127.0.0.1:0", proxy_protocol="accept")
    sent = (REQUEST % b"Connection: close\r\n").replace(b"GET", method)
    with wire.connect(one.address) as client:
        for byte in sent:
            client.sendall(bytes([byte]))
        assert _environ(wire.read_to_end(client))["REQUEST_METHOD"] == method.decode()


@pytest.mark.quick
def test_an_empty_line_in_front_of_a_request_is_no_header(server: StartServer) -> None:
    one = server("environ", http="127.0.0.1:0", proxy_protocol="accept")
    with wire.connect(one.address) as client:
        for piece in (b"\r", b"\n", REQUEST % b"Connection: close\r\n"):
            client.sendall(piece)
        assert _environ(wire.read_to_end(client))["REQUEST_METHOD"] == "GET"


@pytest.mark.quick
@pytest.mark.parametrize("header", [V1, V2_TCP6, V2_LOCAL])
@pytest.mark.parametrize("mode", ["accept", "require"])
def test_the_header_of_a_stranger_is_not_taken(
    server: StartServer, mode: str, header: bytes
) -> None:
    one = server(
        "environ",
        http="127.0.0.1:0",
        proxy_protocol=mode,
        forwarded_allow_from="192.0.2.0/24",
    )
    assert _exchange(one, header + REQUEST % b"") == b""
    one.wait_log("its PROXY header is not believed, see forwarded-allow-from")


def test_a_stranger_without_a_header_is_served_unless_it_is_demanded(server: StartServer) -> None:
    options = {"http": "127.0.0.1:0", "forwarded_allow_from": "192.0.2.0/24"}
    one = server("environ", proxy_protocol="accept", **options)
    found = _environ(_exchange(one, REQUEST % b"Connection: close\r\n"))
    assert found["REMOTE_ADDR"] == "127.0.0.1"
    assert "HTTP_X_FORWARDED_FOR" not in found
    strict = server("environ", name="strict", proxy_protocol="require", **options)
    assert _exchange(strict, REQUEST % b"Connection: close\r\n") == b""


def test_a_second_header_is_no_request(server: StartServer) -> None:
    one = server("environ", http="127.0.0.1:0", proxy_protocol="accept")
    answer = _exchange(one, V1 + V1 + REQUEST % b"")
    assert wire.parse_response(answer).status == 400


def test_a_mode_that_is_none_is_an_error(new_server: StartServer) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("proxy-protocol")
    one.start("hello", ini="http = 127.0.0.1:0\nproxy-protocol = on", ready=False)
    assert one.wait_exit() == 1
    assert one.log_lines(r"server.ini:\d+: proxy-protocol = on: expected accept or require")


@pytest.mark.parametrize("option", ["send-proxy", "send-proxy-v2"])
def test_haproxy(server: StartServer, haproxy: Callable[..., HaProxy], option: str) -> None:
    one = server("environ", http="127.0.0.1:0", enable_proxy_protocol=True, processes=2)
    proxy = haproxy(one, mode="tcp", server_options=option)
    with wire.connect(proxy.address) as client:
        port = client.getsockname()[1]
        client.sendall(REQUEST % b"Connection: close\r\n")
        found = _environ(wire.read_to_end(client))
    assert (found["REMOTE_ADDR"], found["REMOTE_PORT"]) == ("127.0.0.1", str(port))


@pytest.mark.quick
@pytest.mark.parametrize(
    "ranges,is_believed",
    [(None, True), ("127.0.0.1", True), ("10.0.0.0/8,unix", False), ("*", True)],
)
def test_forwarded_headers(server: StartServer, ranges: str | None, is_believed: bool) -> None:
    options = {} if ranges is None else {"forwarded_allow_from": ranges}
    one = server("environ", http="127.0.0.1:0", **options)
    sent = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    found = json.loads(http_client.request(one.address, headers=sent).body)
    assert ("HTTP_X_FORWARDED_FOR" in found) == is_believed
    assert found["wsgi.url_scheme"] == ("https" if is_believed else "http")


UNDERSCORES = b"GET / HTTP/1.0\r\nRemote_User: joe\r\nREMOTE-USER: eve\r\nX_Other: 1\r\n\r\n"
LEFT_OUT = r"^warning: the header {} from 127.0.0.1 is left out: .*"


@pytest.mark.quick
def test_a_header_with_an_underscore_is_left_out_with_one_warning(server: StartServer) -> None:
    one = server("environ", http="127.0.0.1:0", processes=2)
    for _ in range(20):
        found = _environ(_exchange(one, UNDERSCORES))
        assert found["HTTP_REMOTE_USER"] == "eve"
        assert "HTTP_X_OTHER" not in found
    for name in ("Remote_User", "X_Other"):
        lines = one.log_lines(LEFT_OUT.format(name))
        assert len(lines) == 1
        assert "http-allow-underscore lets it through from forwarded-allow-from" in lines[0]


@pytest.mark.quick
def test_a_listed_name_passes_in_exactly_that_spelling(server: StartServer) -> None:
    one = server("environ", http="127.0.0.1:0", http_allow_underscore="REMOTE_USER, X_Y")
    found = _environ(_exchange(one, UNDERSCORES))
    assert found["HTTP_REMOTE_USER"] == "joe"
    assert "HTTP_X_OTHER" not in found
    one.wait_log(LEFT_OUT.format("REMOTE-USER") + "would pose")
    assert not one.log_lines(LEFT_OUT.format("Remote_User"))


@pytest.mark.quick
def test_a_listed_name_is_not_taken_from_a_stranger(server: StartServer) -> None:
    one = server(
        "environ",
        http="127.0.0.1:0",
        http_allow_underscore="REMOTE_USER",
        forwarded_allow_from="192.0.2.1",
    )
    assert "HTTP_REMOTE_USER" not in _environ(_exchange(one, UNDERSCORES))
    one.wait_log(LEFT_OUT.format("Remote_User") + "from forwarded-allow-from alone")


def test_nginx_may_name_the_user(server: StartServer, nginx: Callable[..., Nginx]) -> None:
    one = server("environ", http="127.0.0.1:0", http_allow_underscore="REMOTE_USER")
    proxy = nginx(
        upstream=one.address, wire_protocol="http", location="proxy_set_header REMOTE_USER joe;"
    )
    found = json.loads(proxy.get("/", {"Remote-User": "eve", "Remote_User": "eve"}).body)
    assert found["HTTP_REMOTE_USER"] == "joe"


def test_no_number_of_names_floods_the_log(server: StartServer) -> None:
    one = server("environ", http="127.0.0.1:0")
    for first in range(0, 400, 40):
        fields = b"".join(b"X_%d: 1\r\n" % number for number in range(first, first + 40))
        _exchange(one, b"GET / HTTP/1.0\r\n" + fields + b"\r\n")
    one.wait_log('warning: more than 64 names of headers with "_" were left out')
    assert len(one.log_lines("is left out")) == 64


@pytest.mark.parametrize("name", ["Content_Length", "X-User", "a b_c:"])
def test_what_can_not_be_allowed_is_an_error(new_server: StartServer, name: str) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("http-allow-underscore")
    one.start("hello", ini=f"http = 127.0.0.1:0\nhttp-allow-underscore = {name}", ready=False)
    assert one.wait_exit() == 1
    assert one.log_lines(r"server.ini:\d+: http-allow-underscore = ")


@pytest.mark.quick
def test_uwsgi_allow_from_closes_other_connections(server: StartServer, tmp_path: Path) -> None:
    tcp, unix = wire.free_port(), str(tmp_path / "s.sock")
    sockets = ["{}:{}".format(*tcp), unix]
    one = server("hello", socket=sockets, uwsgi_allow_from="192.0.2.0/24")
    with pytest.raises((ConnectionError, AssertionError)), wire.connect(tcp) as client:
        client.sendall(b"\0\0\0\0")
        assert wire.read_to_end(client)
    one.wait_log("closed a connection on 127.0.0.1:.* from 127.0.0.1: not in uwsgi-allow-from")
    assert uwsgi_client.request(unix).body == b"hello"


@pytest.mark.quick
def test_what_is_no_network_is_an_error(new_server: StartServer) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("forwarded-allow-from")
    one.start("hello", ini="socket = :0\nforwarded-allow-from = 10.0.0.0/33", ready=False)
    assert one.wait_exit() == 1
    assert one.log_lines(r"server.ini:4: forwarded-allow-from .*prefix length up to 32")
