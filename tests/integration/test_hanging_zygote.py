# SPDX-License-Identifier: MIT
"""A zygote that does not fork any more is noticed, and another generation takes its place."""

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

pytestmark = pytest.mark.not_for_oracle  # It has no zygote.

ANSWER = """
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"%d" % os.getpid()]
"""

# The first zygote hangs in its fork hook once the test says so.
HOOK = f"""
import os, time

def before_fork():
    hang = os.environ["HANG"]
    while os.path.exists(hang) and os.getpid() == int(open(hang).read()):
        time.sleep(0.01)

os.register_at_fork(before=before_fork)
{ANSWER}"""

# A thread of the first import takes the GIL, and keeps it, once the test says so.
GIL = f"""
import ctypes, os, threading, time

def keep():
    while not (os.path.exists(os.environ["HANG"])
               and os.getpid() == int(open(os.environ["HANG"]).read())):
        time.sleep(0.01)
    open(os.environ["HANG"] + "s", "w").close()
    ctypes.PyDLL(None).sleep(600)

threading.Thread(target=keep, daemon=True).start()
{ANSWER}"""


def zygotes(one: ServerProcess) -> set[int]:
    """Return the living zygotes of a server with settled workers."""
    return processes.descendants(one.pid) - set(one.workers().values())


@pytest.mark.parametrize("way", ["stopped", "fork hook", "GIL"])
def test_a_zygote_that_hangs_is_replaced_with_its_generation(
    server: StartServer, tmp_path: Path, way: str
) -> None:
    app = tmp_path / "hanging.py"
    app.write_text({"stopped": "import os\n" + ANSWER, "fork hook": HOOK, "GIL": GIL}[way])
    hang = tmp_path / "hang"
    one = server(wsgi_file=app, processes=2, env={"HANG": str(hang)})
    one.expect_errors("DAMN", "hangs")
    before = one.workers()
    (zygote,) = zygotes(one)
    if way == "stopped":
        os.kill(zygote, signal.SIGSTOP)
    else:
        (tmp_path / "pid").write_text(str(zygote))
        os.rename(tmp_path / "pid", hang)
        if way == "GIL":
            wait_until((tmp_path / "hangs").exists, "the thread to have the GIL")
    os.kill(before[1], signal.SIGKILL)
    one.wait_log(rf"the zygote of generation 1 \(pid: {zygote}\) hangs", timeout=15)
    one.wait_replaced(before)
    wait_until(lambda: not processes.alive(zygote), "the zygote to be ended")
    assert {int(one.get("/").text) for _ in range(20)} <= set(one.workers().values())
    one.settled_files = {}


def test_a_reload_whose_zygote_hangs_fails(server: StartServer, tmp_path: Path) -> None:
    app = tmp_path / "hanging.py"
    app.write_text("import os\n" + ANSWER)
    one = server(wsgi_file=app, processes=2)
    one.expect_errors("hangs", "reload failed")
    before = one.workers()
    app.write_text("import os, time\nos.register_at_fork(before=lambda: time.sleep(600))" + ANSWER)
    one.send_signal(signal.SIGHUP)
    one.wait_log("reload failed: its zygote does not fork; generation 1 serves on", timeout=15)
    assert int(one.get("/").text) in before.values()
    wait_until(lambda: len(zygotes(one)) == 1, "the hanging zygote to be ended")
    app.write_text("import os\n" + ANSWER)
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    one.settled_files = {}
