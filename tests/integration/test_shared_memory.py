# SPDX-License-Identifier: MIT
"""Whatever a worker writes to what it shares with the master, the master lives and judges right."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Callable

import processes
import pytest
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

SCOREBOARD = "uwsgi-scoreboard"


def scoreboard_of(pid: int) -> Path:
    """Return the master's descriptor of the memory, by which a test may write to it."""
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        if SCOREBOARD in os.readlink(entry):
            return entry
    raise AssertionError("the master has no scoreboard")


def fill(path: Path, byte: bytes) -> None:
    """Overwrite all of the memory."""
    with path.open("r+b") as memory:
        memory.write(byte * path.stat().st_size)


@pytest.mark.quick
def test_only_the_master_has_the_descriptor_of_the_shared_memory(server: StartServer) -> None:
    one = server("hello", processes=2)
    family = processes.descendants(one.pid)
    holders = {pid for pid in family for f in processes.open_files(pid) if SCOREBOARD in f}
    assert scoreboard_of(one.pid)
    assert holders == set()


@pytest.mark.quick
def test_the_size_of_the_shared_memory_is_fixed(server: StartServer) -> None:
    one = server("hello", processes=2)
    path = scoreboard_of(one.pid)
    for size in (0, 10, 1 << 20):
        with pytest.raises(PermissionError):
            os.truncate(path, size)


@pytest.mark.quick
@pytest.mark.parametrize("harakiri", [0, 60])
@pytest.mark.parametrize("byte", [b"\x01", b"A", b"\xff"])
def test_rubbish_in_the_shared_memory_is_no_more_than_a_wrong_number(
    server: StartServer, byte: bytes, harakiri: int
) -> None:
    one = server("hello", processes=2, threads=3, harakiri=harakiri)
    before = one.workers()
    path = scoreboard_of(one.pid)
    fill(path, byte)
    one.send_signal(signal.SIGUSR1)
    one.wait_log("^generation 1: [0-9]+ requests")
    assert one.get("/").body == b"hello"
    os.kill(before[1], signal.SIGKILL)
    one.expect_errors("DAMN ! worker 1 ")
    one.wait_replaced({1: before[1]})
    assert one.workers()[2] == before[2]
    fill(path, byte)
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert one.get("/").body == b"hello"
    assert one.stop() == 0
    assert not one.log_lines("HARAKIRI")


@pytest.mark.quick
def test_rubbish_on_the_channel_leaves_the_master_listening(
    server: StartServer, tmp_path: Path
) -> None:
    # A message says that a worker was forked whose pid is -1: whom would the master kill? Kind 12
    # passes a signal on, and does what it says.
    (tmp_path / "writing.py").write_text(
        "import os, select, socket, struct\n"
        "RUBBISH = [b'', b'x', b'x' * 10, b'x' * 100]\n"
        "RUBBISH += [struct.pack('2i16s2i', kind, seat, b'worker', slot, pid)\n"
        "            for kind in range(-1, 14) for seat in (-1, 1, 99)\n"
        "            for slot in (-1, 0, 1, 99) for pid in (-1, 0, 1)]\n"
        "RUBBISH += [struct.pack('3i', kind, 1, 9) for kind in range(-1, 12) if kind != 9]\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    if environ['PATH_INFO'] == '/write':\n"
        "        channel = socket.socket(fileno=os.dup(3))\n"
        "        for text in RUBBISH:\n"
        "            select.select([], [channel], [])\n"
        "            channel.send(text)\n"
        "    return [b'served']\n"
    )
    one = server(wsgi_file=tmp_path / "writing.py", processes=2)
    one.expect_errors("DAMN", "OOPS")
    before = one.workers()
    one.get("/write")
    one.wait_log("has written to the server's own socket", count=1)
    os.kill(before[1], signal.SIGKILL)
    wait_until(lambda: one.workers().get(1) not in (None, before[1]), "worker 1 again")
    assert one.get("/").body == b"served"
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert one.get("/").body == b"served"
    assert one.stop() == 0
    assert len(one.log_lines("has written to the server's own socket")) == 1
