# SPDX-License-Identifier: MIT
"""Every case of the parsers' unit tests, sent to the server itself.

What is refused gets one answer and the end of its connection: no application is called, and
nothing that comes after it is executed.
"""

from __future__ import annotations

import re
import socket
from typing import Callable

import pytest
import uwsgi_client
import wire
from parser_cases import Case, case_name, read_cases
from server import ServerProcess

HEADS = read_cases("http")
BODIES = read_cases("chunked")
PROXIES = read_cases("proxy")
SECOND = b"GET /second HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

# Real uWSGI waits for the end of many of these, and executes what comes after others.
pytestmark = pytest.mark.not_for_oracle

StartServer = Callable[..., ServerProcess]


@pytest.fixture(scope="module")
def http(shared_server: StartServer) -> ServerProcess:
    """Return a server with the limits of the unit tests, as far as it has them."""
    return shared_server(
        "echo", name="http", http_socket="127.0.0.1:0", buffer_size=4096, max_vars=40
    )


@pytest.fixture(scope="module")
def roomy(shared_server: StartServer) -> ServerProcess:
    return shared_server("echo", name="roomy", http_socket="127.0.0.1:0", buffer_size="1m")


@pytest.fixture(scope="module")
def behind_proxy(shared_server: StartServer) -> ServerProcess:
    return shared_server(
        "echo", name="proxied", http_socket="127.0.0.1:0", proxy_protocol="require"
    )


def _calls(one: ServerProcess) -> list[str]:
    """Return what the application has been called for."""
    return re.findall(r"^called for (.*)$", one.log, re.MULTILINE)


def _send_and_end(one: ServerProcess, sent: bytes) -> bytes:
    """Return the answers to `sent`, which ends the client's side of the connection."""
    with wire.connect(one.address) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return wire.read_to_end(client)


def _expect_refusal(one: ServerProcess, sent: bytes, status: int) -> None:
    before = _calls(one)
    raw = uwsgi_client.exchange(one.address, sent + SECOND)
    answer = wire.parse_response(raw)
    assert answer.status == status
    assert answer.header("Connection") == "close"
    assert answer.header("Content-Length") == str(len(answer.body)), "more than one answer"
    # There is one thread: what it did before is in the log when this one is.
    assert _send_and_end(one, SECOND.replace(b"/second", b"/after")).endswith(b"\r\n\r\n")
    assert _calls(one) == [*before, "/after"]


@pytest.mark.quick
@pytest.mark.parametrize(
    "case", [case for case in HEADS if not case.outcome.startswith("ok")], ids=case_name
)
def test_a_malformed_head_is_the_last_of_its_connection(http: ServerProcess, case: Case) -> None:
    _expect_refusal(http, case.sent, int(case.outcome.split()[0]))


@pytest.mark.parametrize(
    "case", [case for case in HEADS if case.outcome.startswith("ok")], ids=case_name
)
def test_an_unusual_head_is_accepted(http: ServerProcess, case: Case) -> None:
    # Where a body is promised its end is missing, which only an application that reads learns.
    answer = wire.parse_response(_send_and_end(http, case.sent))
    assert answer.status == 200 or (answer.status == 100 and "continue" in case.outcome)


@pytest.mark.quick
@pytest.mark.parametrize(
    "case", [case for case in BODIES if case.outcome == "malformed"], ids=case_name
)
def test_a_malformed_body_is_the_last_of_its_connection(http: ServerProcess, case: Case) -> None:
    _expect_refusal(http, CHUNKED + case.sent, 400)


@pytest.mark.parametrize("case", [case for case in BODIES if case.outcome == "ok"], ids=case_name)
def test_an_unusual_chunked_body_arrives(http: ServerProcess, case: Case) -> None:
    head = CHUNKED.replace(b"POST / ", b"POST /body ")
    raw = uwsgi_client.exchange(
        http.address,
        head + case.sent + SECOND.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    )
    first, *others = re.split(rb"(?=HTTP/1\.1 200 OK\r\n)", raw)[1:]
    assert wire.parse_response(first).body == b"".join(case.lines)
    assert len(others) == 1, "the request after it was not answered"


@pytest.mark.parametrize(
    "case", [case for case in PROXIES if case.outcome in ("malformed", "absent")], ids=case_name
)
def test_a_connection_without_a_proper_proxy_header_ends(
    behind_proxy: ServerProcess, case: Case
) -> None:
    before = _calls(behind_proxy)
    assert uwsgi_client.exchange(behind_proxy.address, case.sent + SECOND) == b""
    after = b"PROXY UNKNOWN\r\n" + SECOND.replace(b"/second", b"/after")
    assert wire.parse_response(_send_and_end(behind_proxy, after)).status == 200
    assert _calls(behind_proxy) == [*before, "/after"]


@pytest.mark.quick
@pytest.mark.parametrize("size", [4095, 4096, 4097, 8192, 65535, 65536, 65537])
@pytest.mark.parametrize("place", ["begin", "end"])
def test_what_follows_a_malformed_head_of_any_size_is_never_executed(
    roomy: ServerProcess, size: int, place: str
) -> None:
    # CVE-2024-49768. The server reads 4096 bytes at first, and then as many as it has room for.
    bad, pad = b"Bad\x00: b\r\n", b"X-Pad: "
    begin = b"GET / HTTP/1.1\r\nHost: a\r\n" + (bad if place == "begin" else b"") + pad
    end = b"\r\n" + (bad if place == "end" else b"") + b"\r\n"
    _expect_refusal(roomy, begin + b"p" * (size - len(begin + end)) + end, 400)


@pytest.mark.quick
def test_a_hundred_and_thirty_headers_are_served(roomy: ServerProcess) -> None:
    fields = b"".join(b"X-%d: v\r\n" % number for number in range(128))
    head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + b"\r\n"
    assert wire.parse_response(uwsgi_client.exchange(roomy.address, head)).status == 200


@pytest.mark.quick
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"5",
        b"5\r\nhel",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0\r\n",
        b"5\r\nhello\r\n0\r\nX-Trailer: a\r\n",
        b"5\r\nhello\r\n0\r\n\r",
        b"200000\r\n" + b"b" * 0x200000 + b"\r\n0\r\n",  # Streams.
    ],
    ids=lambda sent: repr(sent[:30]),
)
def test_a_chunked_body_cut_short_raises_oserror(server: StartServer, sent: bytes) -> None:
    one = server("body", http_socket="127.0.0.1:0")
    answer = _send_and_end(one, CHUNKED.replace(b"POST / ", b"POST /short ") + sent)
    assert wire.parse_response(answer).text == "OSError"
