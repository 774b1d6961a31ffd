# SPDX-License-Identifier: MIT
"""Who is whose parent, what survives whom, and what is left in the end: nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Callable

import processes
import pytest
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


def evaluate(one: ServerProcess, expression: str) -> Any:
    """Evaluate Python inside a worker."""
    return json.loads(one.post("/", expression.encode()).body)


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
def test_nothing_survives_a_master_that_was_killed(server: StartServer, lazy: bool) -> None:
    one = server("hello", processes=3, threads=2, lazy_apps=lazy)
    one.expected_status = -signal.SIGKILL
    one.expect_errors("the master is gone")
    family = processes.descendants(one.pid) | {one.pid}
    assert len(family) >= 4
    one.send_signal(signal.SIGKILL)
    wait_until(lambda: not [p for p in family if processes.alive(p)], "every process to go", 5)
    for address in one.addresses():
        if isinstance(address, str):
            os.unlink(address)


def test_nothing_survives_a_master_killed_while_it_loads(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(30)\n")
    one = server(wsgi_file=tmp_path / "slow.py", processes=3, ready=False)
    one.expected_status = -signal.SIGKILL
    wait_until(lambda: len(processes.descendants(one.pid)) >= 1, "the loading process")
    one.send_signal(signal.SIGKILL)
    one.wait_exit()
    for path in tmp_path.glob("*.sock"):
        path.unlink()


@pytest.mark.quick
def test_every_process_is_the_masters_child(server: StartServer) -> None:
    one = server("hello", processes=3)
    for pid in processes.descendants(one.pid):
        assert processes.parent(pid) == one.pid


def test_killed_workers_come_back_again_and_again(server: StartServer) -> None:
    one = server("hello", processes=4, threads=2)
    one.expect_errors("DAMN")
    for _ in range(5):
        before = one.workers()
        for wid in (1, 3):
            os.kill(before[wid], signal.SIGKILL)
        wait_until(
            lambda before=before: not processes.alive(before[1])
            and not processes.alive(before[3])
            and len(one.workers()) == 4,
            "the killed workers to be replaced",
            15,
        )
        assert one.get("/").body == b"hello"
    one.settled_files = {}


def test_the_code_that_only_loading_ran_does_not_stay_in_memory(server: StartServer) -> None:
    one = server("hello", processes=2)
    workers = one.workers()
    zygotes = processes.descendants(one.pid) - set(workers.values())
    if not zygotes:
        pytest.skip("this server has no zygote")
    (zygote,) = zygotes
    wait_until(
        lambda: processes.file_bytes(zygote) < processes.file_bytes(workers[1]),
        "the zygote to let go of what it has read of files",
    )
    os.kill(workers[1], signal.SIGKILL)
    one.expect_errors("worker 1")
    one.wait_replaced({1: workers[1]})
    assert one.get("/").status == 200


def test_a_zygote_that_was_killed_is_replaced_and_workers_serve_on(server: StartServer) -> None:
    one = server("hello", processes=2)
    one.expect_errors()
    workers = one.workers()
    zygotes = processes.descendants(one.pid) - set(workers.values())
    if not zygotes:
        pytest.skip("this server has no zygote")
    for pid in zygotes:
        os.kill(pid, signal.SIGKILL)
    assert one.get("/").body == b"hello"
    os.kill(workers[1], signal.SIGKILL)
    wait_until(lambda: one.workers().get(1) not in (None, workers[1]), "worker 1 again", 15)
    assert one.get("/").body == b"hello"
    one.settled_files = {}


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
def test_the_process_that_imports_is_the_master_to_python(server: StartServer, lazy: bool) -> None:
    one = server("introspect", processes=2, lazy_apps=lazy)
    at_import = evaluate(one, "AT_IMPORT")
    assert at_import["pid_is_masterpid"] is not lazy
    assert at_import["in_sys_modules"] is True
    assert evaluate(
        one,
        "[uwsgi.masterpid(), os.getpid() in uwsgi_pids]".replace(
            "uwsgi_pids", "[w['pid'] for w in uwsgi.workers()]"
        ),
    ) == [one.pid, True]


def test_a_pid_remembered_at_import_still_reaches_the_service(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "remembers.py").write_text(
        "import os, signal, uwsgi\n"
        "MASTER = uwsgi.masterpid()\n"
        "def application(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/reload':\n"
        "        os.kill(MASTER, signal.SIGHUP)\n"
        "    start_response('200 OK', [])\n"
        "    return [str(os.getpid()).encode()]\n"
    )
    one = server(wsgi_file=tmp_path / "remembers.py")
    before = one.get("/reload").body
    wait_until(lambda: one.get("/").body != before, "a new generation")
    assert one.is_running()
    one.settled_files = {}


# Sends what no process of the server sends to the master, by the descriptors that may reach it.
STRAY = """
import contextlib, os, socket, stat, struct

