# SPDX-License-Identifier: MIT
"""Options that have no theme of their own: each does what its row says."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any, Callable

import pytest
import wire
from clients import Crowd
from server import Binary, ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


def evaluate(one: ServerProcess, expression: str) -> Any:
    """Evaluate Python inside a worker."""
    return json.loads(one.post("/", expression.encode()).body)


@pytest.mark.quick
@pytest.mark.parametrize("option", ["print", "iprint"])
def test_print_writes_its_line_at_the_start_and_at_a_reload(
    server: StartServer, option: str
) -> None:
    one = server(
        "hello",
        http="127.0.0.1:0",
        ini=f"set-placeholder = who=world\n{option} = hello, %(who)  # here",
    )
    assert len(one.log_lines("^hello, world  # here$")) == 1
    one.send_signal(signal.SIGHUP)
    one.wait_log("^hello, world  # here$", 2)
    one.settled_files = {}


ANSWERS = """
import threading

BOTH = threading.Barrier(2)

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/wrapper":
        body = str("wsgi.file_wrapper" in environ).encode()
    elif path == "/stack":
        BOTH.wait()  # Two threads are there.
        with open("/proc/self/maps") as maps:
            sizes = [line.split()[0].split("-") for line in maps]
        body = b" ".join(b"%d" % (int(end, 16) - int(start, 16)) for start, end in sizes)
    else:
        body = b"whole"
    headers = [("Content-Length", str(len(body)))]
    if path == "/large":
        headers.append(("X-Large", "l" * 5000))
    start_response("200 OK", headers)
    return body if path == "/bytes" else [body]
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.py"
    path.write_text(ANSWERS)
    return path


@pytest.mark.quick
@pytest.mark.parametrize("strict,status", [(False, 200), (True, 500)])
def test_wsgi_strict_refuses_a_body_of_bytes(
    server: StartServer, answers: Path, strict: bool, status: int
) -> None:
    one = server(wsgi_file=answers, wsgi_strict=strict)
    if strict:
        one.expect_errors("exception|bytes|body")
    assert one.get("/bytes").status == status


@pytest.mark.quick
@pytest.mark.parametrize("disabled", [False, True])
def test_wsgi_disable_file_wrapper_leaves_it_out(
    server: StartServer, answers: Path, disabled: bool
) -> None:
    one = server(wsgi_file=answers, wsgi_disable_file_wrapper=disabled)
    assert one.get("/wrapper").text == str(not disabled)


@pytest.mark.quick
@pytest.mark.parametrize("limit,status", [(8000, 200), (4000, 500)])
def test_response_headers_limit_bounds_the_head(
    server: StartServer, answers: Path, limit: int, status: int
) -> None:
    one = server(wsgi_file=answers, response_headers_limit=limit)
    if status == 500:
        one.expect_errors("exception in the application")
    assert one.get("/large").status == status


@pytest.mark.quick
def test_threads_stacksize_is_the_stack_of_request_threads(
    server: StartServer, answers: Path
) -> None:
    one = server(wsgi_file=answers, threads=2, threads_stacksize=777)
    size = 777 * 1024
    page = os.sysconf("SC_PAGESIZE")
    with Crowd(2) as crowd:
        asked = [crowd.call(one.get, "/stack") for _ in range(2)]
        sizes = [int(text) for text in asked[0].result().text.split()]
    assert any(size <= found <= size + page for found in sizes), sizes


@pytest.mark.quick
def test_log_micros_is_the_unit_of_the_request_log(server: StartServer) -> None:
    one = server("hello", log_micros=True)
    one.get("/a")
    one.wait_log(r"GET /a => generated 5 bytes in \d+ micros \(")


