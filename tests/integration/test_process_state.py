# SPDX-License-Identifier: MIT
"""What belongs to a whole process, and an application may change, does not stop the server."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
from pathlib import Path
from typing import Callable

import processes
import pytest
import uwsgi_client
import wire
from server import APPS, Binary, ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

SERVER_SIGNALS = "(1, 2, 3, 10, 12, 15)"

# Python that runs at an import, in the fork hook, or in every request.
CHANGES = {
    "SIGCHLD is ignored": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "a handler reaps all children": "signal.signal(signal.SIGCHLD, reap)",
    "a thread reaps all children": "threading.Thread(target=reap_for_ever, daemon=True).start()",
    "the server's signals are ignored": (
        f"for one in {SERVER_SIGNALS}: signal.signal(one, signal.SIG_IGN)"
    ),
    "the server's signals have a handler": (
        f"for one in {SERVER_SIGNALS}: signal.signal(one, lambda *_: None)"
    ),
    "every signal is blocked": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))",
    "the umask forbids everything": "os.umask(0o777)",
    "the directory is another": "os.chdir('/')",
    "the directory is gone": ("gone = tempfile.mkdtemp(); os.chdir(gone); os.rmdir(gone)"),
    "few descriptors are allowed": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "no core may be written": "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    "no file may grow": "resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, 8 << 20))",
    "the locale is another": "locale.setlocale(locale.LC_ALL, 'C.UTF-8')",
    "the environment is empty": "os.environ.clear()",
    "the process leads a session, or its group": (
        "try: os.setsid()\nexcept OSError: os.getpgrp() == os.getpid() or os.setpgid(0, 0)"
    ),
    "the user is another": "os.getuid() or (os.setgid(65534), os.setuid(65534))",
}
CHANGING = """
import locale, os, resource, signal, tempfile, threading, time
WHEN, CHANGE = os.environ["WHEN"], os.environ["CHANGE"]

def reap(*_):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass

def reap_for_ever():
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            time.sleep(0.001)

def change():
    exec(CHANGE, globals())

if WHEN == "import":
    change()
if WHEN == "hook":
    import uwsgi
    uwsgi.post_fork_hook = change

def application(environ, start_response):
    if WHEN == "view" and environ["PATH_INFO"] == "/change":
        change()
    size = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Length", str(len(str(size))))])
    return [b"%d" % size]
