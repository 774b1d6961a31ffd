# SPDX-License-Identifier: MIT
"""An HTTP client over TCP and unix sockets, and raw bytes over either."""

from __future__ import annotations

import http.client
from typing import Mapping

import wire


class HttpConnection(http.client.HTTPConnection):
    """A kept-alive connection to any kind of address."""

    def __init__(self, address: wire.Address) -> None:
        """Connect at the first request."""
        super().__init__("localhost")
        self._address = address

    def connect(self) -> None:
        """Open the socket; http.client calls this."""
        self.sock = wire.connect(self._address)

    def fetch(
        self,
        method: str = "GET",
        target: str = "/",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> wire.Response:
        """Do one request and read its response whole."""
        self.request(method, target, body=body, headers=dict(headers or {}))
        answer = self.getresponse()
        content = answer.read()
        protocol = {10: "HTTP/1.0", 11: "HTTP/1.1"}[answer.version]
        return wire.Response(protocol, answer.status, answer.reason, answer.getheaders(), content)


def request(
    address: wire.Address,
    method: str = "GET",
    target: str = "/",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> wire.Response:
    """Do one request over a connection of its own."""
    connection = HttpConnection(address)
    try:
        return connection.fetch(method, target, body, headers)
    finally:
        connection.close()
