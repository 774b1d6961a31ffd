# SPDX-License-Identifier: MIT
"""The `uwsgi` module: the names, the types and the truth that real Python code relies on."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

import pytest
from clients import Crowd, Gate
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


def evaluate(one: ServerProcess, expression: str) -> Any:
    """Evaluate Python inside a worker."""
    return json.loads(one.post("/", expression.encode()).body)


TYPES = {
    "version": "bytes",
    "hostname": "bytes",
    "version_info": "tuple",
    "opt": "dict",
    "numproc": "int",
    "cores": "int",
    "buffer_size": "int",
    "started_on": "int",
    "has_threads": "int",
    "magic_table": "dict",
    "sockets": "list",
    "is_a_reload": "bool",
    "unbit": "NoneType",
    "applications": "NoneType",
    "loop": "NoneType",
}

CALLS = {
    "uwsgi.worker_id()": 1,
    "uwsgi.request_id()": 2,
    "uwsgi.total_requests()": 2,
    "uwsgi.is_connected(uwsgi.connection_fd())": True,
    "uwsgi.log('from the application')": True,
    "[uwsgi.set_logvar('name', 'value'), uwsgi.get_logvar('name')]": [None, {"bytes": "value"}],
    "uwsgi.get_logvar('no such name')": None,
    "uwsgi.suspend()": True,
    "[uwsgi.setprocname('renamed'), open('/proc/self/cmdline').read().strip(chr(0))]": [
        None,
        "renamed",
    ],
    "uwsgi.log_this_request()": None,
    "uwsgi.mypid() == os.getpid()": True,
}

# A library that finds one of these takes it for a promise.
LATER = [
    "spool",
    "mule_msg",
    "register_rpc",
    "queue_push",
    "sharedarea_read",
    "metric_get",
    "add_timer",
]


@pytest.mark.quick
def test_attributes_have_the_types_that_callers_rely_on(server: StartServer) -> None:
    one = server("introspect", processes=2, threads=3)
    found = evaluate(one, f"{{n: type(getattr(uwsgi, n)).__name__ for n in {list(TYPES)}}}")
    assert found == TYPES
    parts = evaluate(one, "[type(n).__name__ for n in uwsgi.version_info]")
    assert parts == ["int", "int", "int", "int", "bytes"]
    assert evaluate(one, "uwsgi.version_info >= (2, 0, 30)") is True
    assert evaluate(one, "[uwsgi.numproc, uwsgi.cores, uwsgi.has_threads]") == [2, 3, 1]
    assert evaluate(one, "uwsgi.hostname.decode()") == socket.gethostname()


def test_mode_and_pidfile_are_there_if_they_are_set(server: StartServer, tmp_path: Path) -> None:
    pidfile = tmp_path / "site.pid"
    one = server("introspect", mode="staging", pidfile=pidfile)
    assert evaluate(one, "[uwsgi.mode, uwsgi.pidfile]") == [
        {"bytes": "staging"},
        {"bytes": str(pidfile)},
    ]
    assert int(pidfile.read_text()) == one.pid


@pytest.mark.quick
def test_calls_answer_the_truth(server: StartServer) -> None:
    one = server("introspect", threads=2)
    assert {call: evaluate(one, call) for call in CALLS} == CALLS
    one.wait_log("^from the application$")
    assert evaluate(one, "uwsgi.masterpid()") == one.pid


def test_what_is_not_there_yet_is_absent(server: StartServer) -> None:
    one = server("introspect")
    assert evaluate(one, "[n for n in ('mode', 'pidfile') if hasattr(uwsgi, n)]") == []
    assert evaluate(one, f"[n for n in {LATER} if hasattr(uwsgi, n)]") == []


@pytest.mark.quick
def test_opt_holds_what_the_configuration_said(server: StartServer) -> None:
    before = time.time()
    one = server(
        "introspect",
        processes=2,
        master=True,
        lazy_apps=False,
        private_setting="kept",
        start_time="%t",
        args=["--vacuum", "-t", "30"],
    )
    opt = evaluate(one, "uwsgi.opt")
    assert opt["processes"] == {"bytes": "2"}
    assert opt["master"] == {"bytes": "true"}
    assert opt["lazy-apps"] == {"bytes": "false"}
    assert opt["private-setting"] == {"bytes": "kept"}
    assert opt["vacuum"] is True
    assert opt["harakiri"] == {"bytes": "30"}
    assert before - 1 <= int(opt["start-time"]["bytes"]) <= time.time()
    assert opt["enable-threads"] in (True, {"bytes": "true"})
    assert evaluate(one, "uwsgi.opt is uwsgi.opt") is True


@pytest.mark.quick
def test_workers_tells_of_every_worker(server: StartServer) -> None:
    one = server("introspect", processes=2)
    for _ in range(4):
        evaluate(one, "1")
    workers = evaluate(one, "uwsgi.workers()")
    assert [w["id"] for w in workers] == [1, 2]
    assert {w["pid"] for w in workers} == set(one.workers().values())
    assert sum(w["requests"] for w in workers) == 4
    assert sorted(w["status"]["bytes"] for w in workers) == ["busy", "idle"]
    keys = ["id", "pid", "requests", "delta_requests", "signals", "exceptions", "status"]
    keys += ["rss", "vsz", "running_time", "last_spawn", "respawn_count", "tx", "avg_rt", "apps"]
    assert [k for k in keys if k not in workers[0]] == []
    app = workers[0]["apps"][0]
    assert app["mountpoint"] == {"bytes": ""}
    assert evaluate(one, "type(uwsgi.workers()).__name__") == "tuple"
    assert [(w["rss"], w["vsz"]) for w in workers] == [(0, 0), (0, 0)]


@pytest.mark.quick
@pytest.mark.parametrize("option", [{"memory_report": True}, {"reload_on_rss": 100_000}])
def test_workers_tells_of_memory_if_something_needs_it(
    server: StartServer, option: dict[str, Any]
) -> None:
    one = server("introspect", **option)

    def used() -> list[int]:
        return evaluate(one, "[uwsgi.workers()[0][key] for key in ('rss', 'vsz')]")

    wait_until(lambda: all(used()), "figures")
    rss, vsz = used()
    assert 1 << 20 < rss < vsz


@pytest.mark.quick
def test_started_on_is_the_start_of_what_was_loaded(server: StartServer) -> None:
    before = time.time()
    one = server("introspect")
    first = evaluate(one, "[uwsgi.started_on, int(uwsgi.magic_table[b't'])]")
    assert before - 1 <= first[0] == first[1] <= time.time()
    before = one.workers()
    wait_until(lambda: time.time() > first[0] + 1.1, "the next second")
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    one.wait_log(r"\(RE\)spawned")
    assert evaluate(one, "uwsgi.started_on") > first[0]
    one.settled_files = {}


@pytest.mark.quick
def test_request_calls_outside_a_request_are_refused(server: StartServer) -> None:
    one = server("introspect", threads=2)
    expression = (
        "(lambda seen, hook: [setattr(threading, 'excepthook', lambda a: seen.append("
        "a.exc_type.__name__)), (lambda t: (t.start(), t.join()))(threading.Thread("
        "target=lambda: uwsgi.set_logvar('a', 'b'))), setattr(threading, 'excepthook', hook),"
        " seen][-1])([], threading.excepthook)"
    )
    assert evaluate(one, expression) == ["SystemError"]


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
def test_postfork_runs_once_in_each_worker_before_its_first_request(
    server: StartServer, lazy: bool
) -> None:
    one = server("introspect", processes=2, lazy_apps=lazy)
    with Crowd(8) as crowd:
        calls = [crowd.call(_hook, one) for _ in range(8)]
    pids = {call.result() for call in calls}
    assert pids == {(pid, wid) for wid, pid in one.workers().items()}


def _hook(one: ServerProcess) -> tuple[int, int]:
    hooks, pid, _ = evaluate(one, "[HOOKS, os.getpid(), threading.Event().wait(0.1)]")
    assert len(hooks) == 1
    name, hook_pid, wid = hooks[0]
    assert (name, hook_pid) == ("postfork", pid)
    return pid, wid


def test_uwsgidecorators_needs_a_master(server: StartServer) -> None:
    one = server("introspect", master=False)
    assert evaluate(one, "HOOKS")[0].startswith("no uwsgidecorators: ")


@pytest.mark.quick
def test_reload_and_stop_reach_the_master(server: StartServer) -> None:
    one = server("introspect")
    pid = evaluate(one, "[uwsgi.reload(), os.getpid()][1]")
    wait_until(lambda: evaluate(one, "os.getpid()") != pid, "a new generation")
    assert evaluate(one, "uwsgi.is_a_reload") is True
    one.settled_files = {}
    evaluate(one, "uwsgi.stop()")
    assert one.wait_exit() == 0


def test_disconnect_ends_the_response_and_the_view_goes_on(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "early.py").write_text(
        "import uwsgi\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Length', '5')])\n"
        "    yield b'early'\n"
        "    uwsgi.disconnect()\n"
        "    print('still here', flush=True)\n"
    )
    one = server(wsgi_file=tmp_path / "early.py")
    assert one.get("/").body == b"early"
    one.wait_log("^still here$")


def test_a_logvar_is_in_the_request_line(server: StartServer) -> None:
    one = server("introspect", log_format="LV %(mine) %(other) END")
    evaluate(one, "uwsgi.set_logvar('mine', 'x' * 255)")
    one.wait_log(f"^LV {'x' * 255} - END$")


def test_the_module_exists_only_under_the_server() -> None:
    code = "import importlib.util as u; print(u.find_spec('uwsgi'))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout == "None\n"


def test_sentry_has_nothing_to_warn_of(
    server: StartServer, virtualenv: str, tmp_path: Path
) -> None:
    pytest.importorskip("sentry_sdk")
    (tmp_path / "observed.py").write_text(
        "import warnings\nwarnings.simplefilter('always')\n"
        "import sentry_sdk\nfrom sentry_sdk.integrations.wsgi import SentryWsgiMiddleware\n"
        "sentry_sdk.init('http://key@127.0.0.1:9/1', transport=lambda event: None)\n"
        "def inner(environ, start_response):\n"
        "    start_response('200 OK', [])\n    return [b'observed']\n"
        "application = SentryWsgiMiddleware(inner)\n"
    )
    one = server(wsgi_file=tmp_path / "observed.py", home=virtualenv, threads=2, processes=2)
    assert one.get("/").body == b"observed"
    assert not one.log_lines("IMPORTANT|preforking|enable-threads|py-call")


def test_apscheduler_starts_and_runs_jobs(
    server: StartServer, virtualenv: str, tmp_path: Path
) -> None:
    pytest.importorskip("apscheduler")
    (tmp_path / "scheduled.py").write_text(
        "from apscheduler.schedulers.background import BackgroundScheduler\n"
        "from uwsgidecorators import postfork\nRUNS = []\n"
        "scheduler = BackgroundScheduler()\n"
        "@postfork\ndef start():\n"
        "    scheduler.add_job(lambda: RUNS.append(1), 'interval', seconds=0.05)\n"
        "    scheduler.start()\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n    return [b'%d' % len(RUNS)]\n"
    )
    one = server(wsgi_file=tmp_path / "scheduled.py", home=virtualenv, threads=2)
    one.files_may_grow = True
    wait_until(lambda: int(one.get("/").body) >= 2, "two runs of the job")


def test_threads_have_native_names(server: StartServer, gate: Gate) -> None:
    one = server("gate", threads=3, env={"GATE": str(gate.directory)})

    def names() -> set[str]:
        tasks = Path(f"/proc/{one.workers()[1]}/task")
        return {(task / "comm").read_text().strip() for task in tasks.iterdir()}

    with Crowd(2) as crowd:
        for number in range(2):
            crowd.call(one.get, f"/wait?{number}")
        gate.wait_arrived(2)
        # Names have 15 bytes; the first thread's is the process's.
        assert names() >= {"uwsgi", "uWSGIWorker1Cor", "uWSGIWatchdog"}
        gate.open()
