# SPDX-License-Identifier: MIT
"""Stopping and reloading: signals, --stop, --reload, and the files that name the server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable

import processes
import pytest
import wire
from clients import Crowd, Gate
from server import Binary, ServerProcess
from waiting import patience, wait_until

StartServer = Callable[..., ServerProcess]

# At import, leaves a mark and then blocks until the test's gate opens, for 30 s at most.
SLOW_IMPORT = """
import os, time
open(os.environ["GATE"] + "/arrived-import", "w").close()
deadline = time.monotonic() + 30
while not os.path.exists(os.environ["GATE"] + "/open") and time.monotonic() < deadline:
    time.sleep(0.01)

def application(environ, start_response):
    start_response("200 OK", [])
    return [b"at last"]
"""


@pytest.mark.quick
def test_stop_ends_a_live_server(server: StartServer, binary: Binary, tmp_path: Path) -> None:
    one = server("hello", processes=2, pidfile=tmp_path / "uwsgi.pid")
    assert (tmp_path / "uwsgi.pid").read_text() == f"{one.pid}\n"
    asked = binary.run("--stop", str(tmp_path / "uwsgi.pid"))
    assert asked.returncode == 0, asked.stderr
    assert one.wait_exit(5) == 0
    one.wait_log("goodbye to uWSGI")


def test_stop_waits_for_the_end_when_asked(
    server: StartServer, binary: Binary, tmp_path: Path
) -> None:
    one = server("hello", processes=2, pidfile=tmp_path / "uwsgi.pid")
    pid = one.pid
    with Crowd(1) as crowd:
        asked = crowd.call(binary.run, "--stop", str(tmp_path / "uwsgi.pid"), "--wait")
        assert one.wait_exit() == 0  # Reaps the master, which is this process's child.
        assert asked.result().returncode == 0
    assert not processes.alive(pid)


@pytest.mark.quick
def test_reload_keeps_the_master(server: StartServer, binary: Binary, tmp_path: Path) -> None:
    one = server("hello", processes=2, pidfile=tmp_path / "uwsgi.pid")
    before = one.workers()
    asked = binary.run("--reload", str(tmp_path / "uwsgi.pid"))
    assert asked.returncode == 0, asked.stderr
    one.wait_replaced(before)
    assert one.get("/").body == b"hello"
    assert (tmp_path / "uwsgi.pid").read_text() == f"{one.pid}\n"
    one.settled_files = {}


@pytest.mark.not_for_oracle  # It takes such a file for process 0 or -1 and signals them all.
@pytest.mark.quick
@pytest.mark.parametrize("command", ["--stop", "--reload"])
@pytest.mark.parametrize(
    "kind", ["missing", "directory", "empty", "words", "zero", "negative", "stale"]
)
def test_a_pidfile_that_names_no_server_is_said_and_nobody_is_signalled(
    binary: Binary, tmp_path: Path, command: str, kind: str
) -> None:
    path = tmp_path / "uwsgi.pid"
    ended = subprocess.Popen(["true"])
    ended.wait()
    content = {"empty": "", "words": "hello\n", "zero": "0\n", "negative": "-1\n"}
    if kind == "directory":
        path.mkdir()
    elif kind != "missing":
        path.write_text(content.get(kind, f"{ended.pid}\n"))
    asked = binary.run(command, str(path))
    assert asked.returncode == (255 if kind == "stale" else 1)
    assert asked.stderr.startswith("error: ")
    assert f"pidfile {path}" in asked.stderr
    assert asked.stderr.count("\n") == 1


@pytest.mark.not_for_oracle
@pytest.mark.quick
@pytest.mark.parametrize("command", ["--stop", "--reload"])
def test_a_foreign_process_is_not_signalled(binary: Binary, tmp_path: Path, command: str) -> None:
    foreign = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "uwsgi.pid").write_text(f"{foreign.pid}\n")
        asked = binary.run(command, str(tmp_path / "uwsgi.pid"))
        assert asked.returncode != 0
        assert str(foreign.pid) in asked.stderr + asked.stdout
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


@pytest.mark.not_for_oracle
@pytest.mark.quick
@pytest.mark.parametrize("command", ["--stop", "--reload"])
def test_what_overwrites_the_file_of_a_living_server_is_not_signalled(
    server: StartServer, binary: Binary, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "uwsgi.pid"
    one = server("hello", processes=2, pidfile=path)
    workers = one.workers()
    with subprocess.Popen(["sleep", "60"]) as foreign:
        try:
            path.write_text(f"{foreign.pid}\n")
            asked = binary.run(command, str(path))
            assert asked.returncode == 255
            said = f"names process {foreign.pid}, but its server is process {one.pid}"
            assert asked.stderr.endswith(f"pidfile {path} {said}: nobody was signalled\n")
            assert foreign.poll() is None
        finally:
            foreign.kill()
    assert one.get("/").body == b"hello"
    assert one.workers() == workers
    path.write_text(f"{one.pid}\n")
    assert binary.run("--stop", str(path)).returncode == 0
    assert one.wait_exit(5) == 0


@pytest.mark.quick
@pytest.mark.parametrize("workers,threads", [(1, 1), (2, 3)])
def test_sigterm_finishes_what_is_in_flight(
    server: StartServer, gate: Gate, workers: int, threads: int
) -> None:
    one = server("gate", processes=workers, threads=threads, env={"GATE": str(gate.directory)})
    slots = workers * threads
    with Crowd(slots) as crowd:
        answers = [crowd.call(one.get, f"/wait?{n}") for n in range(slots)]
        gate.wait_arrived(slots)
        one.send_signal(signal.SIGTERM)
        wait_until(lambda: not _accepts(one), "the server to stop accepting")
        gate.open()
    assert [a.result().status for a in answers] == [200] * slots
    assert one.wait_exit(5) == 0


def test_sigterm_waits_no_longer_than_the_mercy(server: StartServer, gate: Gate) -> None:
    env = {"GATE": str(gate.directory)}
    one = server("gate", threads=2, worker_reload_mercy=1, env=env)
    one.expect_errors()
    with Crowd(1) as crowd:
        answer = crowd.call(one.get, "/wait?never")
        gate.wait_arrived(1)
        start = time.monotonic()
        one.send_signal(signal.SIGTERM)
        assert one.wait_exit(8) == 0
        assert time.monotonic() - start < 5 * patience()
        assert answer.exception() is not None


@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_a_fast_stop_does_not_wait_for_requests(
    server: StartServer, gate: Gate, number: int
) -> None:
    one = server("gate", processes=2, threads=2, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        crowd.call(one.get, "/wait?never")
        gate.wait_arrived(1)
        start = time.monotonic()
        one.send_signal(number)
        assert one.wait_exit(5) == 0
        assert time.monotonic() - start < 2 * patience()


@pytest.mark.quick
@pytest.mark.parametrize(
    "option,half",
    [("socket", b"\x00\x40"), ("http_socket", b"GET / HT"), ("http_socket", b"")],
    ids=["half_a_packet", "half_a_line", "nothing"],
)
def test_half_a_head_does_not_hold_a_stop(server: StartServer, option: str, half: bytes) -> None:
    one = server("hello", **{option: "127.0.0.1:0"})
    with wire.connect(one.address) as client:
        client.sendall(half)
        assert one.get("/").body == b"hello"  # So those bytes were read as well.
        one.send_signal(signal.SIGTERM)
        assert one.wait_exit(8) == 0  # A head may take 30 s.


@pytest.mark.quick
def test_half_a_body_is_waited_for_by_a_stop(server: StartServer) -> None:
    one = server("body", http_socket="127.0.0.1:0")
    head = b"POST /twice HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    with wire.connect(one.address) as client:
        client.sendall(head + b"12")
        assert one.post("/twice", b"12345").text == "[5, 0, 0]"
        one.send_signal(signal.SIGTERM)
        wait_until(lambda: not _accepts(one), "the server to stop accepting")
        client.sendall(b"345")
        assert wire.parse_response(wire.read_to_end(client)).text == "[5, 0, 0]"
    assert one.wait_exit(5) == 0


def test_a_second_stop_cuts_nothing(
    server: StartServer, gate: Gate, binary: Binary, tmp_path: Path
) -> None:
    pidfile = tmp_path / "uwsgi.pid"
    one = server("gate", threads=2, pidfile=pidfile, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        answer = crowd.call(one.get, "/wait?asked-twice")
        gate.wait_arrived(1)
        for _ in range(2):
            subprocess.run(binary.command("--stop", str(pidfile)), check=True, timeout=20)
            wait_until(lambda: not _accepts(one), "the server to stop accepting")
        gate.open("asked-twice")
        assert answer.result(10).status == 200
    assert one.wait_exit(5) == 0


def test_a_second_sigterm_makes_a_graceful_stop_fast(server: StartServer, gate: Gate) -> None:
    one = server("gate", threads=2, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        crowd.call(one.get, "/wait?never")
        gate.wait_arrived(1)
        one.send_signal(signal.SIGTERM)
        wait_until(lambda: not _accepts(one), "the server to stop accepting")
        assert one.is_running()
        one.send_signal(signal.SIGTERM)
        assert one.wait_exit(3) == 0


@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
@pytest.mark.parametrize("lazy", [False, True])
def test_a_stop_during_an_import_ends_in_two_seconds(
    server: StartServer, gate: Gate, tmp_path: Path, number: int, lazy: bool
) -> None:
    (tmp_path / "slow.py").write_text(SLOW_IMPORT)
    one = server(
        wsgi_file=tmp_path / "slow.py",
        processes=5,
        threads=30,
        lazy_apps=lazy,
        env={"GATE": str(gate.directory)},
        ready=False,
    )
    gate.wait_arrived(1)
    start = time.monotonic()
    one.send_signal(number)
    assert one.wait_exit(5) == 0
    assert time.monotonic() - start < 2 * patience()


def test_a_stop_right_after_the_start_is_never_lost(server: StartServer, tmp_path: Path) -> None:
    for attempt in range(10):
        one = server("hello", name=f"server{attempt}", processes=2, ready=False)
        wait_until(lambda one=one: one.log, "the first line in the log")
        one.send_signal(signal.SIGTERM)
        assert one.wait_exit(3) == 0


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(
    "source,words",
    [
        ("import nothing_like_that", "ModuleNotFoundError"),
        ("def application(:", "SyntaxError"),
        ("other = 1", "application"),
        ("application = 5", "callable"),
        ("raise SystemExit(3)", "SystemExit"),
    ],
)
def test_no_application_is_exit_status_22(
    server: StartServer, tmp_path: Path, source: str, words: str, lazy: bool
) -> None:
    (tmp_path / "broken.py").write_text(source)
    one = server(wsgi_file=tmp_path / "broken.py", processes=2, lazy_apps=lazy, ready=False)
    one.expect_errors()
    one.expected_status = 22
    assert one.wait_exit(10) == 22
    assert one.log_lines(words)


def test_without_need_app_an_empty_server_answers_500(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import nothing_like_that")
    one = server(wsgi_file=tmp_path / "broken.py", need_app=False)
    one.expect_errors()
    answer = one.get("/")
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    one.wait_log("no python application found")


@pytest.mark.quick
def test_daemonize_detaches_and_stop_ends_it(
    server: StartServer, binary: Binary, tmp_path: Path
) -> None:
    one = server(
        "hello",
        processes=2,
        daemonize=tmp_path / "daemon.log",
        pidfile=tmp_path / "uwsgi.pid",
        chdir=tmp_path,
    )
    assert one.process is not None
    assert one.process.wait(5) == 0
    assert os.getsid(one.pid) != os.getsid(0)
    assert one.get("/").body == b"hello"
    assert (tmp_path / "uwsgi.pid").read_text() == f"{one.pid}\n"
    assert binary.run("--stop", str(tmp_path / "uwsgi.pid")).returncode == 0
    one.wait_exit(5)
    wait_until(lambda: not (tmp_path / "uwsgi.pid").exists(), "the pid file to go")


MAKES_FILES = """
import os

