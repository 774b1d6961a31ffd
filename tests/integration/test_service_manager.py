# SPDX-License-Identifier: MIT
"""What systemd is told, with a socket that plays systemd."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest
from server import ServerProcess
from waiting import patience, wait_until

StartServer = Callable[..., ServerProcess]

SHOWS = """
import os
def application(environ, start_response):
    start_response("200 OK", [])
    return [os.environ.get("NOTIFY_SOCKET", "").encode()]
"""


class Manager:
    """Takes messages as systemd does, and knows who sent each."""

    def __init__(self, name: str) -> None:
        """Listen at a path, or at the abstract `@name`."""
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.settimeout(20 * patience())
        self.senders: set[int] = set()

    def next(self) -> dict[str, str]:
        """Return the next message that is no sign of life."""
        while True:
            message = self.take()
            if "WATCHDOG" not in message:
                return message

    def take(self) -> dict[str, str]:
        """Return the next message."""
        text, control, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(12))
        self.senders.add(int.from_bytes(control[0][2][:4], "little"))
        assert text.endswith(b"\n")
        return dict(line.split("=", 1) for line in text.decode().splitlines())


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    is_file = request.param == "file"
    one = Manager(str(tmp_path / "notify") if is_file else f"@uwsgi-test-{os.getpid()}")
    yield one
    one.socket.close()


def words(one: ServerProcess, status: str, **others: str) -> dict[str, str]:
    return {**others, "MAINPID": str(one.pid), "STATUS": status}


@pytest.mark.quick
def test_the_manager_follows_a_start_ten_reloads_and_a_stop(
    server: StartServer, manager: Manager
) -> None:
    before = time.monotonic_ns() // 1000
    one = server("hello", processes=2, env={"NOTIFY_SOCKET": manager.name})
    assert manager.next() == words(one, "starting")
    assert manager.next() == words(one, "serving", READY="1")
    for _ in range(10):
        asked = time.monotonic_ns() // 1000
        one.send_signal(signal.SIGHUP)
        message = manager.next()
        assert before <= asked <= int(message.pop("MONOTONIC_USEC")) <= time.monotonic_ns() // 1000
        assert message == words(one, "reloading", RELOADING="1")
        assert manager.next() == words(one, "serving", READY="1")
    one.settled_files = {}
    one.send_signal(signal.SIGTERM)
    assert manager.next() == words(one, "stopping", STOPPING="1")
    assert one.wait_exit() == 0
    manager.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.take()
    assert manager.senders == {one.pid}


@pytest.mark.quick
def test_reloads_that_come_at_once_end_in_ready(server: StartServer, manager: Manager) -> None:
    one = server("hello", env={"NOTIFY_SOCKET": manager.name})
    for _ in range(10):
        one.send_signal(signal.SIGHUP)
        assert manager.socket.fileno() >= 0
    one.wait_log("SIGHUP received")
    seen: list[dict[str, str]] = []

    def is_through() -> bool:
        seen.append(manager.next())
        return any("RELOADING" in message for message in seen) and "READY" in seen[-1]

    wait_until(is_through, "READY after the reloads")
    one.settled_files = {}
    assert one.get().body == b"hello"


def test_a_reload_that_fails_is_told_and_is_ready_again(
    server: StartServer, manager: Manager, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(SHOWS)
    one = server(wsgi_file=tmp_path / "app.py", env={"NOTIFY_SOCKET": manager.name})
    one.expect_errors()
    assert [manager.next().get("READY") for _ in range(2)] == [None, "1"]
    (tmp_path / "app.py").write_text("import nothing_like_that")
    one.send_signal(signal.SIGHUP)
    assert manager.next()["RELOADING"] == "1"
    status = "serving as before: the last reload failed, see the log"
    assert manager.next() == words(one, status, READY="1")


def test_a_start_that_fails_is_told(server: StartServer, manager: Manager, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import nothing_like_that")
    one = server(wsgi_file=tmp_path / "app.py", env={"NOTIFY_SOCKET": manager.name}, ready=False)
    one.expect_errors()
    one.expected_status = 22
    assert one.wait_exit() == 22
    assert manager.next() == words(one, "starting")
    assert manager.next() == words(one, "stopping", STOPPING="1")
    assert manager.next() == words(one, "ended with exit status 22, see the log", STOPPING="1")


@pytest.mark.quick
def test_the_watchdog_is_fed_through_reloads(server: StartServer, manager: Manager) -> None:
    granted = 400_000
    environment = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": str(granted)}
    one = server("hello", env=environment)
    one.send_signal(signal.SIGHUP)
    taken: list[dict[str, str]] = []
    pings = 0
    while pings < 10:
        taken.append(manager.take())
        pings += taken[-1] == {"WATCHDOG": "1"}
    assert {"RELOADING", "READY"} <= {name for message in taken for name in message}
    one.settled_files = {}
    assert manager.senders == {one.pid}


def test_a_watchdog_of_another_process_is_not_fed(server: StartServer, manager: Manager) -> None:
    environment = {
        "NOTIFY_SOCKET": manager.name,
        "WATCHDOG_USEC": "1000",
        "WATCHDOG_PID": str(os.getpid()),
    }
    one = server("hello", env=environment)
    one.stop()
    messages = [manager.take() for _ in range(3)]
    assert [message["STATUS"] for message in messages] == ["starting", "serving", "stopping"]


def test_a_daemon_names_its_own_pid(server: StartServer, manager: Manager, tmp_path: Path) -> None:
    one = server("hello", daemonize=tmp_path / "daemon.log", env={"NOTIFY_SOCKET": manager.name})
    assert one.process is not None
    assert one.pid != one.process.pid
    assert manager.next() == words(one, "starting")
    assert manager.next() == words(one, "serving", READY="1")


def test_a_server_without_a_master_is_told_of_too(server: StartServer, manager: Manager) -> None:
    one = server("hello", master=False, env={"NOTIFY_SOCKET": manager.name})
    assert manager.next() == words(one, "starting")
    assert manager.next() == words(one, "serving", READY="1")


@pytest.mark.quick
def test_applications_see_the_variable_as_under_uwsgi(
    server: StartServer, manager: Manager, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(SHOWS)
    one = server(wsgi_file=tmp_path / "app.py", env={"NOTIFY_SOCKET": manager.name})
    assert one.get().text == manager.name


@pytest.mark.parametrize(
    "value,said", [("relative", "is no address of a service manager"), ("/nowhere", "No such file")]
)
def test_a_manager_that_is_not_there_costs_one_warning(
    server: StartServer, value: str, said: str
) -> None:
    one = server("hello", env={"NOTIFY_SOCKET": value})
    assert one.get().body == b"hello"
    assert len(one.log_lines(rf"^warning: .*NOTIFY_SOCKET.*{re.escape(said)}")) == 1