@pytest.mark.quick
def test_log_format_strftime_formats_the_text(server: StartServer) -> None:
    before = int(time.time())
    one = server("hello", log_format_strftime=True, log_format="AT %%Y-%%m-%%d %%H:%%M:%%S %(uri)")
    one.get("/a")
    line = one.wait_log("^AT ")[0]
    assert line in [
        time.strftime("AT %Y-%m-%d %H:%M:%S /a", time.localtime(second))
        for second in range(before, int(time.time()) + 1)
    ]


@pytest.mark.quick
def test_log_backupname_is_the_name_of_the_full_file(server: StartServer, tmp_path: Path) -> None:
    log, backup = tmp_path / "site.log", tmp_path / "old.log"
    one = server("hello", logto=log, log_maxsize=3000, log_backupname=backup, ready=False)
    one.log_path = log
    one.wait_ready()
    one.get("/" + "l" * 3000)
    wait_until(backup.exists, "the full file")
    assert backup.read_text().endswith(f"triggering rotation to {backup}...\n")
    assert sorted(path.name for path in tmp_path.glob("*.log*")) == [
        "old.log",
        "server.log",
        "site.log",
    ]


@pytest.mark.quick
def test_exit_on_reload_ends_the_server(server: StartServer) -> None:
    one = server("hello", exit_on_reload=True)
    one.send_signal(signal.SIGHUP)
    assert one.wait_exit() == 0


@pytest.mark.quick
@pytest.mark.parametrize(
    "options,frozen", [({"gc_freeze": True}, True), ({"no_gc_freeze": True}, False)]
)
def test_gc_freeze_keeps_what_was_imported_out_of_collections(
    server: StartServer, options: dict[str, Any], frozen: bool
) -> None:
    one = server("introspect", **options)
    assert (evaluate(one, "__import__('gc').get_freeze_count()") > 1000) is frozen


@pytest.mark.quick
def test_forkbomb_delay_slows_a_worker_that_dies_at_once(server: StartServer) -> None:
    one = server("hello", forkbomb_delay=3)
    one.expect_errors("DAMN")
    first = one.workers()[1]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: one.workers().get(1) not in (None, first), "the second process")
    second = one.workers()[1]
    died = time.monotonic()
    os.kill(second, signal.SIGKILL)
    wait_until(lambda: one.workers().get(1) not in (None, second), "the third process", 20)
    assert time.monotonic() - died >= 2.9
    one.settled_files = {}


@pytest.mark.quick
def test_touch_workers_reload_replaces_the_workers(server: StartServer, tmp_path: Path) -> None:
    trigger = tmp_path / "trigger"
    trigger.touch()
    one = server("hello", processes=2, touch_workers_reload=trigger)
    before = one.workers()
    os.utime(trigger, (time.time() + 5, time.time() + 5))
    one.wait_replaced(before)
    assert not set(before.values()) & set(one.workers().values())


