# SPDX-License-Identifier: MIT
"""Sockets, and the text of an HTTP response that comes over them."""

from __future__ import annotations

import re
import socket
from typing import NamedTuple, Union

from waiting import patience

# A path, "@name" for an abstract socket, or (host, port).
Address = Union[str, "tuple[str, int]"]


class Response(NamedTuple):
    """One response, headers in the order and case of the wire."""

    protocol: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the last value of a header, None when it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return values[-1] if values else None

    @property
    def text(self) -> str:
        """Return the body as UTF-8 text."""
        return self.body.decode()


def parse_address(text: str) -> Address:
    """Turn a configuration's socket address into one to connect to."""
    text = re.sub(r"^https?://(.*)/$", r"\1", text)  # As the log has it.
    if text.startswith(("/", "@", ".")) or ":" not in text:
        return text
    host, _, port = text.rpartition(":")
    if host in ("", "0.0.0.0", "*"):
        host = "127.0.0.1"
    return (host.strip("[]"), int(port))


def free_port() -> tuple[str, int]:
    """Choose a TCP address of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()


def connect(address: Address, timeout: float = 20.0) -> socket.socket:
    """Connect to a TCP, unix or abstract address."""
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout * patience())
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout * patience())
    try:
        connection.connect("\0" + address[1:] if address.startswith("@") else address)
    except OSError:
        connection.close()
        raise
    return connection


def connects(address: Address) -> bool:
    """Tell whether somebody listens there."""
    try:
        connect(address).close()
    except OSError:
        return False
    return True


def read_to_end(connection: socket.socket) -> bytes:
    """Return everything until the peer closes its side."""
    pieces = []
    while True:
        piece = connection.recv(1 << 18)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def parse_response(raw: bytes) -> Response:
    """Split a whole response that ended with its connection."""
    head, separator, body = raw.partition(b"\r\n\r\n")
    if not separator:
        raise AssertionError(f"no complete response head in {raw[:200]!r}")
    status_line, *fields = head.decode("latin-1").split("\r\n")
    protocol, _, status = status_line.partition(" ")
    code, _, reason = status.partition(" ")
    headers = []
    for field in fields:
        name, colon, value = field.partition(":")
        assert colon, f"a header line without a colon: {field!r}"
        headers.append((name, value.strip(" ")))
    return Response(protocol, int(code), reason, headers, body)
