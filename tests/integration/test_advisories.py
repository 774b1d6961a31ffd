# SPDX-License-Identifier: MIT
"""What was a vulnerability of another server. The numbers are those of the advisories."""

from __future__ import annotations

import json
import random
import socket
import struct
import time
from pathlib import Path
from typing import Callable

import processes
import pytest
import uwsgi_client
import wire
from clients import Gate
from server import Binary, ServerProcess
from uwsgi_client import encode_vars, packet, request_vars

StartServer = Callable[..., ServerProcess]
WIRES = pytest.mark.parametrize("wire_option", ["socket", "http_socket"])


def _get(wire_option: str, target: str) -> bytes:
    """Return a GET in that socket's protocol."""
    if wire_option == "socket":
        return packet(encode_vars(request_vars("GET", target).items()))
    return f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode()


def _reset(client: socket.socket) -> None:
    """Close with a RST in place of a FIN."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _ticks_while_we_compute(pid: int) -> int:
    """Return the clock ticks that a process uses while this one uses half a second.

    However loaded the machine is, a process that spins gets about as much as this one.
    """
    before = processes.cpu_ticks(pid)
    begin = time.process_time()
    while time.process_time() - begin < 0.5:
        pass
    return processes.cpu_ticks(pid) - before


# CVE-2022-31015
@pytest.mark.quick
@WIRES
def test_clients_that_reset_in_the_middle_of_a_response(
    server: StartServer, wire_option: str, long_mode: bool
) -> None:
    one = server("streaming", threads=2, **{wire_option: "127.0.0.1:0"})
    workers = one.workers()
    rng = random.Random(31015)
    for _ in range(20_000 if long_mode else 500):
        size = rng.choice([0, 10, 70_000, 3_000_000])
        client = wire.connect(one.address)
        client.sendall(_get(wire_option, f"/?{size}"))
        wanted = rng.choice([0, 0, 1, 20, rng.randrange(size + 1)])
        while wanted > 0:
            piece = client.recv(min(wanted, 1 << 18))
            wanted -= len(piece) if piece else wanted
        _reset(client)
    assert one.get("/?5").body == b"sssss"
    assert one.workers() == workers


# CVE-2024-49769
@pytest.mark.quick
@WIRES
def test_connections_that_are_reset_before_they_are_accepted_cost_nothing(
    server: StartServer, wire_option: str
) -> None:
    one = server("hello", **{wire_option: "127.0.0.1:0"})
    for number in range(300):
        client = wire.connect(one.address)
        if number % 3 == 0:
            client.sendall(_get(wire_option, "/")[: number % 40])
        _reset(client)
    assert one.get("/").body == b"hello"
    assert _ticks_while_we_compute(one.workers()[1]) < 10


# CVE-2024-49769
@pytest.mark.quick
@WIRES
def test_half_closed_connections_cost_nothing(
    server: StartServer, wire_option: str, gate: Gate
) -> None:
    one = server(
        "gate", threads=2, env={"GATE": str(gate.directory)}, **{wire_option: "127.0.0.1:0"}
    )
    whole = _get(wire_option, "/wait?1")
    posted = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n12345"
    held = []
    # Nothing, a part of a head, a body without its end, and a request that runs for a while.
    for sent in [b"", whole[:20], posted if wire_option == "http_socket" else whole[:30], whole]:
        held.append(wire.connect(one.address))
        held[-1].sendall(sent)
        held[-1].shutdown(socket.SHUT_WR)
    gate.wait_arrived(1)
    assert one.get("/").body
    assert _ticks_while_we_compute(one.workers()[1]) < 10
    gate.open()
    assert wire.parse_response(wire.read_to_end(held[-1])).status == 200
    for client in held:
        client.close()


# CVE-2014-0242
@pytest.mark.quick
@WIRES
def test_the_head_outlives_the_strings_it_was_given(server: StartServer, wire_option: str) -> None:
    one = server("fleeting", threads=2, **{wire_option: "127.0.0.1:0"})
    for number in range(10):
        answer = one.get(f"/?{number}")
        assert (answer.status, answer.reason) == (200, f"Number {number}")
        assert answer.header("X-Number") == f"n{number}"
        assert answer.header("X-Long") == f"{number}" * 2000
        assert answer.header("Content-Type") == f"text/x-{number}"
        assert answer.text == str(number)


def _head_of(size: int) -> bytes:
    begin = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Pad: "
    return begin + b"p" * (size - len(begin) - 4) + b"\r\n\r\n"


# CVE-2020-11984, CVE-2021-36160
@pytest.mark.quick
def test_no_size_of_an_http_head_wraps(server: StartServer) -> None:
    one = server("environ", http_socket="127.0.0.1:0", buffer_size=65535)
    roomy = server("environ", name="roomy", http_socket="127.0.0.1:0", buffer_size="1m")
    # Of other sizes what is left after wrapping would be a packet, and the rest behind it.
    for size in (65535, 65536, 65537, 131_080):
        head = _head_of(size)
        status = wire.parse_response(uwsgi_client.exchange(one.address, head)).status
        # The limit may count the empty line at the end, or not.
        assert status == 431 if size > 65539 else status == 200 or size > 65535, size
        raw = uwsgi_client.exchange(roomy.address, head)
        environ = json.loads(wire.parse_response(raw).body)
        assert len(environ["HTTP_X_PAD"]) == head.count(b"p"), size


# CVE-2020-11984, CVE-2021-36160
@pytest.mark.quick
def test_no_size_of_a_packet_wraps(server: StartServer) -> None:
    one = server("hello")
    small = server("hello", name="small", buffer_size=60_000)
    # Of other sizes what is left after wrapping would be a packet, and the rest behind it.
    for size in (65535, 65536, 65537, 131_080):
        rest = size - len(encode_vars([*request_vars().items(), ("HTTP_X_PAD", "")]))
        block = encode_vars(request_vars().items())
        # What a front end would send that does not look at the sizes.
        block += encode_vars([("HTTP_X_PAD", "")])[:-2] + struct.pack("<H", rest & 0xFFFF)
        block += b"p" * rest
        raw = uwsgi_client.exchange(one.address, packet(block, size=size & 0xFFFF))
        assert (b"hello" in raw) == (size == 65535), size
        raw = uwsgi_client.exchange(small.address, packet(block, size=size & 0xFFFF))
        assert b"hello" not in raw, size
        assert size != 65535 or wire.parse_response(raw).status == 431
    assert one.get("/").body == small.get("/").body == b"hello"


# CVE-2018-6758
@pytest.mark.quick
@pytest.mark.parametrize("length", [5_000, 100_000])
@pytest.mark.parametrize("option", ["chdir", "ini"])
def test_a_path_of_any_length_is_an_error(
    binary: Binary, tmp_path: Path, option: str, length: int
) -> None:
    done = binary.run(f"--{option}", "/" + "d" * length, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "error: " in done.stderr


# CVE-2018-6758
@pytest.mark.quick
@pytest.mark.parametrize("length", [5_000, 100_000])
def test_a_static_map_of_any_length_finds_nothing(server: StartServer, length: int) -> None:
    one = server("hello", static_map=f"/x=/{'d' * length}", http_socket="127.0.0.1:0")
    for target in ("/x", "/x/", "/x/y", "/x/" + "y" * 5_000):
        assert one.get(target).body == b"hello", target


# CVE-2020-5236
@pytest.mark.quick
@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 8192 + b"\x10\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"\x20" * (1 << 20) + b"\x10\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"\x20" * (1 << 20) + b"\r\n\r\n",
        b"GET /" + b"\x20" * (1 << 20) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["letters", "blanks", "blanks for a name", "blanks in the target"],
)
def test_a_long_bad_line_is_refused_at_once(server: StartServer, sent: bytes) -> None:
    one = server("hello", http_socket="127.0.0.1:0", buffer_size="2m")
    worker = one.workers()[1]
    before = processes.cpu_ticks(worker)
    for _ in range(10):
        assert wire.parse_response(uwsgi_client.exchange(one.address, sent)).status == 400
    assert processes.cpu_ticks(worker) - before < 50  # Half a second, for ten of them.
