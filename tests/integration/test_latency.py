# SPDX-License-Identifier: MIT
"""What other clients notice while some are slow on purpose: nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Callable

import pytest
import uwsgi_client
import wire
from clients import ResponseTimes, Trickle
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

PAD = "p" * 20_000


def _head(wire_option: str) -> bytes:
    """Return a request that has a long head, and a body to come."""
    if wire_option == "socket":
        variables = uwsgi_client.request_vars("POST", "/", b"b" * 20_000, {"X-Pad": PAD})
        return uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
    fields = f"Host: a\r\nContent-Length: 20000\r\nX-Pad: {PAD}\r\n"
    return f"POST / HTTP/1.1\r\n{fields}\r\n".encode()


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
@pytest.mark.parametrize("part", ["head", "body"])
def test_five_hundred_clients_at_a_byte_a_second_delay_nobody(
    server: StartServer, wire_option: str, part: str
) -> None:
    limits = {"http_headers_timeout": 600, "body_min_rate": 0, "socket_timeout": 600}
    one = server("hello", **{wire_option: "127.0.0.1:0"}, **limits)
    times = ResponseTimes(one.get)
    held = [wire.connect(one.address) for _ in range(500)]
    data = _head(wire_option)
    if part == "body":
        for connection in held:
            connection.sendall(data)
        data = b"b" * 10_000
    with Trickle(held, data) as trickle:
        while trickle.rounds < 2:
            times.add(100)
        times.expect_below(0.05)
    for connection in held:
        connection.close()


@pytest.mark.parametrize(
    "mode",
    [["-H"], ["-B"], ["-X", "-w", "1", "-y", "10", "-n", "5", "-z", "1"]],
    ids=["heads", "bodies", "reads"],
)
def test_slowhttptest_delays_nobody(server: StartServer, tmp_path: Path, mode: list[str]) -> None:
    if shutil.which("slowhttptest") is None:
        pytest.skip("slowhttptest is not installed")
    one = server("streaming", http="127.0.0.1:0", threads=2)

    def ask() -> None:
        assert one.get("/?5").body == b"sssss"

    times = ResponseTimes(ask)
    command = ["slowhttptest", *mode, "-c", "300", "-r", "150", "-l", "6", "-i", "1", "-p", "5"]
    attack = subprocess.Popen(
        # More than sockets and memory take, but not so much that making it is the load.
        [*command, "-u", f"http://{one.address_text}/?600000"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    while attack.poll() is None:
        times.add(100)
    times.expect_below(0.1)