def application(environ, start_response):
    with open("upload", "w"):
        os.mkdir("folder")
    start_response("200 OK", [])
    return [b""]
"""


@pytest.mark.quick
@pytest.mark.parametrize(
    "options,socket,file,folder",
    [
        ({}, 0o777, 0o640, 0o750),
        ({"chmod_socket": "660"}, 0o660, 0o640, 0o750),
        ({"umask": "022"}, 0o755, 0o644, 0o755),
    ],
)
def test_daemonize_keeps_the_umask_and_the_modes_of_sockets(
    server: StartServer,
    binary: Binary,
    tmp_path: Path,
    options: dict[str, str],
    socket: int,
    file: int,
    folder: int,
) -> None:
    (tmp_path / "makes.py").write_text(MAKES_FILES)
    before = os.umask(0o027)
    try:
        one = server(
            wsgi_file=tmp_path / "makes.py",
            socket=tmp_path / "one.sock",
            chdir=tmp_path,
            daemonize=tmp_path / "daemon.log",
            pidfile=tmp_path / "uwsgi.pid",
            **options,
        )
    finally:
        os.umask(before)
    assert one.get("/").status == 200
    names = ("one.sock", "upload", "folder", "daemon.log", "uwsgi.pid")
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in names]
    log, pidfile = 0o640, file
    assert modes == [socket, file, folder, log, pidfile]
    assert binary.run("--stop", str(tmp_path / "uwsgi.pid")).returncode == 0
    one.wait_exit(5)


def test_a_daemon_that_cannot_listen_says_so_to_the_shell(
    server: StartServer, binary: Binary, tmp_path: Path
) -> None:
    first = server("hello", socket="127.0.0.1:0")
    asked = binary.run(
        *("--socket", first.address_text, "--daemonize", str(tmp_path / "second.log")),
        *("--module", "nothing"),
        cwd=tmp_path,
    )
    assert asked.returncode == 1
    assert "in use" in asked.stderr + asked.stdout
    assert first.get("/").body == b"hello"


@pytest.mark.parametrize("master", ["true", "false"])
def test_a_directory_is_no_application(binary: Binary, tmp_path: Path, master: str) -> None:
    asked = binary.run(
        *("--http", "127.0.0.1:0", f"--master={master}", "--wsgi-file", str(tmp_path))
    )
    assert asked.returncode == 22
    assert f"cannot read {tmp_path}: Is a directory" in asked.stderr


@pytest.mark.parametrize("master", ["true", "false"])
def test_daemonize2_tells_the_shell_that_an_application_is_broken(
    binary: Binary, tmp_path: Path, master: str
) -> None:
    (tmp_path / "broken.py").write_text("import nothing_like_that")
    asked = binary.run(
        *("--http", "127.0.0.1:0", f"--master={master}", "--wsgi-file", "broken.py"),
        *("--daemonize2", str(tmp_path / "daemon.log")),
        cwd=tmp_path,
    )
    assert asked.returncode == 22
    assert "nothing_like_that" in (tmp_path / "daemon.log").read_text()


def test_a_second_instance_does_not_take_a_pidfile(
    server: StartServer, binary: Binary, tmp_path: Path
) -> None:
    one = server("hello", pidfile=tmp_path / "uwsgi.pid")
    asked = binary.run(
        *("--socket", str(tmp_path / "other.sock"), "--pidfile", str(tmp_path / "uwsgi.pid")),
        *("--wsgi-file", str(one.directory / "nothing.py")),
    )
    assert asked.returncode == 1
    assert f"{one.pid}" in asked.stderr
    assert (tmp_path / "uwsgi.pid").read_text() == f"{one.pid}\n"


@pytest.mark.parametrize("option", ["pidfile", "pidfile2", "safe-pidfile", "safe-pidfile2"])
def test_every_kind_of_pidfile_is_written_and_removed(
    server: StartServer, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "some.pid"
    one = server("hello", **{option: path})
    wait_until(path.exists, "the pid file")
    assert path.read_text() == f"{one.pid}\n"
    assert one.stop() == 0
    assert not path.exists()


def test_workers_ignore_the_terminal(server: StartServer) -> None:
    one = server("hello", processes=2)
    children = processes.descendants(one.pid)
    one.send_signal(signal.SIGINT)
    assert one.wait_exit(3) == 0
    assert not [pid for pid in children if processes.alive(pid)]
    assert not one.log_lines("KeyboardInterrupt|Traceback|DAMN")


def _accepts(one: ServerProcess) -> bool:
    """Tell whether the server has not yet acted on the signal to stop."""
    return one.is_running() and not one.log_lines(r"(?i)graceful|received\.\.\.|stopping")
