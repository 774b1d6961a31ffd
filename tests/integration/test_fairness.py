# SPDX-License-Identifier: MIT
"""A client that always has another request ready takes turns with the others."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from pathlib import Path
from typing import Callable

import pytest
import wire
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


class PipeliningClient:
    """Sends a request again and again without waiting for answers, and throws those away."""

    def __init__(self, address: wire.Address, request: bytes) -> None:
        """Connect when the context is entered."""
        self.received = 0
        self._address = address
        self._requests = request * 200
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> PipeliningClient:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def is_running(self) -> bool:
        """Tell whether it still sends."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            with wire.connect(self._address) as connection, contextlib.suppress(OSError):
                connection.setblocking(False)
                self._use(connection)

    def _use(self, connection: socket.socket) -> None:
        sent = 0
        while not self._stop.is_set():
            readable, writable, _ = select.select([connection], [connection], [], 0.1)
            if readable:
                piece = connection.recv(1 << 20)
                if not piece:
                    return
                self.received += len(piece)
            if writable:
                sent = (sent + connection.send(self._requests[sent:])) % len(self._requests)


@pytest.mark.quick
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("target", ["static", "application", "redirect"])
def test_a_pipelining_client_takes_turns(
    server: StartServer, tmp_path: Path, target: str, count: int
) -> None:
    (tmp_path / "file.txt").write_text("file")
    own, plain = wire.free_port(), wire.free_port()
    one = server(
        "hello",
        http_socket="{}:{}".format(*own),
        http_to_https="{}:{}".format(*plain),
        static_map=f"/static={tmp_path}",
        disable_logging=True,
    )
    address = plain if target == "redirect" else own
    path = b"/static/file.txt" if target == "static" else b"/"
    hog_request = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    with contextlib.ExitStack() as stack:
        hogs = [stack.enter_context(PipeliningClient(address, hog_request)) for _ in range(count)]
        wait_until(lambda: all(hog.received for hog in hogs), "the first answers")
        for _ in range(20):
            assert one.get("/").body == b"hello"
        before = [hog.received for hog in hogs]
        wait_until(
            lambda: all(hog.received > had for hog, had in zip(hogs, before)), "more answers"
        )
        assert all(hog.is_running() for hog in hogs)