VICTIM = int(os.environ["VICTIM"])

def sockets():
    for fd in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                with socket.socket(fileno=os.dup(fd)) as one:
                    if one.type == socket.SOCK_SEQPACKET:
                        yield one

def application(environ, start_response):
    sent = 0
    for one in sockets():
        for stray in (b"0123456789", b"", b"x" * 1000, struct.pack("5i", 5, 1, 0, VICTIM, 0),
                      struct.pack("5i", 5, 1, 7, VICTIM, 0), struct.pack("5i", 7, 0, 0, 0, 99),
                      struct.pack("2i16s2i", 5, 1, b"worker", 0, VICTIM),
                      struct.pack("2i16s2i", 5, 1, b"worker", 1, VICTIM)):
            sent += one.send(stray, socket.MSG_DONTWAIT)
    start_response("200 OK", [])
    return [b"%d" % sent]
"""


@pytest.mark.quick
@pytest.mark.not_for_oracle  # It may believe what it reads there.
def test_stray_bytes_do_not_deafen_the_master(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "stray.py").write_text(STRAY)
    with subprocess.Popen(["sleep", "600"]) as victim:
        one = server(wsgi_file=tmp_path / "stray.py", env={"VICTIM": str(victim.pid)})
        one.expect_errors("DAMN")
        before = one.workers()
        assert int(one.get("/").body) >= 1070
        assert int(one.get("/").body) >= 1070
        os.kill(before[1], signal.SIGKILL)
        one.wait_replaced(before)
        assert int(one.get("/").body) >= 1070
        before = one.workers()
        one.send_signal(signal.SIGHUP)
        one.wait_replaced(before)
        assert len(one.log_lines("has written to the server's own socket")) == 1
        assert victim.poll() is None
        victim.kill()


@pytest.mark.quick
def test_without_a_master_there_is_one_process(server: StartServer) -> None:
    one = server("introspect", master=False, threads=2)
    assert processes.descendants(one.pid) == set()
    assert evaluate(one, "[os.getpid(), uwsgi.masterpid()]") == [one.pid, 0]
    assert one.stop() == 0


def test_a_worker_that_crashes_at_once_is_not_forked_without_a_pause(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "crash.py").write_text(
        "import os\nimport uwsgidecorators\n"
        "@uwsgidecorators.postfork\ndef crash():\n"
        "    if os.path.exists(os.environ['CRASH']): os.kill(os.getpid(), 11)\n"
        "def application(e, s):\n    s('200 OK', [])\n    return [b'ok']\n"
    )
    crash = tmp_path / "crash-now"
    one = server(wsgi_file=tmp_path / "crash.py", env={"CRASH": str(crash)})
    one.expect_errors()
    crash.touch()
    os.kill(one.workers()[1], signal.SIGKILL)
    one.wait_log("killed by signal 11", count=2, timeout=15)
    assert len(one.log_lines("killed by signal 11")) < 10
    crash.unlink()
    wait_until(lambda: one.workers(), "a worker that lives", 15)
    one.settled_files = {}


def test_atexit_runs_once_in_each_worker(server: StartServer) -> None:
    one = server("introspect", processes=2)
    workers = one.workers()
    assert one.stop() == 0
    ran = one.log_lines("^uwsgi.atexit ran in")
    assert sorted(ran) == sorted(f"uwsgi.atexit ran in {pid}" for pid in workers.values())


def test_processes_are_named_as_asked(server: StartServer) -> None:
    one = server("hello", processes=2, auto_procname=True, procname_prefix_spaced="[site]")
    for pid in one.workers().values():
        title = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        assert title.startswith("[site] uWSGI worker"), title
    assert b"[site] uWSGI master" in Path(f"/proc/{one.pid}/cmdline").read_bytes()
