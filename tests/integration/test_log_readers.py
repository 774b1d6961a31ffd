# SPDX-License-Identifier: MIT
"""A log that somebody else reads, or does not: pipes, terminals, FIFOs and UDP."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import select
import signal
import socket
import termios
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import wire
from server import Binary, ServerProcess
from waiting import patience, wait_until

MakeServer = Callable[..., ServerProcess]
StartServer = Callable[..., ServerProcess]

# More than a pipe of one page and a terminal hold, with 200 bytes for each request's line.
REQUESTS = 400


class Reader:
    """The other end of the log: it reads only when it is told to."""

    def __init__(self, kind: str) -> None:
        """Make a pipe of 4 KiB, or a terminal."""
        if kind == "terminal":
            self._read_end, self.write_end = os.openpty()
            modes = termios.tcgetattr(self.write_end)
            modes[1] &= ~termios.OPOST
            termios.tcsetattr(self.write_end, termios.TCSANOW, modes)
        else:
            self._read_end, self.write_end = os.pipe()
            fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, 4096)
        self.text = ""

    def read(self) -> str:
        """Take what is there, and return all that was read so far."""
        while select.select([self._read_end], [], [], 0)[0]:
            self.text += os.read(self._read_end, 65536).decode()
        return self.text

    def close(self) -> None:
        """Close both ends."""
        os.close(self._read_end)
        os.close(self.write_end)


@pytest.fixture(params=["pipe", "terminal"])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    one = Reader(request.param)
    with contextlib.closing(one):
        yield one


def start_before(reader: Reader, new_server: MakeServer, **options: Any) -> ServerProcess:
    """Start a server that logs to `reader`."""
    one = new_server()
    one.output = reader.write_end
    host, port = wire.free_port()
    one.start("hello", http_socket=f"{host}:{port}", ready=False, **options)
    wait_until(lambda: wire.connects(one.address), "the server to listen")
    return one


def ask(one: ServerProcess, first: int, count: int) -> None:
    for number in range(first, first + count):
        assert one.get(f"/{number}/{'f' * 100}").status == 200


@pytest.mark.not_for_oracle
@pytest.mark.parametrize("through", ["directly", "through the master"])
def test_a_log_that_nobody_reads_loses_counted_lines_and_stops_nothing(
    new_server: MakeServer, tmp_path: Path, reader: Reader, through: str
) -> None:
    loggers = {} if through == "directly" else {"logger": ["stdio", f"file:{tmp_path}/a.log"]}
    one = start_before(reader, new_server, **loggers)
    ask(one, 0, REQUESTS)
    if loggers:  # Each line goes to both, one after the other.
        wait_until(lambda: requests_in(tmp_path / "a.log") == REQUESTS, "the lines in the file")
    reader.read()
    ask(one, REQUESTS, 1)
    lost = r"^warning: process \d+ has lost (\d+) lines? of the log: nobody read it$"
    wait_until(lambda: re.search(lost, reader.read(), re.MULTILINE), "the sum of lost lines")
    wait_until(lambda: f"GET /{REQUESTS}/" in reader.read(), "the last line")
    one.send_signal(signal.SIGTERM)
    assert one.wait_exit() == 0
    counted = sum(map(int, re.findall(lost, reader.read(), re.MULTILINE)))
    seen = re.findall(r"^\[pid: .* GET /\d+/f{100} => .*\)$", reader.text, re.MULTILINE)
    assert len(seen) + counted == REQUESTS + 1, reader.text
    if loggers:
        assert requests_in(tmp_path / "a.log") == REQUESTS + 1


def forget_the_log(one: ServerProcess, directory: Path) -> None:
    """Let nobody look for a log file, nor for the master's pid in it."""
    one.daemonized = False
    one.log_path = directory / "nothing.log"


def requests_in(path: Path) -> int:
    return path.read_text().count("GET /")


@pytest.mark.not_for_oracle
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
@pytest.mark.parametrize("through", ["directly", "through the master"])
def test_a_stop_does_not_wait_for_who_reads_the_log(
    new_server: MakeServer, tmp_path: Path, reader: Reader, through: str, number: int
) -> None:
    loggers = {} if through == "directly" else {"logger": ["stdio", f"file:{tmp_path}/a.log"]}
    one = start_before(reader, new_server, processes=2, **loggers)
    ask(one, 0, 1)
    fill(reader.write_end)
    start = time.monotonic()
    one.send_signal(number)
    assert one.wait_exit(15) == 0
    assert time.monotonic() - start < 10 * patience()


def fill(write_end: int) -> None:
    """Leave no room in a pipe or terminal."""
    flags = fcntl.fcntl(write_end, fcntl.F_GETFL)
    fcntl.fcntl(write_end, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write_end, b"x")
    fcntl.fcntl(write_end, fcntl.F_SETFL, flags)


