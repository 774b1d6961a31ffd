# SPDX-License-Identifier: MIT
"""X-Sendfile and X-Accel-Redirect: the application names a file, the server sends it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable
from urllib.parse import quote, urlencode

import http_client
import pytest
from server import ServerProcess

StartServer = Callable[..., ServerProcess]
CONTENT = os.urandom(3_000_000)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    directory = tmp_path / "files"
    (directory / "sub").mkdir(parents=True)
    (directory / "sub" / "a b.css").write_bytes(CONTENT)
    (tmp_path / "secret.txt").write_text("secret")
    (directory / "link").symlink_to(tmp_path / "secret.txt")
    return directory


def _sendfile(server: StartServer, files: Path, **options: object) -> ServerProcess:
    return server("names_files", file_serve_mode="x-sendfile", static_safe=files, **options)


@pytest.mark.quick
@pytest.mark.parametrize("option", ["socket", "http"])
def test_x_sendfile(server: StartServer, files: Path, option: str) -> None:
    one = _sendfile(server, files, **{option: "127.0.0.1:0"})
    answer = one.get("/?X-Sendfile=" + quote(f"{files}/sub/a b.css"))
    assert answer.body == CONTENT
    assert answer.header("Content-Type") == "text/css"
    assert answer.header("Set-Cookie") == "a=b"
    assert answer.header("ETag") not in (None, '"app"')
    assert answer.header("X-Sendfile") is None


@pytest.mark.quick
def test_ranges_conditions_and_head(server: StartServer, files: Path) -> None:
    one = _sendfile(server, files, http="127.0.0.1:0")
    target = "/?Content-Type=a/b&X-Sendfile=" + quote(f"{files}/sub/a b.css")
    connection = http_client.HttpConnection(one.address)
    part = connection.fetch("GET", target, headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, CONTENT[10:20])
    assert part.header("Content-Type") == "a/b"
    tag = {"If-None-Match": part.header("ETag") or ""}
    assert connection.fetch("GET", target, headers=tag).status == 304
    for method, body in (("HEAD", b""), ("POST", CONTENT)):  # Ranges are for GET.
        condition = tag if method == "POST" else {}  # What a POST does has been done.
        answer = connection.fetch(method, target, headers={"Range": "bytes=10-19", **condition})
        assert (answer.status, answer.body) == (200, body)
        assert answer.header("Content-Length") == str(len(CONTENT))
    assert connection.fetch("GET", target, headers={"Range": "bytes=9999999-"}).status == 416
    assert connection.fetch("GET", target).body == CONTENT
    connection.close()


@pytest.mark.quick
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "{files}/../secret.txt", "{files}/link", "{files}", "{files}/none", "x"]
)
def test_nothing_else_is_sent(server: StartServer, files: Path, path: str) -> None:
    one = _sendfile(server, files, http="127.0.0.1:0")
    one.expect_errors("x-sendfile: .* cannot be served")
    answer = one.get("/?X-Sendfile=" + quote(path.format(files=files)))
    assert (answer.status, answer.body) == (404, b"Not Found")
    one.wait_log(
        "x-sendfile: .* cannot be served: it is missing, or in no directory of static-safe"
    )


@pytest.mark.quick
@pytest.mark.parametrize("option", ["socket", "http"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_client_sees_where_files_are(
    server: StartServer, files: Path, option: str, method: str
) -> None:
    compress = {"compress": "gzip", "compress_min_size": 1} if option == "http" else {}
    one = _sendfile(server, files, **{option: "127.0.0.1:0"}, **compress)
    for status in ("201 Created", "304 Not Modified", "403 Forbidden", "500 Oops"):
        query = {"Status": status, "X-SendFile": f"{files}/sub/a b.css", "Content-Type": "text/css"}
        answer = one.request(method, "/?" + urlencode(query))
        has_body = method == "GET" and not status.startswith("304")
        assert answer.status == int(status[:3])
        assert answer.body == (b"the application's own body" if has_body else b"")
        assert answer.header("X-Sendfile") is None
        assert answer.header("Set-Cookie") == "a=b"


@pytest.mark.quick
def test_x_accel_redirect(server: StartServer, files: Path) -> None:
    one = server(
        "names_files",
        http="127.0.0.1:0",
        file_serve_mode="x-accel-redirect",
        static_internal=f"/protected={files}",
    )
    one.expect_errors("x-accel-redirect: .* cannot be served")
    target = "/?X-Accel-Redirect=" + quote(quote("/protected/sub/a b.css") + "?v=1")
    assert one.get(target).body == CONTENT
    assert one.get("/?X-Accel-Redirect=/protected/%252e%252e/secret.txt").status == 404
    assert one.get("/?X-Accel-Redirect=/other/sub").status == 404
    assert one.get("/protected/sub/a%20b.css").body == b"the application's own body"


@pytest.mark.quick
def test_without_the_mode_the_header_is_a_header(server: StartServer, files: Path) -> None:
    one = server("names_files", http="127.0.0.1:0", static_safe=files)
    answer = one.get("/?X-Sendfile=" + quote(f"{files}/sub/a b.css"))
    assert answer.body == b"the application's own body"
    assert answer.header("X-Sendfile") is not None


@pytest.mark.quick
@pytest.mark.parametrize(
    "lines", ["file-serve-mode = x-sendfile", "file-serve-mode = fast", "static-internal = /a"]
)
def test_half_a_configuration_is_an_error(
    new_server: Callable[..., ServerProcess], lines: str
) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("file-serve-mode|expected")
    one.start("hello", ini=f"http = 127.0.0.1:0\n{lines}", ready=False)
    assert one.wait_exit() == 1
