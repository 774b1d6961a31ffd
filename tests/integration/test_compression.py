# SPDX-License-Identifier: MIT
"""Responses are compressed when that was asked for, and never at the wrong time."""

from __future__ import annotations

import gzip
import http.client
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Callable

import http_client
import pytest
import wire
from server import ServerProcess
from waiting import wait_until

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


@pytest.fixture
def files(server: StartServer, tmp_path: Path) -> ServerProcess:
    """Start a server that compresses, with a small text, a large one, and a picture."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "site.css").write_bytes(BODY)
    (folder / "large.js").write_bytes(BODY * 100)
    (folder / "picture.png").write_bytes(BODY)
    (folder / "twin.css").write_bytes(BODY)
    (folder / "twin.css.gz").write_bytes(gzip.compress(BODY, 1))
    one = server(
        "compressible",
        http="127.0.0.1:0",
        compress="gzip",
        static_map=f"/files={folder}",
        static_gzip_ext="twin.css",
    )
    one.files_may_grow = True  # What was compressed is kept.
    return one


@pytest.mark.quick
def test_a_static_file_is_compressed(files: ServerProcess) -> None:
    for _ in range(2):
        answer = files.get("/files/site.css", headers=GZIP)
        assert gzip.decompress(answer.body) == BODY
        assert answer.header("Content-Encoding") == "gzip"
        assert answer.header("Content-Type") == "text/css"
        assert answer.header("Vary") == "Accept-Encoding"
        assert answer.header("Content-Length") == str(len(answer.body))
    tag = answer.header("ETag") or ""
    assert tag.startswith('W/"')
    assert tag.endswith('-gzip"')
    head = files.request("HEAD", "/files/site.css", headers=GZIP)
    assert [head.header(name) for name in ("ETag", "Content-Length", "Content-Encoding")] == [
        tag,
        str(len(answer.body)),
        "gzip",
    ]
    assert files.get("/files/picture.png", headers=GZIP).body == BODY
    twin = files.get("/files/twin.css", headers=GZIP)
    assert gzip.decompress(twin.body) == BODY
    assert (twin.header("ETag") or "").startswith('"')  # The twin's own.


@pytest.mark.quick
def test_conditions_and_ranges_of_a_compressed_file(files: ServerProcess) -> None:
    tag = files.get("/files/site.css", headers=GZIP).header("ETag") or ""
    plain = files.get("/files/site.css")
    assert (plain.body, plain.header("Vary")) == (BODY, "Accept-Encoding")
    own = plain.header("ETag") or ""
    for known in (tag, own, f'"x", {tag}'):
        answer = files.get("/files/site.css", headers={**GZIP, "If-None-Match": known})
        assert (answer.status, answer.body) == (304, b"")
        assert answer.header("ETag") in (tag, own)
        assert answer.header("Vary") == "Accept-Encoding"
    stale = files.get("/files/site.css", headers={"If-None-Match": tag})
    assert (stale.status, stale.body) == (200, BODY)
    part = files.get("/files/site.css", headers={**GZIP, "Range": "bytes=0-9"})
    assert (part.status, part.body, part.header("ETag")) == (206, BODY[:10], own)
    resumed = {**GZIP, "Range": "bytes=0-9", "If-Range": tag}
    assert files.get("/files/site.css", headers=resumed).body == BODY


@pytest.mark.quick
def test_a_large_file_is_compressed_meanwhile(files: ServerProcess) -> None:
    first = files.get("/files/large.js", headers=GZIP)
    assert (first.header("Content-Encoding"), first.body) == (None, BODY * 100)

    def compressed() -> bool:
        answer = files.get("/files/large.js", headers=GZIP)
        return answer.header("Content-Encoding") == "gzip" and (
            gzip.decompress(answer.body) == BODY * 100
        )

    wait_until(compressed, "the file to be compressed")


@pytest.mark.quick
def test_a_uwsgi_peer_gets_files_as_they_are(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "site.css").write_bytes(BODY)
    one = server(
        "compressible", socket="127.0.0.1:0", compress="gzip", static_map=f"/files={tmp_path}"
    )
    answer = one.get("/files/site.css", headers=GZIP)
    assert (answer.body, answer.header("Vary")) == (BODY, None)


@pytest.mark.quick
def test_unknown_codings_are_an_error(new_server: Callable[..., ServerProcess]) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("deflate is none of br, zstd and gzip")
    one.start("hello", ini="http = 127.0.0.1:0\ncompress = gzip,deflate", ready=False)
    assert one.wait_exit() == 1
