# SPDX-License-Identifier: MIT
"""Websockets of WSGI applications, with clients from PyPI and an nginx in front."""

from __future__ import annotations

import json
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import certificates
import processes
import pytest
import wire
from certificates import Authority
from nginx import Nginx
from server import ServerProcess
from waiting import patience, wait_until

import websocket
from websocket import ABNF

StartServer = Callable[..., ServerProcess]

pytestmark = pytest.mark.not_for_oracle

UPGRADE = """
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection upgrade;
"""


def start(server: StartServer, **options: Any) -> ServerProcess:
    """Start the application; a view that the client leaves is no error."""
    options = {"http_socket": "127.0.0.1:0", "threads": 4, **options}
    return server("websocket", **options)


_clients: list[websocket.WebSocket] = []


@pytest.fixture(autouse=True)
def no_client_is_left(server: StartServer) -> Iterator[None]:
    """Close the clients of the test before its servers are checked."""
    yield
    while _clients:
        _clients.pop().shutdown()


def connect(one: ServerProcess, path: str = "/") -> websocket.WebSocket:
    """Return a client that has shaken hands."""
    client = websocket.WebSocket()
    _clients.append(client)
    client.settimeout(10 * patience())
    client.connect(f"ws://localhost{path}", socket=wire.connect(one.address))
    return client


def close_code(client: websocket.WebSocket) -> int:
    """Read frames themselves up to a close frame."""
    while True:
        frame = client.recv_frame()
        if frame.opcode == ABNF.OPCODE_CLOSE:
            return struct.unpack("!H", frame.data[:2])[0] if frame.data else 1005


def ended(one: ServerProcess) -> list[str]:
    """Return how views have ended."""
    return one.get("/ended").body.decode().splitlines()


@pytest.mark.quick
def test_messages_come_back_as_they_were(server: StartServer) -> None:
    client = connect(start(server))
    for size in (0, 125, 126, 65535, 65536, 1 << 20):
        client.send("x" * size)
        assert client.recv() == "x" * size
    client.send_binary(b"\xff\x00")
    assert client.recv() == b"\xff\x00"
    client.close()


def test_nothing_is_mixed_up_of_two_clients_fragments(server: StartServer) -> None:
    one = start(server)
    first, second = connect(one), connect(one)
    first.send_frame(ABNF.create_frame("A1", ABNF.OPCODE_TEXT, 0))
    second.send_frame(ABNF.create_frame("B1", ABNF.OPCODE_TEXT, 0))
    first.ping("between")
    assert first.recv_frame().data == b"between"
    first.send_frame(ABNF.create_frame("A2", ABNF.OPCODE_CONT, 1))
    second.send_frame(ABNF.create_frame("B2", ABNF.OPCODE_CONT, 1))
    assert (first.recv(), second.recv()) == ("A1A2", "B1B2")
    first.close()
    second.close()


def test_a_continuation_of_nothing_ends_that_connection_alone(server: StartServer) -> None:
    one = start(server)
    workers = one.workers()
    other, client = connect(one), connect(one)
    client.send_frame(ABNF.create_frame("x", ABNF.OPCODE_CONT, 1))
    assert close_code(client) == 1002
    assert client.sock.recv(1) == b""
    other.send("still here")
    assert other.recv() == "still here"
    other.close()
    assert one.workers() == workers


