# SPDX-License-Identifier: MIT
"""What application code forks is not the server: it ends, and keeps nothing of the server's."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from pathlib import Path
from typing import Any, Callable, Iterator

import http_client
import processes
import pytest
import uwsgi_client
import wire
from clients import Crowd
from haproxy import HaProxy
from nginx import Nginx
from server import ServerProcess
from waiting import patience, wait_until

StartServer = Callable[..., ServerProcess]

# How the child goes on, and the status that it ends with.
ENDS = {
    "exit": b"0",
    "exit-3": b"3",
    "exit-text": b"1",
    "raise": b"1",
    "return": b"0",
    "_exit": b"5",
    "exec": b"6",
}
IN_THE_LOG = {
    "exit-text": r"^the child has had enough$",
    "raise": r"^  ValueError: raised in the child$",
}
LIVES_ON = """
import os, time
def application(environ, start_response):
    child = os.fork()
    if child == 0:
        deadline = time.monotonic() + 60
        while not os.path.exists(os.environ["GATE"]) and time.monotonic() < deadline:
            time.sleep(0.01)
        os._exit(0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(child).encode()]
"""


def start_forking(server: StartServer, **options: Any) -> ServerProcess:
    """Start the application that forks; tracebacks of its children are announced."""
    options.setdefault("env", {"PATIENCE": str(patience())})
    one = server("forking", **options)
    one.expect_errors("exception in process [0-9]+, which the application has forked")
    return one


def no_other_process(one: ServerProcess, family: set[int]) -> None:
    """Wait until the server has the processes that it had when it was ready, and no other."""
    wait_until(
        lambda: processes.descendants(one.pid) == family,
        f"the end of what was forked beside {family}",
    )


@pytest.fixture
def living_child(tmp_path: Path) -> Iterator[Path]:
    """Return the file whose appearance ends the children of LIVES_ON."""
    gate = tmp_path / "end-children"
    yield gate
    gate.touch()


@pytest.mark.quick
@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("where", ["view", "generator", "iter"])
def test_a_child_ends_where_the_application_comes_back(
    server: StartServer, tmp_path: Path, where: str, how: str
) -> None:
    ran = tmp_path / "ran"
    one = start_forking(server, env={"RAN": str(ran), "PATIENCE": str(patience())})
    family = processes.descendants(one.pid)
    assert one.get(f"/{where}?how={how}").body == ENDS[how]
    if how in IN_THE_LOG:
        one.wait_log(IN_THE_LOG[how])
    if how not in ("_exit", "exec"):
        assert ran.read_text() == "still in Python's buffer"
    no_other_process(one, family)
    assert one.stop() == 0
    assert len(one.log_lines("GET /")) == 1


@pytest.mark.quick
def test_a_child_that_yields_ends_at_its_yield(server: StartServer) -> None:
    one = start_forking(server)
    assert one.get("/generator?how=yield").body == b"0"


@pytest.mark.quick
@pytest.mark.parametrize(
    "where,how",
    [("close", how) for how in ENDS]
    # What it raises, Python ignores.
    + [("finalizer", how) for how in ("return", "_exit", "exec")],
)
def test_a_child_of_what_follows_the_response_ends(
    server: StartServer, where: str, how: str
) -> None:
    one = start_forking(server)
    one.get(f"/{where}?how={how}")
    one.wait_log(f"^{where}: {ENDS[how].decode()} end$")
    assert one.stop() == 0
    assert len(one.log_lines("GET /")) == 1


@pytest.mark.quick
@pytest.mark.parametrize("how", ["exit", "exit-3", "raise", "return"])
def test_a_child_of_a_thread_ends_with_the_thread(server: StartServer, how: str) -> None:
    one = start_forking(server)
    family = processes.descendants(one.pid)
    assert one.get(f"/thread?how={how}").body == b"0"
    no_other_process(one, family)


@pytest.mark.quick
@pytest.mark.parametrize("option", ["socket", "http"])
@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("master", [True, False])
def test_a_child_writes_nothing_to_the_client(
    server: StartServer, option: str, threads: int, master: bool
) -> None:
    one = start_forking(server, master=master, threads=threads, **{option: "127.0.0.1:0"})
    for how in ("exit", "raise", "return"):
        if option == "socket":
            block = uwsgi_client.encode_vars(
                uwsgi_client.request_vars(target=f"/view?how={how}").items()
            )
            raw = uwsgi_client.exchange(one.address, uwsgi_client.packet(block))
        else:
            with wire.connect(one.address) as connection:
                connection.sendall(
                    b"GET /view?how=%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                    % how.encode()
                )
                raw = wire.read_to_end(connection)
        assert raw.count(b"HTTP/1.1 ") == 1, raw
        assert raw.endswith(b"\r\n\r\n" + ENDS[how])


@pytest.mark.quick
def test_a_kept_connection_goes_on_after_a_fork(server: StartServer) -> None:
    one = start_forking(server, http="127.0.0.1:0", threads=2)
    connection = http_client.HttpConnection(one.address)
    for how in [*ENDS, *ENDS]:
        assert connection.fetch(target=f"/view?how={how}").body == ENDS[how]
    connection.close()


@pytest.mark.quick
def test_a_child_can_not_use_the_request(server: StartServer) -> None:
    one = start_forking(server)
    assert one.get("/write").body == b"1"
    one.wait_log("RuntimeError: write.. belongs to the process that got the request")
    assert one.post("/read", b"the body").body == b"1 the body"
    one.wait_log("ValueError: wsgi.input belongs to the process that got the request")


@pytest.mark.quick
@pytest.mark.parametrize("proxy", ["haproxy", "nginx over HTTP", "nginx over uwsgi"])
def test_nobody_gets_a_childs_response_through_a_proxy(
    server: StartServer, request: pytest.FixtureRequest, proxy: str
) -> None:
    option = "socket" if proxy.endswith("uwsgi") else "http"
    one = start_forking(server, processes=2, threads=2, **{option: "127.0.0.1:0"})
    front: HaProxy | Nginx
    if proxy == "haproxy":
        front = request.getfixturevalue("haproxy")(one)
    else:
        front = request.getfixturevalue("nginx")(
            upstream=one.address, wire_protocol="uwsgi" if option == "socket" else "http"
        )

    def ask(number: int) -> None:
        how = list(ENDS)[number % len(ENDS)] if number % 2 else ""
        response = front.get(f"/{'view' if how else 'pid'}?how={how}&marker={number}")
        assert response.status == 200
        assert response.header("X-Marker") == str(number)
        assert response.body == ENDS[how] if how else response.body.isdigit()

    with Crowd(4) as crowd:
        for future in [crowd.call(ask, number) for number in range(60)]:
            future.result()
    one.settled_files = {}


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("master", [True, False])
@pytest.mark.parametrize("end", ["sys.exit(3)", "raise ValueError('in the child')", "pass"])
def test_a_child_of_an_import_ends(
    server: StartServer, tmp_path: Path, lazy: bool, master: bool, end: str
) -> None:
    (tmp_path / "forks.py").write_text(
        "import os, sys\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        f"    {end}\n"
        "else:\n"
        "    STATUS = os.WEXITSTATUS(os.waitpid(child, 0)[1])\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'%d' % STATUS]\n"
    )
    one = server(wsgi_file=tmp_path / "forks.py", master=master, lazy_apps=lazy)
    one.expect_errors("which the application has forked")
    expected = {"sys.exit(3)": b"3", "pass": b"0"}.get(end, b"1")
    assert one.get("/").body == expected
    assert len(one.log_lines("WSGI app 0 ")) == 1


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("end", ["sys.exit(3)", "raise ValueError('in the child')", "pass"])
def test_a_child_of_a_fork_hook_ends(
    server: StartServer, tmp_path: Path, lazy: bool, end: str
) -> None:
    (tmp_path / "hooked.py").write_text(
        "import os, sys, uwsgi\n"
        "STATUS = None\n"
        "def hook():\n"
        "    global STATUS\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        f"        {end}\n"
        "    else:\n"
        "        STATUS = os.WEXITSTATUS(os.waitpid(child, 0)[1])\n"
        "uwsgi.post_fork_hook = hook\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'%d' % STATUS]\n"
    )
    one = server(wsgi_file=tmp_path / "hooked.py", lazy_apps=lazy, processes=2)
    one.expect_errors("which the application has forked")
    expected = {"sys.exit(3)": b"3", "pass": b"0"}.get(end, b"1")
    assert one.get("/").body == expected
    assert len(processes.descendants(one.pid)) == 3


@pytest.mark.quick
def test_a_child_of_an_exit_function_ends(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "exits.py").write_text(
        "import atexit, os\n"
        "def leave():\n"
        "    child = os.fork()\n"
        "    if child:\n"
        "        print('status', os.waitpid(child, 0)[1], 'end', flush=True)\n"
        "atexit.register(print, 'the last function ran', flush=True)\n"
        "atexit.register(leave)\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'hello']\n"
    )
    one = server(wsgi_file=tmp_path / "exits.py")
    assert one.get("/").body == b"hello"
    assert one.stop() == 0
    assert one.log_lines("^status 0 end$")


@pytest.mark.quick
@pytest.mark.parametrize("method", ["multiprocessing", "preexec_fn"])
def test_the_standard_library_forks_as_ever(
    server: StartServer, tmp_path: Path, method: str
) -> None:
    (tmp_path / "library.py").write_text(
        "import multiprocessing, os, subprocess, sys\n"
        "def work(pipe, number):\n"
        "    pipe.send(number * 2)\n"
        "def with_multiprocessing():\n"
        "    context = multiprocessing.get_context('fork')\n"
        "    ours, theirs = context.Pipe()\n"
        "    child = context.Process(target=work, args=(theirs, 21))\n"
        "    child.start()\n"
        "    answer = ours.recv()\n"
        "    child.join()\n"
        "    return '%d %d' % (answer, child.exitcode)\n"
        "def with_preexec_fn():\n"
        "    return subprocess.run(['sh', '-c', 'echo $1; exit 4', 'sh', '42'],\n"
        "        preexec_fn=lambda: os.umask(0o27), stdout=subprocess.PIPE)\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    if environ['PATH_INFO'] == '/multiprocessing':\n"
        "        return [with_multiprocessing().encode()]\n"
        "    done = with_preexec_fn()\n"
        "    return [b'%s %d' % (done.stdout.strip(), done.returncode)]\n"
    )
    one = server(wsgi_file=tmp_path / "library.py", threads=2)
    expected = b"42 0" if method == "multiprocessing" else b"42 4"
    for _ in range(5):
        assert one.get(f"/{method}").body == expected


@pytest.mark.quick
@pytest.mark.parametrize("master", [True, False])
@pytest.mark.parametrize("option", ["socket", "http"])
def test_a_child_that_lives_on_keeps_nothing_of_the_server(
    server: StartServer, tmp_path: Path, living_child: Path, option: str, master: bool
) -> None:
    (tmp_path / "lives_on.py").write_text(LIVES_ON)
    env = {"GATE": str(living_child)}
    options: dict[str, Any] = {option: "127.0.0.1:0", "master": master, "env": env}
    one = server(wsgi_file=tmp_path / "lives_on.py", processes=2 if master else 1, **options)
    one.files_may_grow = True
    with contextlib.closing(http_client.HttpConnection(one.address)) as idle:
        if option == "http":
            idle.fetch()  # A connection that is kept is not the child's either.
        # The response ends with the connection, which only the worker has.
        child = int(one.get("/").body)
        wait_until(
            lambda: not [f for f in processes.open_files(child) if re.match("socket|.*poll", f)],
            "the child to close what is the server's",
        )
    assert one.stop() == 0
    assert processes.alive(child)
    assert not wire.connects(one.address)
    successor = server(
        "hello", name="successor", **{option: "{}:{}".format(*one.address)}, processes=2
    )
    assert successor.get("/").body == b"hello"
    living_child.touch()
    wait_until(lambda: not processes.alive(child), "the child's end")


@pytest.mark.quick
def test_a_reload_is_not_answered_by_old_code_in_a_child(
    server: StartServer, tmp_path: Path
) -> None:
    app = tmp_path / "forks.py"
    text = (
        "import os, sys\n"
        "def application(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/fork' and os.fork() == 0:\n"
        "        sys.exit(0)\n"
        "    start_response('200 OK', [])\n"
        "    return [b'VERSION']\n"
    )
    app.write_text(text.replace("VERSION", "old"))
    one = server(wsgi_file=app, processes=2)
    for _ in range(5):
        assert one.get("/fork").body == b"old"
    before = one.workers()
    app.write_text(text.replace("VERSION", "new"))
    one.send_signal(signal.SIGHUP)
    one.wait_log("gracefully .RE.spawned")
    one.wait_replaced(before)
    assert {one.get("/").body for _ in range(50)} == {b"new"}
    one.settled_files = {}


@pytest.mark.quick
def test_killing_a_workers_child_is_no_matter(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "lives_on.py").write_text(LIVES_ON)
    env = {"GATE": str(tmp_path / "never")}
    one = server(wsgi_file=tmp_path / "lives_on.py", env=env)
    before = one.workers()
    os.kill(int(one.get("/").body), signal.SIGKILL)
    os.kill(int(one.get("/").body), signal.SIGKILL)
    assert one.workers() == before