"""


@pytest.mark.quick
@pytest.mark.parametrize("when", ["import", "hook", "view"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_service_goes_on_though(
    server: StartServer, tmp_path: Path, change: str, when: str
) -> None:
    if change == "the user is another" and os.getuid() != 0:
        pytest.skip("only root may become another user")
    (tmp_path / "changing.py").write_text(CHANGING)
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "file.txt").write_text("static")
    tmp_path.chmod(0o755)
    one = server(
        wsgi_file=tmp_path / "changing.py",
        http="127.0.0.1:0",
        processes=2,
        static_map="/static=static",
        post_buffering=1024,
        post_buffering_dir="/tmp",
        env={"WHEN": when, "CHANGE": CHANGES[change]},
    )
    one.files_may_grow = True
    for _ in range(8):
        assert one.get("/change").body == b"0"
    if change != "the user is another":  # It can not enter pytest's directories.
        assert one.get("/static/file.txt").body == b"static"
    assert one.post("/", b"x" * 3_000_000).body == b"3000000"
    one.expect_errors("DAMN")
    before = one.workers()
    os.kill(before[1], signal.SIGKILL)
    one.wait_replaced({1: before[1]})
    before = one.workers()
    assert one.get("/change").body == b"0"
    one.send_signal(signal.SIGHUP)
    one.wait_log("gracefully .RE.spawned")
    one.wait_replaced(before)
    assert not one.log_lines("NO MERCY")
    assert one.get("/change").body == b"0"
    assert one.stop() == 0


INHERITED = {
    "SIGCHLD is ignored": lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
    "every signal is blocked": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)),
    "the server's signals are ignored": lambda: [
        signal.signal(number, signal.SIG_IGN) for number in (1, 2, 3, 10, 12, 15)
    ],
}


@pytest.mark.quick
@pytest.mark.parametrize("inherited", INHERITED)
def test_a_server_does_not_keep_what_its_parent_did_to_signals(
    new_server: StartServer, tmp_path: Path, inherited: str
) -> None:
    one = new_server()
    address = one.listen_on_free_port("http")
    arguments = ["--http", address, "--wsgi-file", APPS / "hello" / "app.py", "--processes", "2"]
    one.launch(*map(str, arguments), preexec_fn=INHERITED[inherited], processes=2)
    one.wait_ready()
    one.expect_errors("DAMN")
    before = one.workers()
    os.kill(before[1], signal.SIGKILL)
    one.wait_replaced({1: before[1]})
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert one.get("/").body == b"hello"
    assert one.stop() == 0


@pytest.mark.quick
@pytest.mark.parametrize("inherited", INHERITED)
def test_a_daemon_starts_whatever_its_parent_did_to_signals(
    new_server: StartServer, binary: Binary, tmp_path: Path, inherited: str
) -> None:
    pidfile, log = tmp_path / "uwsgi.pid", tmp_path / "uwsgi.log"
    arguments = ["--socket", tmp_path / "s.sock", "--wsgi-file", APPS / "hello" / "app.py"]
    arguments += ["--pidfile", pidfile, "--daemonize", log]
    started = binary.run(*map(str, arguments), preexec_fn=INHERITED[inherited])
    assert (started.returncode, started.stderr) == (0, "")
    wait_until(lambda: "ready in" in log.read_text(), "the daemon")
    assert binary.run("--stop", str(pidfile), "--wait").returncode == 0
    assert not pidfile.exists()


@pytest.mark.quick
def test_one_process_knows_the_status_of_its_children_whatever_its_parent_did(
    new_server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "running.py").write_text(
        "import subprocess\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'%d' % subprocess.call(['sh', '-c', 'exit 7'])]\n"
    )
    one = new_server()
    arguments = ["--http", one.listen_on_free_port("http"), "--no-master"]
    arguments += ["--wsgi-file", str(tmp_path / "running.py")]
    one.launch(*arguments, preexec_fn=INHERITED["SIGCHLD is ignored"])
    one.wait_ready()
    assert one.get("/").body == b"7"


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http"])
def test_a_client_that_leaves_is_no_end_though_sigpipe_has_its_default_action(
    server: StartServer, tmp_path: Path, wire_option: str
) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(50_000_000)
    (tmp_path / "piping.py").write_text(
        "import signal\n"
        "def application(environ, start_response):\n"
        "    signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "    start_response('200 OK', [])\n"
        f"    return environ['wsgi.file_wrapper'](open({str(big)!r}, 'rb'))\n"
    )
    one = server(wsgi_file=tmp_path / "piping.py", **{wire_option: "127.0.0.1:0"})
    before = one.workers()
    block = uwsgi_client.encode_vars(uwsgi_client.request_vars().items())
    request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    request = request if wire_option == "http" else uwsgi_client.packet(block)
    for _ in range(5):
        with wire.connect(one.address) as client:
            client.sendall(request)
            assert client.recv(1)
    wait_until(lambda: not one.leaked_files(), "the end of all responses")
    assert one.workers() == before


@pytest.mark.quick
@pytest.mark.parametrize(
    "code,reason",
    [
        ("os._exit(0)", "the zygote exited with status 0 before it had loaded anything"),
        ("os._exit(7)", "the zygote exited with status 7 before it had loaded anything"),
        ("os.closerange(3, 1024)", "the application has closed the listener .* imported"),
        ("os.close(3)", "the application has closed the link to the master, .* imported"),
    ],
)
def test_what_ends_an_import_is_in_the_log(
    server: StartServer, tmp_path: Path, code: str, reason: str
) -> None:
    app = tmp_path / "ending.py"
    good = "def application(e, s):\n    s('200 OK', [])\n    return [b'served']\n"
    app.write_text(f"import os\n{code}\n{good}")
    first = server(name="first", wsgi_file=app, ready=False)
    first.expect_errors()
    first.expected_status = None
    assert first.wait_exit() not in (0, None)
    assert first.log_lines(reason)

    app.write_text(good)
    second = server(name="second", wsgi_file=app)
    second.expect_errors()
    app.write_text(f"import os\n{code}\n{good}")
    second.send_signal(signal.SIGHUP)
    second.wait_log("reload failed: .*; generation 1 serves on")
    assert second.log_lines(reason)
    assert second.get("/").body == b"served"


@pytest.mark.quick
@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    "code,reason",
    [
        ("os.closerange(3, 1024)", "the application has closed the event loop's descriptors"),
        ("os.close(uwsgi.sockets[0])", "the application has closed the listener .*: another"),
        ("os.dup2(0, uwsgi.sockets[0])", "the application has closed the listener .*: another"),
        ("os.close(3)", "the application has closed the link to the master: another"),
    ],
)
def test_a_worker_whose_descriptors_were_closed_is_replaced(
    server: StartServer, tmp_path: Path, code: str, reason: str, threads: int
) -> None:
    (tmp_path / "closing.py").write_text(
        "import os, uwsgi\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    if environ['PATH_INFO'] == '/close':\n"
        f"        {code}\n"
        "    return [b'served']\n"
    )
    one = server(wsgi_file=tmp_path / "closing.py", http="127.0.0.1:0", threads=threads)
    one.expect_errors("DAMN", "the application has closed")
    before = one.workers()
    with contextlib.suppress(OSError, http.client.HTTPException):  # Its socket was closed, too.
        one.get("/close")
    one.wait_log(reason)
    one.wait_replaced(before)
    assert not one.log_lines("killed by signal")
    for _ in range(5):
        assert one.get("/").body == b"served"
    assert one.stop() == 0


@pytest.mark.quick
def test_the_processes_are_called_by_the_servers_name(server: StartServer) -> None:
    one = server("hello", processes=2, threads=3, lazy_apps=False)
    assert one.get("/").body == b"hello"
    family = processes.descendants(one.pid) | {one.pid}
    assert len(family) == 4  # The master, the zygote and two workers.
    assert {Path(f"/proc/{pid}/comm").read_text() for pid in family} == {"uwsgi\n"}


@pytest.mark.quick
@pytest.mark.skipif(os.getuid() != 0, reason="root has no limit of processes to reach")
def test_a_reload_to_code_that_forbids_forks_fails(server: StartServer, tmp_path: Path) -> None:
    app = tmp_path / "limited.py"
    good = "def application(e, s):\n    s('200 OK', [])\n    return [b'served']\n"
    app.write_text(good)
    one = server(wsgi_file=app)
    one.expect_errors("cannot fork a worker", "reload failed")
    one.expect_errors("cannot import module threading")  # Of a Python in root's own home.
    app.write_text(
        "import os, resource\n"
        "resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\n"
        "os.setuid(65534)\n" + good
    )
    one.send_signal(signal.SIGHUP)
    one.wait_log("reload failed: its processes ended while they started; generation 1 serves on")
    assert one.log_lines("worker 1: cannot fork a worker: Resource temporarily unavailable")
    assert one.get("/").body == b"served"


# What a view does, and how its own request ends.
REACHED_LIMITS = {
    "memory": (
        "resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20)); bytearray(1 << 30)",
        500,
    ),
    "processor time": (
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        None,  # The kernel ends the worker.
    ),
    "size of files": ("resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))", 200),
    "descriptors": ("resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))", 200),
}


# Not among the quick ones, which a sanitizer runs too: that needs terabytes of address space.
@pytest.mark.parametrize("limit", REACHED_LIMITS)
def test_a_worker_that_reaches_a_limit_does_not_stop_the_others(
    server: StartServer, tmp_path: Path, limit: str
) -> None:
    code, status = REACHED_LIMITS[limit]
    (tmp_path / "limited.py").write_text(
        "import resource\n"
        "def application(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/reach':\n"
        f"        exec({code!r})\n"
        "    start_response('200 OK', [])\n"
        "    return [b'served']\n"
    )
    one = server(wsgi_file=tmp_path / "limited.py", socket="127.0.0.1:0", processes=2)
    one.expect_errors("exception in the application", "DAMN", "cannot accept connections")
    if status is None:
        with pytest.raises((AssertionError, OSError)):
            one.get("/reach")
        wait_until(lambda: len(one.workers()) == 2, "the worker's successor")
    else:
        assert one.get("/reach").status == status
    for _ in range(20):
        assert one.get("/").body == b"served"
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert one.get("/").body == b"served"
    assert one.stop() == 0


@pytest.mark.quick
def test_a_closed_log_is_opened_again_and_no_client_is_taken_for_it(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "closing.py").write_text(
        "import os, sys\n"
        "def application(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/close':\n"
        "        for number in (0, 1, 2):\n"
        "            os.close(number)\n"
        "    os.write(2, b'said to descriptor 2\\n') if environ['PATH_INFO'] == '/say' else None\n"
        "    start_response('200 OK', [])\n"
        "    return [b'served']\n"
    )
    one = server(wsgi_file=tmp_path / "closing.py", socket="127.0.0.1:0")
    one.files_may_grow = True
    assert one.get("/close").body == b"served"
    for number in range(5):
        assert one.get(f"/?{number}").body == b"served"
    one.wait_log("the application has closed descriptor 2: it is the log again")
    assert one.get("/say").body == b"served"
    one.wait_log("^said to descriptor 2$")
    one.wait_log("GET /say ")
