# SPDX-License-Identifier: MIT
"""Every kind of socket: who may connect, who owns the path, and what is left."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
from pathlib import Path
from typing import Callable

import http_client
import pytest
import wire
from server import Binary, ServerProcess, clean_environment
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


@pytest.mark.quick
@pytest.mark.parametrize("option", ["socket", "uwsgi_socket"])
def test_tcp_with_a_port_of_the_systems_choice(server: StartServer, option: str) -> None:
    one = server("hello", **{option: "127.0.0.1:0"})
    assert one.get("/").body == b"hello"
    assert isinstance(one.address, tuple)
    assert one.address[1] > 0


@pytest.mark.quick
@pytest.mark.parametrize("mode,bits", [("666", 0o666), ("660", 0o660), ("1", 0o666)])
def test_chmod_socket_is_applied(server: StartServer, tmp_path: Path, mode: str, bits: int) -> None:
    one = server("hello", socket=tmp_path / "s.sock", chmod_socket=mode)
    assert stat.S_IMODE((tmp_path / "s.sock").stat().st_mode) == bits
    assert one.get("/").body == b"hello"
    assert one.stop() == 0
    assert not (tmp_path / "s.sock").exists()


@pytest.fixture
def public_app(tmp_path: Path) -> Path:
    """Return an application that any user can read, in a directory that any can use."""
    for directory in tmp_path.parents:  # pytest's own are for its user alone.
        if directory.name.startswith(("pytest-", "popen-")):
            directory.chmod(0o755)
    tmp_path.chmod(0o777)
    # The checkout may be where nobody else can read, such as root's home.
    return Path(shutil.copy(Path(__file__).parent / "apps/introspect/app.py", tmp_path))


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody else")
@pytest.mark.parametrize("has_chdir", [False, True])
def test_a_server_reloads_that_was_started_where_its_user_may_not_be(
    server: StartServer, public_app: Path, has_chdir: bool
) -> None:
    closed = public_app.parent / "closed"
    closed.mkdir(mode=0o700)
    place = {"chdir": public_app.parent} if has_chdir else {}
    one = server(
        wsgi_file=public_app, uid="nobody", gid="nogroup", add_gid="adm", cwd=closed, **place
    )
    assert str(grp.getgrnam("adm").gr_gid) in one.post("/", b"os.getgroups()").text
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert one.post("/", b"os.getuid()").text == str(pwd.getpwnam("nobody").pw_uid)
    one.settled_files = {}


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody else")
def test_a_reload_reads_the_configuration_as_the_user_of_the_start(
    server: StartServer, tmp_path: Path, public_app: Path
) -> None:
    ini = f"wsgi-file = {public_app}\nsocket = {tmp_path}/%U-%u-%t.sock\nuid = nobody"
    one = server(ini=ini)
    (path,) = tmp_path.glob("root-0-*.sock")
    one._addresses = [str(path)]
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert list(tmp_path.glob("*.sock")) == [path]
    one.settled_files = {}


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give a socket away")
def test_chown_socket_and_uid_are_applied(
    server: StartServer, tmp_path: Path, public_app: Path
) -> None:
    nobody = pwd.getpwnam("nobody")
    one = server(
        wsgi_file=public_app,
        socket=tmp_path / "s.sock",
        chown_socket="nobody:nogroup",
        uid="nobody",
        gid="nogroup",
        processes=2,
    )
    found = (tmp_path / "s.sock").stat()
    assert (found.st_uid, found.st_gid) == (nobody.pw_uid, nobody.pw_gid)
    answer = one.post("/", b"[os.getuid(), os.getgid(), os.geteuid()]")
    assert answer.text == f"[{nobody.pw_uid}, {nobody.pw_gid}, {nobody.pw_uid}]"
    one.wait_log(rf"setuid\(\) to {nobody.pw_uid}")


@pytest.mark.quick
def test_the_path_of_a_living_server_is_not_stolen(
    server: StartServer, binary: Binary, tmp_path: Path
) -> None:
    one = server("hello", socket=tmp_path / "s.sock")
    other = binary.run(
        *("--socket", str(tmp_path / "s.sock")),
        *("--wsgi-file", str(Path(__file__).parent / "apps/hello/app.py")),
    )
    assert other.returncode == 1
    assert "s.sock" in other.stderr
    assert one.get("/").body == b"hello"


@pytest.mark.quick
def test_a_stale_path_is_replaced(server: StartServer, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "s.sock"))
    assert server("hello", socket=tmp_path / "s.sock").get("/").body == b"hello"


def test_a_file_in_the_way_is_not_removed(binary: Binary, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("data")
    asked = binary.run(
        *("--socket", str(tmp_path / "precious")),
        *("--wsgi-file", str(Path(__file__).parent / "apps/hello/app.py")),
    )
    assert asked.returncode == 1
    assert (tmp_path / "precious").read_text() == "data"


@pytest.mark.quick
def test_a_port_in_use_is_said(server: StartServer, binary: Binary) -> None:
    one = server("hello", socket="127.0.0.1:0")
    other = binary.run("--socket", one.address_text, "--module", "nothing")
    assert other.returncode == 1
    assert one.address_text in other.stderr
    assert "in use" in other.stderr


def test_an_abstract_socket_serves(server: StartServer, tmp_path: Path) -> None:
    one = server("hello", socket=f"@{tmp_path.name}-{os.getpid()}")
    assert one.get("/").body == b"hello"


def test_several_sockets_of_several_kinds_serve(server: StartServer, tmp_path: Path) -> None:
    one = server("hello", socket=[tmp_path / "a.sock", tmp_path / "b.sock"], processes=2)
    for address in one.addresses():
        one._addresses = [address]
        assert one.get("/").body == b"hello"
    one._addresses = [str(tmp_path / "a.sock"), str(tmp_path / "b.sock")]


def test_protocol_http_makes_a_socket_speak_http(server: StartServer) -> None:
    one = server("hello", socket="127.0.0.1:0", protocol="http")
    assert one.get("/").body == b"hello"


def test_a_listening_socket_on_stdin_is_used(binary: Binary, tmp_path: Path) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(50)
    app = Path(__file__).parent / "apps/hello/app.py"
    with open(tmp_path / "server.log", "wb") as log:
        process = subprocess.Popen(
            binary.command("--master", "--die-on-term", "--wsgi-file", str(app)),
            stdin=listener,
            stdout=log,
            stderr=log,
            env=clean_environment({}),
        )
    try:
        one = ServerProcess(binary, tmp_path)
        one.process = process
        one._addresses = [listener.getsockname()]
        one.wait_ready()
        assert one.get("/").body == b"hello"
    finally:
        process.terminate()
        process.wait(10)
        listener.close()


def test_the_backlog_is_clamped_with_a_warning(server: StartServer) -> None:
    one = server("hello", listen=1_000_000)
    assert one.log_lines("(?i)^warning: .*(listen|backlog)")
    assert one.get("/").body == b"hello"


def test_no_socket_at_all_is_an_error(binary: Binary, tmp_path: Path) -> None:
    asked = binary.run("--module", "nothing", cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert asked.returncode == 1
    assert "socket" in asked.stderr


def test_ipv6_serves(server: StartServer) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            port = probe.getsockname()[1]
    except OSError:
        pytest.skip("there is no IPv6 here")
    one = server("hello", socket=f"[::1]:{port}")
    assert one.get("/").body == b"hello"


def test_a_vanished_socket_file_does_not_disturb_the_stop(
    server: StartServer, tmp_path: Path
) -> None:
    one = server("hello", socket=tmp_path / "s.sock")
    (tmp_path / "s.sock").unlink()
    assert one.stop() == 0


def test_vacuum_leaves_the_socket_of_a_successor(server: StartServer, tmp_path: Path) -> None:
    one = server("hello", socket=tmp_path / "s.sock")
    (tmp_path / "s.sock").unlink()
    successor = server("hello", name="successor", socket=tmp_path / "s.sock")
    assert one.stop() == 0
    one._addresses = []
    assert successor.get("/").body == b"hello"
    wait_until(lambda: wire.connects(successor.address), "the successor")


@pytest.mark.quick
@pytest.mark.parametrize("url", ["http://{}:{}", "http://{}:{}/"])
def test_an_http_socket_may_be_written_as_a_url(
    new_server: Callable[..., ServerProcess], url: str
) -> None:
    one = new_server()
    address = wire.free_port()
    one.start("hello", args=["--http", url.format(*address)], ready=False)
    one.wait_log("^ready in ")
    assert http_client.request(address).body == b"hello"


@pytest.mark.parametrize(
    "line, remedy",
    [
        ("http = https://localhost:8000", "set https = ADDRESS,CERTIFICATE,KEY"),
        ("http-socket = http://localhost", "the port is missing"),
        ("socket = http://localhost:8000", "for HTTP the option http"),
    ],
)
def test_a_url_of_another_kind_is_an_error_with_a_remedy(
    new_server: Callable[..., ServerProcess], line: str, remedy: str
) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("invalid socket address")
    one.start("hello", ini=line, ready=False)
    assert one.wait_exit() == 1
    assert one.log_lines(rf"server.ini:\d+: .*{remedy}")
