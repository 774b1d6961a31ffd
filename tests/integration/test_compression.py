# SPDX-License-Identifier: MIT
"""Responses are compressed when that was asked for, and never at the wrong time."""

from __future__ import annotations

import gzip
import http.client
import shutil
import subprocess
import zlib
from typing import Callable

import http_client
import pytest
import wire
from server import ServerProcess

StartServer = Callable[..., ServerProcess]
BODY = b"all work and no play makes jack a dull boy\n" * 1000
GZIP = {"Accept-Encoding": "gzip"}


@pytest.mark.quick
@pytest.mark.parametrize("path", ["/", "/length", "/stream"])
def test_gzip(server: StartServer, path: str) -> None:
    one = server("compressible", http="127.0.0.1:0", compress=True)
    answer = one.get(path, headers=GZIP)
    assert gzip.decompress(answer.body) == BODY
    assert len(answer.body) < len(BODY) / 3
    assert answer.header("Content-Encoding") == "gzip"
    assert answer.header("Vary") == "Accept-Encoding"
    assert answer.header("ETag") == 'W/"tag"'
    has_length = answer.header("Content-Length") == str(len(answer.body))
    assert has_length == (path != "/stream")
    assert one.get(path).body == BODY


@pytest.mark.quick
@pytest.mark.parametrize("coding", ["br", "gzip", "zstd"])
def test_curl_understands_every_coding(server: StartServer, coding: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    one = server("compressible", http="127.0.0.1:0", compress=coding)
    url = f"http://{one.address_text}/stream"
    command = ["curl", "-sS", "-i", "-H", f"Accept-Encoding: {coding}", "--compressed", url]
    done = subprocess.run(command, capture_output=True, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert f"Content-Encoding: {coding}".encode() in head
    assert body == BODY


@pytest.mark.quick
@pytest.mark.parametrize("path", ["/small", "/binary"])
def test_what_is_not_worth_it_stays_as_it_is(server: StartServer, path: str) -> None:
    one = server("compressible", http="127.0.0.1:0", compress="gzip")
    answer = one.get(path, headers=GZIP)
    assert answer.header("Content-Encoding") is None
    assert answer.body in (BODY, BODY[: len(BODY) // 1000])


@pytest.mark.quick
def test_a_head_request_has_the_same_fields_and_keeps_the_connection(server: StartServer) -> None:
    one = server("compressible", http="127.0.0.1:0", compress="gzip")
    connection = http_client.HttpConnection(one.address)
    head = connection.fetch("HEAD", "/length", headers=GZIP)
    assert head.header("Content-Encoding") == "gzip"
    assert head.header("Content-Length") is None
    assert gzip.decompress(connection.fetch("GET", "/length", headers=GZIP).body) == BODY
    connection.close()


@pytest.mark.quick
def test_a_stream_arrives_piece_by_piece(server: StartServer) -> None:
    one = server("compressible", http="127.0.0.1:0", compress="gzip")
    with wire.connect(one.address) as client:
        client.sendall(b"GET /events HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
        raw = text = b""
        while text.count(b"\n") < 3:
            raw += client.recv(10_000)
            _, _, body = raw.partition(b"\r\n\r\n")
            text = zlib.decompressobj(31).decompress(body)
    assert text.startswith(BODY[: len(BODY) // 1000])


@pytest.mark.quick
def test_a_body_that_is_too_short_does_not_look_whole(server: StartServer) -> None:
    one = server("compressible", http="127.0.0.1:0", compress="gzip")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        one.get("/short", headers=GZIP)


@pytest.mark.quick
def test_nothing_is_compressed_unless_asked(server: StartServer) -> None:
    one = server("compressible", http="127.0.0.1:0")
    answer = one.get("/marked", headers=GZIP)
    assert (answer.body, answer.header("Vary")) == (BODY, None)


@pytest.mark.quick
def test_http_auto_gzip_compresses_what_is_marked(server: StartServer) -> None:
    one = server("compressible", http="127.0.0.1:0", http_auto_gzip=True)
    assert gzip.decompress(one.get("/marked", headers=GZIP).body) == BODY
    assert one.get("/marked").body == BODY
    assert one.get("/", headers=GZIP).body == BODY


@pytest.mark.quick
def test_a_uwsgi_peer_compresses_by_itself(server: StartServer) -> None:
    one = server("compressible", socket="127.0.0.1:0", compress="gzip")
    assert one.get("/", headers=GZIP).body == BODY


@pytest.mark.quick
def test_unknown_codings_are_an_error(new_server: Callable[..., ServerProcess]) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("deflate is none of br, zstd and gzip")
    one.start("hello", ini="http = 127.0.0.1:0\ncompress = gzip,deflate", ready=False)
    assert one.wait_exit() == 1