@pytest.mark.parametrize("fragments", [1, 4])
def test_a_message_beyond_the_limit_is_refused(server: StartServer, fragments: int) -> None:
    one = start(server, websocket_max_size=64)
    client = connect(one)
    part = "x" * (70_000 // fragments)
    for number in range(fragments):
        opcode = ABNF.OPCODE_CONT if number else ABNF.OPCODE_TEXT
        client.send_frame(ABNF.create_frame(part, opcode, int(number == fragments - 1)))
    assert close_code(client) == 1009
    wait_until(lambda: "/ unable to receive websocket message" in ended(one), "the view's error")
    assert one.wait_log("see --websocket-max-size")


def test_the_clients_close_code_comes_back(server: StartServer) -> None:
    one = start(server)
    client = connect(one)
    client.send_close(4001)
    assert close_code(client) == 4001
    assert client.sock.recv(1) == b""
    wait_until(lambda: ended(one) == ["/ unable to receive websocket message"], "the view's error")


@pytest.mark.parametrize(("path", "code"), [("/return", 1000), ("/raise", 1011)])
def test_the_views_end_closes_the_websocket(server: StartServer, path: str, code: int) -> None:
    one = start(server)
    one.expect_errors("exception in the application", "ZeroDivisionError")
    client = connect(one, path)
    client.send("go")
    assert close_code(client) == code
    client.send_close(code)
    assert client.sock.recv(1) == b""


def test_disconnect_closes_the_websocket_for_both(server: StartServer) -> None:
    one = start(server)
    client = connect(one, "/disconnect")
    assert close_code(client) == 1000
    client.send_close()
    wait_until(lambda: "/disconnect unable to receive websocket message" in ended(one), "its error")


def test_a_lost_client_ends_the_view(server: StartServer) -> None:
    one = start(server)
    connect(one).shutdown()
    wait_until(lambda: ended(one) == ["/ unable to receive websocket message"], "the view's error")


def test_an_idle_client_is_pinged_and_one_that_is_silent_dropped(server: StartServer) -> None:
    one = start(server, websocket_ping_freq=1, websocket_pong_tolerance=1)
    client = connect(one)
    assert client.recv_frame().opcode == ABNF.OPCODE_PING
    client.pong("")
    assert client.recv_frame().opcode == ABNF.OPCODE_PING
    assert close_code(client) == 1011
    wait_until(lambda: ended(one) == ["/ unable to receive websocket message"], "the view's error")


def test_recv_nb_waits_at_the_descriptor(server: StartServer) -> None:
    one = start(server)
    client = connect(one, "/nonblocking")
    for text in ("one", "two"):
        client.send(text)
        assert client.recv() == text
    client.send_close()
    assert close_code(client) == 1000


def test_the_functions_need_a_handshake(server: StartServer) -> None:
    one = start(server)
    one.expect_errors("exception in the application", "AssertionError", "sent a body")
    one.get("/early")
    receive, send = "unable to receive websocket message", "unable to send websocket message"
    assert ended(one) == [receive, receive, send, send]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 426),
        ({"Upgrade": "websocket", "Connection": "Upgrade"}, 426),
        (
            {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"},
            400,
        ),
    ],
)
def test_a_request_for_none_is_told_what_is_wrong(
    server: StartServer, fields: dict[str, str], status: int
) -> None:
    one = start(server)
    one.expect_errors("exception in the application", "unable to complete websocket handshake")
    assert one.get("/", headers=fields).status == status


def test_a_reload_says_goodbye_and_does_not_wait(server: StartServer) -> None:
    one = start(server)
    client = connect(one)
    client.send("x")
    assert client.recv() == "x"
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    assert close_code(client) == 1001
    client.send_close(1001)
    assert client.sock.recv(1) == b""
    one.wait_replaced(before)


def test_a_stop_says_goodbye(server: StartServer) -> None:
    one = start(server)
    client = connect(one)
    client.send("x")
    assert client.recv() == "x"
    one.send_signal(signal.SIGTERM)
    assert close_code(client) == 1001


def test_harakiri_spares_a_view_that_waits_for_its_client(server: StartServer) -> None:
    one = start(server, harakiri=1)
    one.expect_errors("HARAKIRI")
    idle, busy = connect(one), connect(one, "/busy")
    busy.send("60")
    one.wait_log("HARAKIRI ON WORKER")  # The idle one has been there for longer.
    assert not one.log_lines(r"HARAKIRI \[core \d+\] 127.0.0.1 - GET / since")
    idle.shutdown()
    busy.shutdown()


def test_a_client_that_reads_nothing_is_dropped(server: StartServer) -> None:
    one = start(server, http_timeout=1, socket_timeout=1)
    client = connect(one, "/flood")
    wait_until(lambda: "/flood unable to send websocket message" in ended(one), "the view's error")
    client.shutdown()


def test_websockets_over_tls(server: StartServer, authority: Authority) -> None:
    identity = authority.issue("localhost")
    one = server("websocket", https=",".join(map(str, ["127.0.0.1:0", *identity])), threads=4)
    client = websocket.WebSocket()
    client.settimeout(10 * patience())
    with certificates.connect(one.address, authority.client()) as connection:
        client.connect("wss://localhost/", socket=connection)
        for size in (1, 70_000, 1 << 20):
            client.send("x" * size)
            assert client.recv() == "x" * size
        client.close()


