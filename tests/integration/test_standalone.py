# SPDX-License-Identifier: MIT
"""The server alone: `uwsgi --http ADDRESS --file wsgi.py --static-map=/static=static`."""

from __future__ import annotations

import os
import signal
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Callable

import http_client
import pytest
import wire
from server import ServerProcess
from waiting import wait_until

NewServer = Callable[..., ServerProcess]

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"app:", environ["PATH_INFO"].encode("latin-1")]
"""
CSS = b"body { color: #333 }\n" * 100


@pytest.fixture
def site(new_server: NewServer, tmp_path: Path) -> ServerProcess:
    """Start the journey's command in a folder with an application and static files."""
    static = tmp_path / "static"
    (static / "css").mkdir(parents=True)
    (static / "css" / "site.css").write_bytes(CSS)
    (static / "picture.png").write_bytes(b"\x89PNG")
    (static / "sp ace.txt").write_bytes(b"space")
    (static / "empty.js").write_bytes(b"")
    os.utime(static / "css" / "site.css", (1_700_000_000, 1_700_000_000))
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "mmcsite").mkdir()
    (tmp_path / "mmcsite" / "wsgi.py").write_text(APPLICATION)
    (static / "escape").symlink_to(tmp_path / "secret.txt")
    one = new_server()
    one.listen_on_free_port("http")
    args = ["--http", one.address_text, "--file", "mmcsite/wsgi.py", "--static-map=/static=static"]
    one.launch(*args, cwd=tmp_path).wait_ready()
    return one


@pytest.mark.quick
def test_pages_and_static_files_are_served(site: ServerProcess) -> None:
    assert site.get("/page").body == b"app:/page"
    answer = site.get("/static/css/site.css")
    assert (answer.status, answer.body) == (200, CSS)
    assert (answer.header("Content-Type") or "").startswith("text/css")
    assert answer.header("Content-Length") == str(len(CSS))
    assert answer.header("Last-Modified") == formatdate(1_700_000_000, usegmt=True)
    assert site.get("/static/picture.png").header("Content-Type") == "image/png"
    assert site.get("/static/sp%20ace.txt").body == b"space"
    assert site.get("/static/empty.js").header("Content-Length") == "0"


@pytest.mark.quick
def test_an_unchanged_file_is_a_304(site: ServerProcess) -> None:
    first = site.get("/static/css/site.css")
    since = first.header("Last-Modified") or ""
    again = site.get("/static/css/site.css", headers={"If-Modified-Since": since})
    assert (again.status, again.body) == (304, b"")
    earlier = formatdate(parsedate_to_datetime(since).timestamp() - 1, usegmt=True)
    newer = site.get("/static/css/site.css", headers={"If-Modified-Since": earlier})
    assert (newer.status, newer.body) == (200, CSS)
    nonsense = site.get("/static/css/site.css", headers={"If-Modified-Since": "yesterday"})
    assert nonsense.status == 200


@pytest.mark.quick
def test_head_of_a_file_has_its_length_and_no_body(site: ServerProcess) -> None:
    answer = site.request("HEAD", "/static/css/site.css")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("Content-Length") == str(len(CSS))


@pytest.mark.quick
@pytest.mark.parametrize(
    "target",
    [
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/..%2fsecret.txt",
        "/static/css/..%2f..%2fsecret.txt",
        "/static/css/../../secret.txt",
        "/static//../secret.txt",
        "/static/....//secret.txt",
        "/static/..;/secret.txt",
        "/static/..%5csecret.txt",
        "/static/escape",
        "/static//etc/passwd",
        "/static/%00/../secret.txt",
        "/static/css/site.css%00.txt",
    ],
)
def test_no_spelling_leads_out_of_the_folder(site: ServerProcess, target: str) -> None:
    with wire.connect(site.address) as connection:
        connection.sendall(
            f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        )
        answer = wire.parse_response(wire.read_to_end(connection))
    assert answer.status in (400, 404) or answer.body.startswith(b"app:")
    assert b"secret" not in answer.body.replace(b"secret.txt", b"")
    assert b"root:" not in answer.body


@pytest.mark.parametrize("target", ["/static/missing.css", "/static/css", "/static", "/staticfile"])
def test_a_miss_goes_on_to_the_application(site: ServerProcess, target: str) -> None:
    assert site.get(target).body == b"app:" + target.encode()


def test_other_methods_go_to_the_application(site: ServerProcess) -> None:
    assert site.post("/static/css/site.css", b"x").body == b"app:/static/css/site.css"


def test_a_file_that_appears_later_is_served(site: ServerProcess, tmp_path: Path) -> None:
    assert site.get("/static/late/new.txt").body.startswith(b"app:")
    (tmp_path / "static" / "late").mkdir()
    (tmp_path / "static" / "late" / "new.txt").write_bytes(b"late")
    assert site.get("/static/late/new.txt").body == b"late"


@pytest.mark.quick
def test_a_connection_is_kept_for_pages_and_files(site: ServerProcess) -> None:
    connection = http_client.HttpConnection(site.address)
    connection.connect()
    first = connection.sock
    for _ in range(20):
        assert connection.fetch("GET", "/page").body == b"app:/page"
        assert connection.fetch("GET", "/static/css/site.css").body == CSS
        assert connection.fetch("HEAD", "/static/css/site.css").body == b""
    assert connection.sock is first
    connection.close()


def test_a_client_of_http_1_0_is_answered_and_closed(site: ServerProcess) -> None:
    with wire.connect(site.address) as connection:
        connection.sendall(b"GET /old HTTP/1.0\r\n\r\n")
        answer = wire.parse_response(wire.read_to_end(connection))
    assert (answer.status, answer.body) == (200, b"app:/old")
    assert answer.header("Transfer-Encoding") is None


def test_pipelined_requests_are_answered_in_order(site: ServerProcess) -> None:
    with wire.connect(site.address) as connection:
        connection.sendall(
            b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
            b"GET /static/css/site.css HTTP/1.1\r\nHost: a\r\n\r\n"
            b"GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        raw = wire.read_to_end(connection)
    assert raw.count(b"HTTP/1.1 200 OK") == 3
    assert raw.index(b"app:") < raw.index(CSS) < raw.rindex(b"app:")


@pytest.mark.quick
def test_ctrl_c_ends_it(site: ServerProcess) -> None:
    site.get("/page")
    assert site.process is not None
    site.process.send_signal(signal.SIGINT)
    assert site.wait_exit(3) == 0
    wait_until(lambda: not wire.connects(site.address), "the port to be free")
