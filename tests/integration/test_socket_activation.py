# SPDX-License-Identifier: MIT
"""Sockets that the server is started with, as a service manager hands them over."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import Callable, Iterator

import pytest
from server import APPS, ServerProcess
from waiting import wait_until

NewServer = Callable[..., ServerProcess]

APP = APPS / "hello" / "app.py"


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen(64)
        yield one


def reload_and_ask(one: ServerProcess, times: int = 3) -> None:
    """Reload again and again; whoever answers next is new."""
    for _ in range(times):
        before = one.workers()
        one.send_signal(signal.SIGHUP)
        one.wait_replaced(before)
        assert one.get("/").body == b"hello"


@pytest.mark.quick
def test_reloads_keep_a_socket_that_no_option_names(
    new_server: NewServer, listening: socket.socket
) -> None:
    one = new_server().start(sockets=[listening], ini=f"wsgi-file = {APP}")
    assert one.get("/").body == b"hello"
    reload_and_ask(one)


@pytest.mark.quick
def test_reloads_keep_a_socket_on_standard_input(
    new_server: NewServer, listening: socket.socket
) -> None:
    one = new_server().start(stdin=listening, ini=f"wsgi-file = {APP}")
    assert one.get("/").body == b"hello"
    reload_and_ask(one)


@pytest.mark.quick
def test_a_reload_may_take_all_sockets_away_but_an_inherited_one(
    new_server: NewServer, listening: socket.socket, tmp_path: Path
) -> None:
    own = tmp_path / "own.sock"
    one = new_server().start(sockets=[listening], ini=f"wsgi-file = {APP}\nsocket = {own}")
    ini = tmp_path / "server.ini"
    ini.write_text(ini.read_text().replace(f"socket = {own}\n", ""))
    reload_and_ask(one)
    wait_until(lambda: not own.exists(), "the own socket to go")


@pytest.mark.quick
def test_a_reload_may_change_what_an_inherited_socket_speaks(
    new_server: NewServer, listening: socket.socket, tmp_path: Path
) -> None:
    one = new_server().start(sockets=[listening], ini=f"wsgi-file = {APP}")
    assert one.get("/").body == b"hello"
    ini = tmp_path / "server.ini"
    ini.write_text(ini.read_text() + "protocol = http\n")
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    one._wire = "http"
    assert one.get("/").body == b"hello"


@pytest.mark.quick
@pytest.mark.parametrize("number", [0, 3])
def test_an_inherited_socket_may_be_named_by_its_descriptor(
    new_server: NewServer, listening: socket.socket, number: int
) -> None:
    given = {"sockets": [listening]} if number == 3 else {"stdin": listening}
    one = new_server().start(ini=f"wsgi-file = {APP}\nhttp-socket = fd://{number}", **given)
    one._wire = "http"
    assert one.get("/").body == b"hello"
    reload_and_ask(one)
    assert len(one.log_lines("^uwsgi socket")) == 1


@pytest.mark.quick
def test_a_reload_sees_the_environment_of_the_start(
    new_server: NewServer, listening: socket.socket
) -> None:
    ini = f"wsgi-file = {APP}\nif-not-env = LISTEN_FDS\nsocket = /nowhere/x.sock\nendif ="
    one = new_server().start(sockets=[listening], ini=ini)
    reload_and_ask(one, 1)