@pytest.mark.parametrize("is_on", [True, False])
def test_messages_are_compressed_where_both_sides_want_it(server: StartServer, is_on: bool) -> None:
    client = pytest.importorskip("websockets.sync.client", reason="it needs a newer Python")
    one = start(server, websocket_deflate=is_on)
    with client.connect("ws://localhost/", sock=wire.connect(one.address)) as connection:
        assert bool(connection.protocol.extensions) == is_on
        for size in (1, 1000, 100_000):
            connection.send("x" * size)
            assert connection.recv(timeout=10 * patience()) == "x" * size
    tx = one.wait_log(r"GET / => generated \d+ bytes")[0]
    sent = int(tx.partition("generated ")[2].split()[0])
    assert (sent < 10_000) == is_on


@pytest.mark.parametrize("wire_protocol", ["uwsgi", "http"])
def test_nginx_in_front(server: StartServer, tmp_path: Path, wire_protocol: str) -> None:
    option = {"http_socket": "127.0.0.1:0"} if wire_protocol == "http" else {}
    one = server("websocket", threads=4, **(option or {"socket": "127.0.0.1:0"}))
    location = UPGRADE if wire_protocol == "http" else ""
    front = Nginx(tmp_path, one.address, wire_protocol=wire_protocol, location=location)
    try:
        client = websocket.WebSocket()
        client.settimeout(10 * patience())
        client.connect("ws://localhost/", socket=wire.connect(front.address))
        client.send("through nginx")
        assert client.recv() == "through nginx"
        client.close()
    finally:
        front.stop()


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_of_the_page(server: StartServer, tmp_path: Path, number: int) -> None:
    page = (Path(__file__).parents[2] / "docs" / "websockets.md").read_text()
    (tmp_path / "app.py").write_text(page.split("```python\n")[number + 1].partition("```")[0])
    one = server(wsgi_file=tmp_path / "app.py", http_socket="127.0.0.1:0")
    one.expect_errors("exception in the application", "unable to receive websocket message")
    client = connect(one)
    for text in ("one", "two"):
        client.send(text)
        assert client.recv() == text
    client.close()
    one.wait_log("unable to receive websocket message")


# Of Autobahn, without the cases that measure speed. A view does not learn whether an empty message
# was text, so cases of binary messages have a view of their own.
@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("", ["-x", "1.2.*", "-x", "9.*", "-x", "12.*", "-x", "13.*"]),
        ("binary", ["-i", "1.2.*"]),
        ("", ["-i", "9.1.1", "-i", "9.2.1"]),
    ],
)
def test_the_cases_of_autobahn_pass(
    server: StartServer, tmp_path: Path, path: str, chosen: list[str]
) -> None:
    pytest.importorskip("kosoku", reason="the cases need a newer Python")
    one = start(server, websocket_deflate=True, websocket_max_size=20_000)
    url = f"ws://{one.address_text}/{path}"
    runner = Path(sys.executable).parent / "kosoku"
    ran = subprocess.run(
        [str(runner), *chosen, "-o", str(tmp_path / "report"), url],
        capture_output=True,
        text=True,
        timeout=100 * patience(),
    )
    # Not by its status: now and then it aborts when all is done.
    assert "cases passed" in ran.stdout, ran.stdout + ran.stderr
    cases = [json.loads(path.read_text()) for path in (tmp_path / "report").glob("*_case_*.json")]
    good = {"OK", "NON-STRICT", "INFORMATIONAL"}
    assert cases
    assert {case["behavior"] for case in cases} <= good


@pytest.mark.parametrize("path", ["/", "/return"])
def test_a_worker_whose_master_is_killed_says_so_once(server: StartServer, path: str) -> None:
    one = start(server)
    one.expect_errors("the master is gone")
    one.expected_status = -signal.SIGKILL
    client = connect(one, path)
    client.send("x")
    if path == "/":
        assert client.recv() == "x"  # The view waits for the next one.
    else:
        assert close_code(client) == 1000  # The view has ended, and this client does not answer.
    worker = one.workers()[1]
    one.send_signal(signal.SIGKILL)
    wait_until(lambda: not processes.alive(worker), "the worker to leave", 5)
    assert len(one.log_lines("the master is gone")) == 1
