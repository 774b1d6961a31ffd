# SPDX-License-Identifier: MIT
"""What three parsers make of the same bytes, in one form."""

from __future__ import annotations

import subprocess
from typing import Iterator, NamedTuple

import h11
import httptools


class Reading(NamedTuple):
    """An accepted request. Header names are CGI's, repeated ones joined."""

    method: bytes
    target: bytes
    headers: dict[str, bytes]
    body: bytes


REFUSED = "refused"
INCOMPLETE = "incomplete"

# Framing shows in the body; `Proxy` never becomes a variable here.
_LEFT_OUT = {"CONTENT_LENGTH", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING", "HTTP_PROXY"}


def _headers(fields: list[tuple[bytes, bytes]]) -> dict[str, bytes]:
    joined: dict[str, bytes] = {}
    for name, value in fields:
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key != "CONTENT_TYPE":
            key = "HTTP_" + key
        if key in _LEFT_OUT:
            continue
        separator = b"; " if key == "HTTP_COOKIE" else b", "
        value = value.strip(b" \t")
        joined[key] = joined[key] + separator + value if key in joined else value
    return joined


def _in_origin_form(reading: Reading) -> Reading:
    """Take an absolute-form apart, as RFC 9112 section 3.2.2 wants: its authority is the host."""
    scheme, separator, rest = reading.target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        return reading
    size = min([rest.index(mark) for mark in (b"/", b"?") if mark in rest], default=len(rest))
    target = rest[size:] if rest[size:].startswith(b"/") else b"/" + rest[size:]
    headers = {**reading.headers, "HTTP_HOST": rest[:size]}
    return reading._replace(target=target, headers=headers)


class _Callbacks:
    def __init__(self) -> None:
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.done = False
        self.in_body = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_body:  # Trailers come by here, too.
            self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.in_body = True

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.done = True


class _FirstRequestIsDone(Exception):
    pass


def read_by_llhttp(data: bytes) -> Reading | str:
    """Let httptools, which is llhttp, read one request."""
    seen = _Callbacks()
    parser = httptools.HttpRequestParser(seen)
    try:
        for start in range(0, len(data), 1 if len(data) < 400 else 64):
            parser.feed_data(data[start : start + (1 if len(data) < 400 else 64)])
            if seen.done:
                break
    except httptools.HttpParserUpgrade:
        seen.done = True
    except httptools.HttpParserError:
        if not seen.done:
            return REFUSED
    if not seen.done:
        return INCOMPLETE
    method = parser.get_method()
    return _in_origin_form(Reading(method, seen.target, _headers(seen.fields), seen.body))


def read_by_h11(data: bytes) -> Reading | str:
    """Let h11 read one request."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    request = None
    body = b""
    try:
        while True:
            event = connection.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                return INCOMPLETE
            if isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
    except h11.RemoteProtocolError:
        return REFUSED
    assert request is not None
    fields = [(bytes(n), bytes(v)) for n, v in request.headers.raw_items()]
    method, target = bytes(request.method), bytes(request.target)
    return _in_origin_form(Reading(method, target, _headers(fields), body))


def _fields(text: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(text):
        colon = text.index(b":", at)
        size = int(text[at:colon])
        yield text[colon + 1 : colon + 1 + size]
        at = colon + 1 + size


def read_by_us(driver: str, inputs: list[bytes]) -> list[Reading | str]:
    """Let this server's parser read each of the requests."""
    fed = b"".join(b"%d:%s" % (len(one), one) for one in inputs)
    done = subprocess.run([driver], input=fed, capture_output=True, check=True)
    fields = _fields(done.stdout)
    outcomes: list[Reading | str] = []
    for outcome in fields:
        if outcome != b"accepted":
            outcomes.append(outcome.decode())
            continue
        method, target, body = next(fields), next(fields), next(fields)
        variables = {}
        for _ in range(int(next(fields))):
            name, value = next(fields).decode(), next(fields)
            if (name.startswith("HTTP_") or name == "CONTENT_TYPE") and name not in _LEFT_OUT:
                variables[name] = value
        outcomes.append(Reading(method, target, variables, body))
    assert len(outcomes) == len(inputs)
    return outcomes
