# SPDX-License-Identifier: MIT
"""Static files over HTTP: ranges, validators, compressed twins, expiry, slow readers."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path
from typing import Callable

import http_client
import pytest
import wire
from server import ServerProcess

NewServer = Callable[..., ServerProcess]

APPLICATION = """
def application(environ, start_response):
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"app"]
"""
BIG = bytes(range(256)) * 32768  # 8 MiB
STYLE = b"body {}\n" * 100


@pytest.fixture
def site(new_server: NewServer, tmp_path: Path) -> ServerProcess:
    """Start a server with one mapping and its companions."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "big.bin").write_bytes(BIG)
    (files / "site.css").write_bytes(STYLE)
    (files / "site.css.gz").write_bytes(gzip.compress(STYLE))
    (tmp_path / "app.py").write_text(APPLICATION)
    one = new_server()
    one.listen_on_free_port("http")
    options = ["--static-gzip-ext=.css", "--static-expires=[.]css$ 3600"]
    args = ["--http", one.address_text, "--file", "app.py", "--static-map=/files=files", *options]
    one.launch(*args, cwd=tmp_path).wait_ready()
    return one


@pytest.mark.quick
def test_ranges(site: ServerProcess) -> None:
    one = site.get("/files/big.bin", headers={"Range": "bytes=1000-1099"})
    assert (one.status, one.body) == (206, BIG[1000:1100])
    assert one.header("Content-Range") == f"bytes 1000-1099/{len(BIG)}"
    tail = site.get("/files/big.bin", headers={"Range": "bytes=-300000"})
    assert (tail.status, tail.body) == (206, BIG[-300000:])
    none = site.get("/files/big.bin", headers={"Range": f"bytes={len(BIG)}-"})
    assert (none.status, none.body) == (416, b"")
    assert none.header("Content-Range") == f"bytes */{len(BIG)}"
    for field in ("bytes=0-9", f"bytes={len(BIG)}-"):  # Without a meaning for HEAD.
        head = site.request("HEAD", "/files/big.bin", headers={"Range": field})
        assert (head.status, head.header("Content-Length")) == (200, str(len(BIG)))
        assert (head.header("Accept-Ranges"), head.body) == ("bytes", b"")


def test_several_ranges_in_one_answer(site: ServerProcess) -> None:
    wanted = [(5_000_000, 5_099_999), (0, 9), (100, 2_000_000)]
    field = "bytes=" + ",".join(f"{a}-{b}" for a, b in wanted)
    answer = site.get("/files/big.bin", headers={"Range": field})
    assert answer.status == 206
    boundary = (answer.header("Content-Type") or "").partition("boundary=")[2]
    assert answer.header("Content-Length") == str(len(answer.body))
    parts = answer.body.split(f"--{boundary}".encode())
    assert (parts[0], parts[-1]) == (b"", b"--\r\n")
    for (first, last), part in zip(wanted, parts[1:-1]):
        head, _, content = part.partition(b"\r\n\r\n")
        assert f"Content-Range: bytes {first}-{last}/{len(BIG)}".encode() in head
        assert content == BIG[first : last + 1] + b"\r\n"


@pytest.mark.quick
def test_validators_and_expiry(site: ServerProcess) -> None:
    first = site.get("/files/site.css")
    tag = first.header("ETag") or ""
    assert tag.startswith('"')
    assert first.header("Cache-Control") == "max-age=3600"
    again = site.get("/files/site.css", headers={"If-None-Match": tag})
    assert (again.status, again.body, again.header("ETag")) == (304, b"", tag)
    assert site.get("/files/site.css", headers={"If-Match": '"other"'}).status == 412
    resumed = {"Range": "bytes=8-15", "If-Range": tag}
    assert site.get("/files/site.css", headers=resumed).body == STYLE[8:16]
    assert site.get("/files/site.css", headers={**resumed, "If-Range": '"o"'}).body == STYLE
    assert site.get("/files/none.css").body == b"app"


@pytest.mark.quick
def test_compressed_twins(site: ServerProcess) -> None:
    zipped = site.get("/files/site.css", headers={"Accept-Encoding": "br, gzip"})
    assert zipped.header("Content-Encoding") == "gzip"
    assert zipped.header("Content-Type") == "text/css"
    assert gzip.decompress(zipped.body) == STYLE
    plain = site.get("/files/site.css", headers={"Accept-Encoding": "identity"})
    assert (plain.body, plain.header("Vary")) == (STYLE, "Accept-Encoding")
    assert plain.header("ETag") != zipped.header("ETag")


def test_curl_resumes_a_download(site: ServerProcess, tmp_path: Path) -> None:
    part = tmp_path / "part.bin"
    part.write_bytes(BIG[:1_234_567])
    url = f"http://{site.address_text}/files/big.bin"
    subprocess.run(["curl", "-s", "-f", "-C", "-", "-o", str(part), url], check=True)
    assert part.read_bytes() == BIG


@pytest.mark.quick
def test_a_reader_that_stops_delays_nobody(site: ServerProcess) -> None:
    with wire.connect(site.address) as stuck:
        stuck.sendall(b"GET /files/big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        connection = http_client.HttpConnection(site.address)
        for _ in range(20):
            assert connection.fetch(target="/files/site.css").body == STYLE
            assert connection.fetch(target="/page").body == b"app"
        connection.close()


def test_a_wrong_rule_stops_the_start(new_server: NewServer, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APPLICATION)
    one = new_server()
    one.listen_on_free_port("http")
    args = ["--http", one.address_text, "--file", "app.py", "--static-expires=[.]css$ soon"]
    one.expected_status = 1
    one.expect_errors("expected REGEX SECONDS")
    one.launch(*args, cwd=tmp_path)
    assert one.wait_exit() == 1
    assert "error: --static-expires [.]css$ soon: expected REGEX SECONDS" in one.log
