# SPDX-License-Identifier: MIT
"""A WSGI application without a framework: what remains is the server's work."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterable

Environ = Dict[str, Any]
StartResponse = Callable[..., Any]

PIECE = 4096
TEN_KILOBYTES = b"x" * 10240
ROW = b"x" * 99 + b"\n"
SLEEP_SECONDS = 0.05
SPIN_TURNS = 270_000  # About 20 ms on the machine of docs/performance.md.


def spin() -> bytes:
    """Keep the interpreter busy, and hold its lock, as rendering a large template does."""
    value = 0
    for turn in range(SPIN_TURNS):
        value = (value * 31 + turn) & 0xFFFF
    return b"%d\n" % value


def in_pieces(environ: Environ) -> Iterable[bytes]:
    """Read the body piece by piece, each of which is answered before the next is read."""
    missing = int(environ["CONTENT_LENGTH"])
    while missing:
        piece = environ["wsgi.input"].read(min(PIECE, missing))
        missing -= len(piece)
        yield piece


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer by path; everything that is not known gets the hello."""
    path = environ["PATH_INFO"]
    if path == "/10k":
        body = TEN_KILOBYTES
    elif path == "/echo":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    elif path == "/echo-pieces":
        length = environ["CONTENT_LENGTH"]
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", length)])
        return in_pieces(environ)
    elif path == "/rows":
        start_response("200 OK", [("Content-Type", "text/csv")])
        return (ROW for _ in range(1000))
    elif path == "/sleep":
        time.sleep(SLEEP_SECONDS)
        body = b"slept\n"
    elif path == "/spin":
        body = spin()
    else:
        body = b"Hello, world!\n"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
