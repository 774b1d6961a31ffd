# SPDX-License-Identifier: MIT
"""Where the log goes, and that no line is lost when a file is rotated."""

from __future__ import annotations

import itertools
import os
import re
import signal
import time
from pathlib import Path
from typing import Any, Callable

import pytest
from clients import LoopingClients
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

PRINTS = """
import sys
def application(environ, start_response):
    print("from the application", file=sys.stderr)
    start_response("200 OK", [])
    return [b"x"]
"""

# A line of the master, one of a worker's application, and one of the request log.
KINDS = ("spawned uWSGI worker 1 ", "from the application", "GET /asked => ")


@pytest.mark.quick
@pytest.mark.parametrize(
    "options,files",
    [
        ({"logger": "stdio"}, ["server.log"]),
        ({"logger": "name stdio"}, ["server.log"]),
        ({"logger": "file:a.log"}, ["a.log"]),
        ({"logger": "file:logfile=a.log,maxsize=100000"}, ["a.log"]),
        ({"logger": ["file:a.log", "stdio"]}, ["a.log", "server.log"]),
        ({"logger": ["stdio", "file:a.log", "file:b.log"]}, ["server.log", "a.log", "b.log"]),
        ({"logto": "c.log", "logger": "file:a.log"}, ["a.log"]),
        ({"logto": "c.log", "logger": ["file:a.log", "stdio"]}, ["a.log", "c.log"]),
        ({"logto2": "c.log", "logger": ["file:a.log", "stdio"]}, ["a.log", "c.log"]),
        ({"logto2": "c.log", "log_maxsize": 100_000}, ["c.log"]),
        ({"logto": "c.log", "log_maxsize": 100_000}, ["c.log"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_the_whole_log_goes_to_each_logger(
    server: StartServer, tmp_path: Path, options: dict[str, Any], files: list[str]
) -> None:
    (tmp_path / "prints.py").write_text(PRINTS)
    one = server(wsgi_file=tmp_path / "prints.py", ready=False, **options)
    one.log_path = tmp_path / files[0]
    one.wait_ready()
    one.get("/asked")
    for kind in KINDS:
        one.wait_log(re.escape(kind))
    one.stop()
    for name in ("a.log", "b.log", "c.log", "server.log"):
        path = tmp_path / name
        text = path.read_text() if path.exists() else ""
        counts = [text.count(kind) for kind in KINDS]
        expected = [1, 1, 1] if name in files else [0, 0, 0]
        assert counts == expected, name
    assert one.log_lines("^warning: ") == []


def test_a_daemon_logs_to_its_logger(server: StartServer, tmp_path: Path) -> None:
    one = server(
        "hello", daemonize=tmp_path / "d.log", logger=f"file:{tmp_path}/a.log", ready=False
    )
    one.log_path = tmp_path / "a.log"
    one.wait_ready()
    one.get("/asked")
    one.wait_log("GET /asked => ")
    assert (tmp_path / "d.log").read_text() == ""


@pytest.mark.parametrize(
    "logger,warning",
    [("name file:a.log", "log-route"), ("syslog:site", "not built yet")],
)
def test_a_logger_that_gets_nothing_is_told(
    server: StartServer, tmp_path: Path, logger: str, warning: str
) -> None:
    one = server("hello", logger=logger)
    assert len(one.log_lines(f"^warning: .*logger = {logger}: .*{warning}")) == 1
    one.get("/asked")
    one.wait_log("GET /asked => ")
    assert not (tmp_path / "a.log").exists()


@pytest.mark.quick
@pytest.mark.parametrize(
    "options",
    [{"logto": "site.log"}, {"daemonize": "site.log"}, {"logger": ["file:site.log", "stdio"]}],
    ids="-".join,
)
def test_rotation_loses_no_line(
    server: StartServer, tmp_path: Path, options: dict[str, Any]
) -> None:
    log = tmp_path / "site.log"
    if "daemonize" in options:
        options = {"daemonize": log}
    began = int(time.time())
    one = server(
        "hello", processes=4, threads=4, log_maxsize=50_000, ready=False, chdir="/", **options
    )
    one.log_path = log
    one.wait_ready()
    master = one.pid
    asked = itertools.count()

    def ask() -> None:
        one.get(f"/{next(asked)}/{'f' * 200}")

    def rotated() -> list[Path]:
        return sorted(p for p in tmp_path.iterdir() if re.fullmatch(r"site\.log\.\d+", p.name))

    with LoopingClients(16, ask) as clients:
        wait_until(lambda: len(rotated()) >= 2, "two rotated files", 30)
        os.kill(master, signal.SIGHUP)
        wait_until(lambda: len(rotated()) >= 4, "four rotated files", 30)
    assert clients.failures == []
    one.log_path = rotated()[0]  # Where the banner is.
    one.stop()
    times = [int(path.suffix[1:]) for path in rotated()]
    assert began <= times[0]
    assert times[-1] <= time.time() + len(times)  # No name is taken twice.
    lines = [line for path in [log, *rotated()] for line in path.read_text().splitlines()]
    found = re.findall(r"^\[pid: .* GET /(\d+)/f{200} => ", "\n".join(lines), re.MULTILINE)
    assert sorted(map(int, found)) == list(range(next(asked)))
    whole = re.compile(r"\[pid: .* switches on core \d+\)")
    assert [line for line in lines if "fff" in line and not whole.fullmatch(line)] == []
    assert len([line for line in lines if line.startswith("logsize: ")]) == len(rotated())


@pytest.mark.quick
@pytest.mark.parametrize(
    "options",
    [
        {"daemonize": "a.log"},
        {"daemonize2": "a.log"},
        {"logto": "a.log"},
        {"logto2": "a.log"},
        {"logger": "file:a.log"},
        {"logto": "a.log", "log_maxsize": 100_000},
    ],
    ids=str,
)
def test_what_is_said_of_the_configuration_is_in_the_log(
    new_server: Callable[..., ServerProcess], tmp_path: Path, options: dict[str, Any]
) -> None:
    """So that it is found where everything else is, and on the terminal as well."""
    one = new_server()
    one.start(
        "hello",
        ready=False,
        procesess=1,
        **{
            name: str(value).replace("a.log", f"{tmp_path}/a.log")
            for name, value in options.items()
        },
    )
    one.log_path = tmp_path / "a.log"
    one.daemonized = any(name.startswith("daemonize") for name in options)
    said = "warning: .*procesess: did you mean processes"
    one.wait_log("spawned uWSGI worker 1 ")
    assert len(one.log_lines(f"^{said}")) == 1
    shell = (tmp_path / "server.log").read_text()
    assert len(re.findall(f"^{said}", shell, re.MULTILINE)) == 1


@pytest.mark.quick
def test_on_standard_error_it_is_said_once(server: StartServer) -> None:
    one = server("hello", procesess=1)
    assert len(one.log_lines("procesess")) == 1
