# SPDX-License-Identifier: MIT
"""Real clients, load generators and proxies, each in its own way of speaking HTTP/1.1."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator

import httpx
import pytest
import requests
from haproxy import HaProxy
from nginx import Nginx
from server import ServerProcess

StartServer = Callable[..., ServerProcess]
BODY = bytes(range(256)) * 4000  # 1 MB
DIGEST = hashlib.sha256(BODY).hexdigest()


def _run(*command: str, **kwargs: Any) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, **kwargs)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _pieces() -> Iterator[bytes]:
    for start in range(0, len(BODY), 10_000):
        yield BODY[start : start + 10_000]


@pytest.fixture
def body(server: StartServer) -> ServerProcess:
    return server("body", http="127.0.0.1:0", processes=2, threads=2)


@pytest.mark.quick
def test_curl(body: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(BODY)
    url = f"http://{body.address_text}/digest"
    upload = f"@{tmp_path}/upload"
    assert _run("curl", "-sS", "--data-binary", upload, url) == DIGEST
    assert _run("curl", "-sS", "--http1.0", "--data-binary", upload, url) == DIGEST
    chunked = "Transfer-Encoding: chunked"
    assert _run("curl", "-sS", "-H", chunked, "--data-binary", upload, url) == DIGEST
    expects = "Expect: 100-continue"
    assert _run("curl", "-sS", "-H", expects, "--data-binary", upload, url) == DIGEST
    verbose = _run("curl", "-sSv", url, url, "-I")
    assert re.search(r"Re-using existing connection", verbose)


@pytest.mark.quick
def test_requests(body: ServerProcess) -> None:
    url = f"http://{body.address_text}"
    with requests.Session() as session:
        assert session.post(f"{url}/digest", data=BODY).text == DIGEST
        assert session.post(f"{url}/digest", data=_pieces()).text == DIGEST
        assert session.post(f"{url}/digest", files={"f": BODY}).status_code == 200
        assert session.head(f"{url}/x").text == ""
        assert session.post(f"{url}/unread", data=BODY * 5).status_code == 413


@pytest.mark.quick
@pytest.mark.parametrize(
    "path,size,headers,closes",
    [
        ("/unread", 1_500_000, {}, True),
        ("/unread", 50_000, {}, False),  # The server has all of it.
        ("/unread", 5, {"Expect": "100-continue"}, True),
        ("/digest", 1_500_000, {}, False),
        ("/static/file.txt", 1_500_000, {}, True),
        ("/static/file.txt", 5, {}, False),
    ],
)
def test_a_close_is_announced(
    server: StartServer,
    tmp_path: Path,
    path: str,
    size: int,
    headers: dict[str, str],
    closes: bool,
) -> None:
    (tmp_path / "file.txt").write_text("file")
    one = server(
        "body", http="127.0.0.1:0", threads=2, body_spool=0, static_map=f"/static={tmp_path}"
    )
    method = "GET" if path.startswith("/static") else "POST"
    connection = http.client.HTTPConnection(*one.address, timeout=20)
    connection.putrequest(method, path)
    for name, value in {"Content-Length": str(size), **headers}.items():
        connection.putheader(name, value)
    connection.connect()
    # The head and the beginning of the body arrive together.
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    with contextlib.suppress(OSError):  # Refused while it is sent.
        connection.endheaders(None if headers else b"b" * size)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
    answer = connection.getresponse()
    assert (bool(answer.read()), answer.will_close) == (True, closes)
    if not closes:
        connection.request("GET", "/x")
        assert connection.getresponse().read() == b"?"
    connection.close()


@pytest.mark.quick
def test_httpx(body: ServerProcess) -> None:
    url = f"http://{body.address_text}"
    with httpx.Client() as client:
        assert client.post(f"{url}/digest", content=BODY).text == DIGEST
        assert client.post(f"{url}/digest", content=_pieces()).text == DIGEST
        answer = client.get(f"{url}/x")
        assert (answer.http_version, answer.text) == ("HTTP/1.1", "?")


@pytest.mark.quick
def test_httpx_reads_a_stream(server: StartServer) -> None:
    one = server("streaming", http="127.0.0.1:0")
    with httpx.Client() as client:
        with client.stream("GET", f"http://{one.address_text}/?3000000") as answer:
            assert answer.headers["Transfer-Encoding"] == "chunked"
            assert sum(map(len, answer.iter_bytes())) == 3_000_000
        assert client.get(f"http://{one.address_text}/?5").text == "sssss"


@pytest.mark.parametrize("connections", ["1", "64"])
def test_wrk(server: StartServer, connections: str) -> None:
    one = server("hello", http="127.0.0.1:0", processes=2, threads=4)
    text = _run("wrk", "-t1", "-d1s", "-c", connections, f"http://{one.address_text}/")
    assert int(re.search(r"(\d+) requests in", text)[1]) > 100  # type: ignore[index]
    assert "Socket errors" not in text
    assert "Non-2xx" not in text


@pytest.mark.parametrize("pipelined", ["1", "8"])
def test_h2load(server: StartServer, pipelined: str) -> None:
    one = server("hello", http="127.0.0.1:0", processes=2, threads=4)
    text = _run(
        *("h2load", "--h1", "-n", "2000", "-c", "16", "-m", pipelined),
        f"http://{one.address_text}/",
    )
    assert "2000 succeeded, 0 failed, 0 errored, 0 timeout" in text


@pytest.mark.quick
def test_nginx_keeps_its_connections(server: StartServer, nginx: Callable[..., Nginx]) -> None:
    one = server("environ", http="127.0.0.1:0", threads=2)
    front = nginx(
        http=f"upstream site {{ server {one.address_text}; keepalive 8; }}",
        location="proxy_pass http://site; proxy_http_version 1.1;"
        ' proxy_set_header Connection ""; proxy_set_header X-Forwarded-Proto https;',
    )
    seen = [json.loads(front.get("/a?b").body) for _ in range(10)]
    # The application reads no body, but the server has.
    seen += [json.loads(front.request("POST", "/a?b", BODY[:50_000]).body) for _ in range(10)]
    assert len({environ["REMOTE_PORT"] for environ in seen}) == 1
    assert seen[0]["wsgi.url_scheme"] == "https"


@pytest.mark.quick
def test_uploads_through_nginx_keep_the_connection(
    server: StartServer, nginx: Callable[..., Nginx]
) -> None:
    one = server("body", http="127.0.0.1:0")
    front = nginx(
        http=f"upstream site {{ server {one.address_text}; keepalive 8; }}",
        location='proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection "";'
        " proxy_request_buffering off;",
    )
    for _ in range(5):
        assert front.request("POST", "/digest", BODY).text == DIGEST
    assert front.request("POST", "/unread", BODY).status == 413


@pytest.mark.quick
def test_haproxy_keeps_its_connections(server: StartServer, tmp_path: Path) -> None:
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not installed")
    one = server("body", http="127.0.0.1:0", threads=2)
    front = HaProxy(tmp_path, one.address_text, server_options="pool-purge-delay 10s")
    try:
        url = "http://{}:{}".format(*front.address)
        with requests.Session() as session:
            for _ in range(10):
                assert session.post(f"{url}/digest", data=BODY).text == DIGEST
                assert session.post(f"{url}/digest", data=_pieces()).text == DIGEST
            assert session.get(f"{url}/x").text == "?"
    finally:
        front.stop()
