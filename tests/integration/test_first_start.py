# SPDX-License-Identifier: MIT
"""The first twenty minutes: an application and nothing else, and what the start says."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Callable, Iterator

import http_client
import pytest
from server import ServerProcess
from waiting import wait_until

NewServer = Callable[..., ServerProcess]
StartServer = Callable[..., ServerProcess]

APPLICATION = """
def {name}(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]
"""
FACTORY = """
def create_app():
    def site(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"served"]
    return site
"""


def nobody_listens() -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", 8000))
            return True
    return False


@pytest.fixture
def default_port() -> Iterator[tuple[str, int]]:
    """Return the address of a start without a socket; other tests wait for it meanwhile."""
    with open("/tmp/uwsgi-tests-port-8000", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wait_until(nobody_listens, "port 8000 to be free", 20)
        yield ("127.0.0.1", 8000)


@pytest.mark.quick
@pytest.mark.parametrize(
    "argument,file,source",
    [
        ("app:app", "app.py", APPLICATION.format(name="app")),
        ("app.py", "app.py", APPLICATION.format(name="application")),
        ("./app.py", "app.py", APPLICATION.format(name="app")),
        ("app.py", "app.py", FACTORY),
        ("app.py:create_app()", "app.py", FACTORY),
        (".", "app.py", APPLICATION.format(name="app")),
        (".", "wsgi.py", APPLICATION.format(name="application")),
        ("site", "site/app.py", FACTORY),
        ("mysite.wsgi:application", "mysite/wsgi.py", APPLICATION.format(name="application")),
    ],
)
def test_an_application_alone_is_served_to_this_machine(
    new_server: NewServer,
    tmp_path: Path,
    default_port: tuple[str, int],
    argument: str,
    file: str,
    source: str,
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(source)
    one = new_server().launch(argument, cwd=tmp_path)
    one.wait_ready()
    assert http_client.request(default_port, "GET", "/").body == b"served"
    served = f"no socket is configured: {argument} is served at http://127.0.0.1:8000/ (see --http)"
    assert served in one.log
    one.wait_log(r"^uWSGI http bound on http://127\.0\.0\.1:8000/ fd \d+$")


def test_a_socket_of_the_configuration_is_the_only_one(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APPLICATION.format(name="app"))
    one = server(args=["app.py"], http="127.0.0.1:0")
    assert one.get("/").body == b"served"
    assert not one.log_lines("127.0.0.1:8000")


@pytest.mark.parametrize(
    "args,source,message",
    [
        (
            ["--http", "127.0.0.1:0", "--wsgi-file", "app.py"],
            APPLICATION.format(name="app"),
            "app.py has app, no application: use app.py:app",
        ),
        (
            ["--http", "127.0.0.1:0", "--module", "app"],
            FACTORY,
            "app has create_app, no application: use app:create_app()",
        ),
        (
            ["--http", "127.0.0.1:0", "app.py"],
            "import no_such_package\n",
            "the environment .venv is there, but not in use: start with --home .venv",
        ),
        (["--http", "127.0.0.1:0", "."], None, ". has neither wsgi.py nor app.py"),
    ],
)
def test_errors_point_on(
    new_server: NewServer, tmp_path: Path, args: list[str], source: str | None, message: str
) -> None:
    if source is not None:
        (tmp_path / "app.py").write_text(source)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    one = new_server().launch(*args, cwd=tmp_path)
    one.expected_status = 22
    one.expect_errors()
    assert one.wait_exit() == 22
    assert message in one.log


@pytest.mark.parametrize(
    "args,message",
    [
        (["--bind", "0.0.0.0:80", "app:app"], "--bind: no such option: the address is http ="),
        (["--certfile", "a.pem", "app:app"], "https = HOST:PORT,CERTIFICATE,KEY"),
        (["--workers", "auto", "--nope", "app:app"], "--nope: no such option"),
        (["-w", "4", "app:app"], "the number of workers is processes here"),
        ([], "with an application as its argument"),
    ],
)
def test_words_of_other_servers_name_ours(
    new_server: NewServer, args: list[str], message: str
) -> None:
    done = new_server().binary.run(*args)
    assert done.returncode == 1
    assert message in done.stderr


@pytest.mark.quick
def test_the_start_says_what_is_used(server: StartServer, tmp_path: Path, virtualenv: str) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    path = tmp_path / "site.sock"
    one = server("hello", socket=path, chmod_socket=660, http="127.0.0.1:0", home=tmp_path / "venv")
    assert f"[uWSGI] getting INI configuration from {tmp_path / 'server.ini'}\n" in one.log
    assert (
        f"Python environment: {tmp_path}/venv, sys.executable is {tmp_path}/venv/bin/python\n"
        in one.log
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    user = pwd.getpwuid(os.getuid()).pw_name
    one.wait_log(rf"^uwsgi socket 0 bound to UNIX address {path} \(mode 660, owner {user}:.+\) fd")
    one.wait_log(r"^uWSGI http bound on http://127\.0\.0\.1:\d+/ \(port auto-assigned\) fd \d+$")
    one.wait_log(r"^WSGI app 0 \(mountpoint=''\) ready in \d+\.\d{3} seconds pid: \d+ ")
    one.wait_log(r"^spawned uWSGI worker 1 \(pid: \d+, cores: 1\)$")
    assert not one.log_lines("on interpreter|ready in 0 seconds")
