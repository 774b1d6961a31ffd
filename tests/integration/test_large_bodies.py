# SPDX-License-Identifier: MIT
"""Bodies beyond any buffer: they arrive whole, in little memory, or the client learns why not."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import signal
import subprocess
import zlib
from pathlib import Path
from typing import Any, Callable, Iterator

import processes
import pytest
import uwsgi_client
import wire
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

MEGABYTE = 1 << 20
PIECE = bytes(range(256)) * (MEGABYTE // 256)
# Around the end of 32 bits, and beyond; what takes long only with --long.
SIZES = [300 * MEGABYTE, (1 << 31) - 1, 1 << 31, 5 << 30]


def _pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // MEGABYTE):
        yield PIECE
    yield PIECE[: size % MEGABYTE]


def _checksum(size: int) -> int:
    checksum = 0
    for piece in _pieces(size):
        checksum = zlib.crc32(piece, checksum)
    return checksum


def _post(one: ServerProcess, coding: str, size: int) -> Any:
    """Send a body that is made on the way, and return what the application made of it."""
    chunked = coding == "chunked"
    if coding == "uwsgi":
        variables = {**uwsgi_client.request_vars("POST", "/count"), "CONTENT_LENGTH": str(size)}
        head = uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
    else:
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        head = f"POST /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}\r\n\r\n".encode()
    with wire.connect(one.address) as client:
        client.sendall(head)
        for piece in filter(None, _pieces(size)):
            client.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        client.sendall(b"0\r\n\r\n" if chunked else b"")
        return json.loads(wire.parse_response(wire.read_to_end(client)).body)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "size" in metafunc.fixturenames:
        long = metafunc.config.getoption("--long")
        metafunc.parametrize("size", SIZES if long else SIZES[:1])


@pytest.mark.parametrize("coding", ["uwsgi", "length", "chunked"])
@pytest.mark.parametrize("buffered", [False, True], ids=["streamed", "buffered"])
def test_a_body_of_gigabytes_takes_little_memory(
    server: StartServer, tmp_path: Path, size: int, coding: str, buffered: bool
) -> None:
    if buffered and shutil.disk_usage(tmp_path).free < size + (1 << 30):
        pytest.skip("not enough room on the disk")
    options: dict[str, Any] = {"socket" if coding == "uwsgi" else "http_socket": "127.0.0.1:0"}
    if buffered:
        options.update(post_buffering=65536, post_buffering_dir=tmp_path)
    one = server("body", **options)
    worker = one.workers()[1]
    before = processes.peak_bytes(worker)
    assert _post(one, coding, size) == [size, _checksum(size)]
    assert processes.peak_bytes(worker) - before < 32 * MEGABYTE


def test_curl_sends_what_it_reads_from_a_pipe(server: StartServer) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    one = server("body", http="127.0.0.1:0")
    curl = subprocess.Popen(
        ["curl", "-sS", "-T", "-", f"http://{one.address_text}/chunks"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    digest = hashlib.sha256()
    assert curl.stdin is not None
    for piece in _pieces(100 * MEGABYTE + 5):
        digest.update(piece)
        curl.stdin.write(piece)
    answer, _ = curl.communicate()
    assert answer.decode() == digest.hexdigest()


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_a_body_that_no_longer_fits_on_the_disk_is_answered(
    server: StartServer, tmp_path: Path, wire_option: str
) -> None:
    one = server(
        "body",
        post_buffering=65536,
        post_buffering_dir=tmp_path,
        **{wire_option: "127.0.0.1:0"},
    )
    one.expect_errors("cannot buffer a request body: ")
    # The end of what a process may write to a file stands in for the end of a disk.
    resource.prlimit(one.workers()[1], resource.RLIMIT_FSIZE, (MEGABYTE, MEGABYTE))
    workers = one.workers()
    for _ in range(3):
        assert one.post("/digest", b"b" * 3 * MEGABYTE).status == 503
    assert one.post("/twice", b"b" * 100_000).text == "[100000, 0, 0]"
    one.wait_log("POST /twice")
    assert len(one.log_lines("cannot buffer a request body: .*see --post-buffering-dir")) == 1
    assert one.workers() == workers


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
def test_a_place_for_bodies_that_takes_no_files_fails_the_start(
    server: StartServer, lazy: bool
) -> None:
    one = server("body", ready=False, lazy_apps=lazy, post_buffering=1, env={"TMPDIR": "missing"})
    one.expect_errors()
    one.expected_status = 1
    assert one.wait_exit() == 1
    said = f"bodies of requests have no place: cannot create a file in {one.directory}/missing: "
    assert (
        len(one.log_lines(f"^error: {said}No such file or directory .see post-buffering-dir")) == 1
    )


@pytest.mark.quick
def test_a_place_for_bodies_that_is_missing_is_a_wrong_configuration(server: StartServer) -> None:
    one = server("body", ready=False, post_buffering_dir="missing")
    one.expect_errors()
    one.expected_status = 1
    assert one.wait_exit() == 1
    said = r"server\.ini:\d+: post-buffering-dir = missing: there is no such directory"
    assert len(one.log_lines(said)) == 1


def test_a_place_for_bodies_that_is_gone_fails_the_reload(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "place").mkdir()
    one = server("body", post_buffering=1, post_buffering_dir="place")
    (tmp_path / "place").rmdir()
    one.expect_errors()
    one.send_signal(signal.SIGHUP)
    one.wait_log("error: reload failed: .* generation 1 serves on")
    assert one.log_lines("post-buffering-dir = place: there is no such directory")