@pytest.fixture
def collector() -> Iterator[socket.socket]:
    """Receive datagrams on a free port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        one.settimeout(10 * patience())
        yield one


PRINTS = """
import sys
def application(environ, start_response):
    print("from the application", file=sys.stderr)
    start_response("200 OK", [])
    return [b"x"]
"""


@pytest.mark.quick
@pytest.mark.parametrize(
    "options",
    [
        {"logto": "127.0.0.1:{}"},
        {"logto": "udp:127.0.0.1:{}"},
        {"logto2": "localhost:{}"},
        {"logto": "127.0.0.1:{}", "log_maxsize": 100},
        {"logto": "127.0.0.1:{}", "master": False},
        {"logger": ["socket:127.0.0.1:{}", "file:a.log"]},
        {"daemonize": "127.0.0.1:{}"},
    ],
    ids=str,
)
def test_a_log_by_udp_has_a_datagram_for_each_line(
    new_server: MakeServer, tmp_path: Path, collector: socket.socket, options: dict[str, Any]
) -> None:
    (tmp_path / "prints.py").write_text(PRINTS)
    port = collector.getsockname()[1]
    text = json.dumps(options).replace("{}", str(port))
    one = new_server()
    host, http_port = wire.free_port()
    one.start(
        wsgi_file=tmp_path / "prints.py",
        http_socket=f"{host}:{http_port}",
        pidfile=tmp_path / "server.pid",
        ready=False,
        **json.loads(text),
    )
    forget_the_log(one, tmp_path)
    wait_until(lambda: wire.connects(one.address), "the server to listen")
    assert one.get("/asked").body == b"x"
    datagrams: list[str] = []
    while not any("GET /asked => " in line for line in datagrams):
        datagrams.append(collector.recv(65536).decode())
    assert "from the application\n" in datagrams
    assert [line for line in datagrams if line.count("\n") != 1] == []
    assert not [name for name in os.listdir(tmp_path) if str(port) in name]
    assert one.binary.run("--stop", str(tmp_path / "server.pid"), "--wait").returncode == 0
    while datagrams[-1] != "goodbye to uWSGI.\n":
        datagrams.append(collector.recv(65536).decode())


def test_the_application_does_not_feel_a_missing_collector(
    new_server: MakeServer, tmp_path: Path
) -> None:
    (tmp_path / "prints.py").write_text(PRINTS)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        host, port = nobody.getsockname()
    one = new_server()
    http_host, http_port = wire.free_port()
    address = f"{http_host}:{http_port}"
    one.start(
        wsgi_file=tmp_path / "prints.py", http_socket=address, logto=f"{host}:{port}", ready=False
    )
    wait_until(lambda: wire.connects(one.address), "the server to listen")
    assert [one.get().status for _ in range(20)] == [200] * 20


@pytest.mark.quick
@pytest.mark.parametrize("value", ["127.0.0.1:99999", ":5000", "udp:nowhere", "127.0.0.1:0"])
def test_what_is_no_address_for_a_log_is_told_at_the_start(
    binary: Binary, tmp_path: Path, value: str
) -> None:
    asked = binary.run("--http", "127.0.0.1:0", "--logto", value, cwd=tmp_path)
    assert asked.returncode == 1
    assert f"error: --logto {value}: invalid socket address" in asked.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.not_for_oracle
@pytest.mark.quick
@pytest.mark.parametrize("option", ["logto", "daemonize", "logger"])
def test_a_fifo_takes_the_log_before_anybody_reads_it(
    new_server: MakeServer, tmp_path: Path, option: str
) -> None:
    fifo = tmp_path / "log"
    os.mkfifo(fifo)
    one = new_server()
    host, port = wire.free_port()
    one.start(
        "hello",
        http_socket=f"{host}:{port}",
        pidfile=tmp_path / "server.pid",
        ready=False,
        **{option: f"file:{fifo}" if option == "logger" else fifo},
    )
    forget_the_log(one, tmp_path)
    wait_until(lambda: wire.connects(one.address), "the server to listen")
    assert one.get("/asked").status == 200
    read_end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    text = ""

    def read(words: str) -> bool:
        nonlocal text
        with contextlib.suppress(BlockingIOError):
            text += os.read(read_end, 65536).decode()
        return words in text

    wait_until(lambda: read("GET /asked => "), "the request's line")
    wait_until(lambda: read("spawned uWSGI worker 1 "), "the worker's line")
    assert one.binary.run("--stop", str(tmp_path / "server.pid"), "--wait").returncode == 0
    wait_until(lambda: read("goodbye to uWSGI."), "the last line")
    os.close(read_end)
