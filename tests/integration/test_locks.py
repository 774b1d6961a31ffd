# SPDX-License-Identifier: MIT
"""uwsgi.lock(), unlock() and is_locked(): between all processes; its owner's death frees a lock."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any, Callable

import processes
import pytest
from clients import Crowd, Gate
from server import APPS, ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

GATE_APP = str(APPS / "gate" / "app.py")

# uWSGI's own locks hang where these tests look.
pytestmark = [pytest.mark.quick, pytest.mark.not_for_oracle]


def evaluate(one: ServerProcess, expression: str) -> Any:
    """Evaluate Python inside a worker."""
    return json.loads(one.post("/", expression.encode()).body)


def worker_that_locks(one: ServerProcess, number: int = 0) -> int:
    """Have some worker take the lock, and return its pid."""
    return evaluate(one, f"[uwsgi.lock({number}), os.getpid()]")[1]


def test_numbers_and_types(server: StartServer) -> None:
    one = server("introspect", locks=2)
    calls = {
        "uwsgi.is_locked()": False,
        "uwsgi.lock()": None,
        "uwsgi.is_locked(0)": True,
        "uwsgi.is_locked(1)": False,
        "uwsgi.unlock()": None,
        "uwsgi.is_locked(0) ": False,
        "uwsgi.unlock(2)": None,
        "[uwsgi.lock(2), uwsgi.is_locked(2), uwsgi.unlock(2)]": [None, True, None],
        "uwsgi.lock(3)": "raised ValueError: Invalid lock number",
        "uwsgi.unlock(-1)": "raised ValueError: Invalid lock number",
        "uwsgi.is_locked(3)": "raised ValueError: Invalid lock number",
    }
    assert {call: evaluate(one, call) for call in calls} == calls
    assert evaluate(one, "uwsgi.lock(1.5)").startswith("raised TypeError")


def test_lock_zero_is_there_without_the_option_and_without_a_master(server: StartServer) -> None:
    one = server("introspect", master=False)
    assert evaluate(one, "[uwsgi.lock(), uwsgi.is_locked(), uwsgi.unlock()]") == [None, True, None]
    assert evaluate(one, "uwsgi.lock(1)") == "raised ValueError: Invalid lock number"


def test_a_second_lock_in_one_thread_is_an_error_and_not_a_hang(server: StartServer) -> None:
    one = server("introspect")
    found = evaluate(one, "[uwsgi.lock(), uwsgi.lock()]")
    assert found.startswith("raised RuntimeError: this thread has lock 0 already")
    assert evaluate(one, "[uwsgi.unlock(), uwsgi.is_locked()]") == [None, False]


def test_another_process_waits_and_can_not_unlock(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "child.py").write_text(
        "import os, uwsgi\n"
        "def in_child(function):\n"
        "    reading, writing = os.pipe()\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        try:\n"
        "            text = repr(function())\n"
        "        except Exception as error:\n"
        "            text = repr(error)\n"
        "        os.write(writing, text.encode())\n"
        "        os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
        "    text = os.read(reading, 1000)\n"
        "    os.close(reading)\n"
        "    os.close(writing)\n"
        "    return text\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    uwsgi.lock()\n"
        "    locked = in_child(uwsgi.is_locked)\n"
        "    refused = in_child(uwsgi.unlock)\n"
        "    uwsgi.unlock()\n"
        "    taken = in_child(lambda: [uwsgi.lock(), uwsgi.is_locked()])\n"
        "    return [b'\\n'.join([locked, refused, taken, repr(uwsgi.is_locked()).encode()])]\n"
    )
    one = server(wsgi_file=tmp_path / "child.py")
    locked, refused, taken, after = one.get("/").body.split(b"\n")
    assert locked == b"True"
    assert b"RuntimeError" in refused
    assert b"has lock 0, and not this one" in refused
    assert taken == b"[None, True]"
    # The child died with it.
    assert after == b"False"


def test_the_lock_of_a_worker_that_was_killed_is_free(server: StartServer) -> None:
    one = server("introspect", processes=2)
    before = one.workers()
    owner = worker_that_locks(one)
    number = next(n for n, pid in before.items() if pid == owner)
    one.expect_errors("DAMN")
    os.kill(owner, signal.SIGKILL)
    one.wait_replaced({number: owner})
    # is_locked() leaves it as it is.
    assert evaluate(one, "[uwsgi.is_locked(), uwsgi.is_locked()]") == [False, False]
    assert evaluate(one, "[uwsgi.lock(), uwsgi.is_locked(), uwsgi.unlock()]") == [None, True, None]
    one.wait_log(r"\[deadlock-detector\] a process that had uwsgi.lock\(0\) died")


def test_who_waits_lets_others_work_and_shows_in_the_status(server: StartServer) -> None:
    one = server("introspect", processes=1, threads=3)
    code = "[threading.Thread(target=uwsgi.lock, args=(0,)).start(), 1]"
    evaluate(one, code)
    wait_until(lambda: evaluate(one, "uwsgi.is_locked()"), "the thread's lock")
    with Crowd(1) as crowd:
        waiting = crowd.call(evaluate, one, "[uwsgi.lock(), uwsgi.unlock()]")

        def shown() -> bool:
            one.send_signal(signal.SIGUSR1)
            return bool(one.log_lines(r"thread \d waits for lock 0"))

        wait_until(shown, "the wait in the status")
        assert evaluate(one, "1 + 1") == 2
        evaluate(one, "uwsgi.unlock()")
        assert waiting.result() == [None, None]


APP_THAT_LOCKS = """
import uwsgi
uwsgi.lock()
{more}
def application(environ, start_response):
    start_response('200 OK', [])
    uwsgi.lock()
    uwsgi.unlock()
    return [b'served']
"""


@pytest.mark.parametrize("more", ["uwsgi.unlock()", ""])
def test_a_lock_of_the_import_is_not_inherited(
    server: StartServer, tmp_path: Path, more: str
) -> None:
    (tmp_path / "app.py").write_text(APP_THAT_LOCKS.format(more=more))
    one = server(wsgi_file=tmp_path / "app.py", processes=2)
    assert one.get("/").body == b"served"
    assert bool(one.log_lines("no worker inherits the lock")) == (not more)


def test_the_generations_of_a_reload_share_the_locks(
    server: StartServer, gate: Gate, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(
        "import importlib.util, json, os, uwsgi\n"
        f"spec = importlib.util.spec_from_file_location('gate', {GATE_APP!r})\n"
        "gate = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(gate)\n"
        "def application(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/ask':\n"
        "        start_response('200 OK', [])\n"
        "        return [json.dumps([os.getpid(), uwsgi.is_locked()]).encode()]\n"
        "    uwsgi.lock()\n"
        "    try:\n"
        "        return gate.application(environ, start_response)\n"
        "    finally:\n"
        "        uwsgi.unlock()\n"
    )
    # The old worker, too, has a thread for those who ask.
    one = server(wsgi_file=tmp_path / "app.py", threads=2, env={"GATE": str(gate.directory)})

    def ask() -> tuple[int, bool]:
        pid, is_locked = json.loads(one.get("/ask").body)
        return pid, is_locked

    with Crowd(1) as crowd:
        inside = crowd.call(one.get, "/wait?first")
        gate.wait_arrived(1)
        old = one.workers()[1]
        assert ask() == (old, True)
        one.send_signal(signal.SIGHUP)
        wait_until(lambda: ask()[0] != old, "the new worker to answer")
        assert ask()[1]
        assert old in processes.descendants(one.pid)
        gate.open()
        inside.result()
    wait_until(lambda: not ask()[1], "the old worker to unlock")
