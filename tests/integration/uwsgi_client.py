# SPDX-License-Identifier: MIT
"""The client's side of the uwsgi protocol; it can also send what no client should."""

from __future__ import annotations

import struct
from typing import Iterable, Mapping, Union
from urllib.parse import unquote_to_bytes

import wire

Text = Union[str, bytes]


def _bytes(text: Text) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


def encode_vars(variables: Iterable[tuple[Text, Text]]) -> bytes:
    """Return a vars block."""
    block = b""
    for key, value in variables:
        for item in (_bytes(key), _bytes(value)):
            block += struct.pack("<H", len(item)) + item
    return block


def packet(block: bytes, modifier1: int = 0, modifier2: int = 0, size: int | None = None) -> bytes:
    """Return header and block; `size` replaces the true size in the header."""
    return struct.pack("<BHB", modifier1, len(block) if size is None else size, modifier2) + block


def request_vars(
    method: str = "GET",
    target: str = "/",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> dict[Text, Text]:
    """Return the variables that nginx's uwsgi_params sends for a request."""
    path, _, query = target.partition("?")
    variables: dict[Text, Text] = {
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": "",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "REQUEST_URI": target,
        "PATH_INFO": unquote_to_bytes(path),
        "DOCUMENT_ROOT": "/usr/share/nginx/html",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_SCHEME": "http",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "54321",
        "SERVER_PORT": "80",
        "SERVER_NAME": "localhost",
        "HTTP_HOST": "localhost",
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        variables[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return variables


def exchange(address: wire.Address, data: bytes, split: int | None = None) -> bytes:
    """Send bytes, in two pieces if `split` is given, and return all that comes back.

    A server that resets the connection has answered with what came before the reset.
    """
    with wire.connect(address) as connection:
        answer = b""
        try:
            if split is None:
                connection.sendall(data)
            else:
                connection.sendall(data[:split])
                connection.sendall(data[split:])
            answer = wire.read_to_end(connection)
        except (ConnectionResetError, BrokenPipeError):
            pass
        return answer


def request(
    address: wire.Address,
    method: str = "GET",
    target: str = "/",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    variables: Mapping[Text, Text] | None = None,
) -> wire.Response:
    """Do one request as nginx would; `variables` adds to its variables or replaces them."""
    merged = request_vars(method, target, body, headers)
    merged.update(variables or {})
    with wire.connect(address) as connection:
        connection.sendall(packet(encode_vars(merged.items())) + body)
        return wire.parse_response(wire.read_to_end(connection))