@pytest.mark.quick
def test_chdir2_is_where_the_loaded_application_is(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    app = tmp_path / "where.py"
    app.write_text(
        "import os\nAT_IMPORT = os.getcwd()\n"
        "def application(environ, start_response):\n    start_response('200 OK', [])\n"
        "    return [f'{AT_IMPORT}|{os.getcwd()}'.encode()]\n"
    )
    one = server(wsgi_file=app, chdir=tmp_path, chdir2=tmp_path / "later")
    assert one.get("/").text == f"{tmp_path}|{tmp_path}/later"


# Not among the quick ones, which a sanitizer runs too: that needs terabytes of address space.
def test_limit_as_bounds_the_address_space(server: StartServer) -> None:
    one = server("introspect", limit_as=3000)
    limit = "__import__('resource').getrlimit(__import__('resource').RLIMIT_AS)[0]"
    assert evaluate(one, limit) == 3000 << 20


@pytest.mark.quick
def test_http_keepalive_closes_an_idle_connection(server: StartServer) -> None:
    one = server("hello", http="127.0.0.1:0", http_keepalive=2)  # 1 stands for "on".
    with wire.connect(one.address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(1000).endswith(b"hello")
        answered = time.monotonic()
        assert connection.recv(1000) == b""
        assert time.monotonic() - answered >= 1.9


@pytest.mark.quick
@pytest.mark.parametrize("policy,status", [("all", 200), ("none", 404), ("safe", 404)])
def test_static_follow_symlinks_decides_about_links_out_of_the_folder(
    server: StartServer, tmp_path: Path, policy: str, status: int
) -> None:
    (tmp_path / "outside").write_text("outside")
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "link").symlink_to(tmp_path / "outside")
    app = tmp_path / "none.py"
    app.write_text(
        "def application(environ, start_response):\n"
        "    start_response('404 Not Found', [])\n    return []\n"
    )
    one = server(wsgi_file=app, static_map=f"/s={tmp_path}/static", static_follow_symlinks=policy)
    assert one.get("/s/link").status == status


@pytest.mark.quick
@pytest.mark.parametrize("skipped", [False, True])
def test_skip_atexit_teardown_leaves_python_as_it_is(
    server: StartServer, tmp_path: Path, skipped: bool
) -> None:
    (tmp_path / "leaves.py").write_text(
        "import atexit\natexit.register(print, 'python was torn down', flush=True)\n"
        "def application(environ, start_response):\n    return []\n"
    )
    one = server(wsgi_file=tmp_path / "leaves.py", skip_atexit_teardown=skipped)
    one.stop()
    assert bool(one.log_lines("^python was torn down$")) is not skipped


@pytest.mark.quick
def test_explain_and_dump_options_print_what_there_is(binary: Binary) -> None:
    asked = binary.run("--explain", "harakiri")
    assert asked.stdout.startswith("-t, --harakiri SECONDS\n  Answers 504")
    page = (Path(__file__).parents[2] / "docs" / "options.md").read_text()
    assert binary.run("--dump-options").stdout == page
    assert binary.run("--dump-options", "md").stdout == page


DEBUGGED = """
def application(environ, start_response):
    breakpoint()
    start_response("200 OK", [])
    return [b"went on"]
"""


@pytest.mark.quick
@pytest.mark.parametrize("master", [True, False])
def test_honour_stdin_leaves_the_terminal_to_the_debugger(
    server: StartServer, tmp_path: Path, master: bool
) -> None:
    (tmp_path / "debugged.py").write_text(DEBUGGED)
    keyboard, terminal = os.openpty()
    one = server(
        wsgi_file=tmp_path / "debugged.py", honour_stdin=True, master=master, terminal=terminal
    )
    with Crowd(1) as crowd:
        asked = crowd.call(one.get, "/")
        wait_until(lambda: "(Pdb) " in one.log, "the debugger")
        os.write(keyboard, b"p 6 * 7\nc\n")
        assert asked.result().text == "went on"
    assert one.log_lines(r"\b42$")
    one.stop()
    os.close(terminal)
    os.close(keyboard)


@pytest.mark.quick
def test_without_honour_stdin_a_worker_has_no_input(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "debugged.py").write_text(DEBUGGED)
    one = server(wsgi_file=tmp_path / "debugged.py")
    one.expect_errors("exception in the application")
    assert one.get("/").status == 500


@pytest.mark.quick
def test_honour_stdin_is_for_one_process(server: StartServer) -> None:
    one = server("introspect", honour_stdin=True, processes=2)
    assert one.log_lines("^warning: honour-stdin has no effect with several processes")
    assert evaluate(one, "os.readlink('/proc/self/fd/0')") == "/dev/null"


@pytest.mark.quick
@pytest.mark.parametrize("columns", [None, 80, 120])
def test_help_is_as_wide_as_the_terminal(binary: Binary, columns: int | None) -> None:
    said = {} if columns is None else {"COLUMNS": str(columns)}
    without = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    lines = binary.run("--help", env={**without, **said}).stdout.splitlines()
    assert (columns or 80) - 12 <= max(map(len, lines)) <= (columns or 80)
