# SPDX-License-Identifier: MIT
"""Dates, durations, sizes and processes that the server tells of are what a clock and /proc say."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from datetime import datetime
from typing import Any, Callable

import processes
import pytest
from clients import Crowd, Gate
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

HELD = 0.3  # Seconds that a request stays in the application, at least.


def evaluate(one: ServerProcess, expression: str) -> Any:
    """Evaluate Python inside a worker."""
    return json.loads(one.post("/", expression.encode()).body)


def hold_a_request(one: ServerProcess, gate: Gate) -> tuple[float, float]:
    """Let a request stand still for HELD; return the least and the most that it may have taken."""
    with Crowd(1) as crowd:
        asked = time.monotonic()
        held = crowd.call(one.get, "/wait?a")
        gate.wait_arrived(1)
        inside = time.monotonic()
        wait_until(lambda: time.monotonic() >= inside + HELD, "the request to be old enough")
        least = time.monotonic() - inside
        gate.open()
        assert held.result().status == 200
        return least, time.monotonic() - asked


@pytest.mark.quick
@pytest.mark.parametrize("zone,offset", [("UTC", "UTC"), ("Asia/Kathmandu", "UTC+05:45")])
def test_log_date_is_the_local_time(server: StartServer, zone: str, offset: str) -> None:
    before = int(time.time())
    one = server("hello", log_date="%%Y-%%m-%%d %%H:%%M:%%S %%z", env={"TZ": zone})
    os.kill(one.workers()[1], signal.SIGUSR1)
    one.wait_log(r"worker 1 \(pid: \d+\): 0 requests")
    lines = one.log_lines(r"spawned uWSGI|worker 1 ")
    dates = [datetime.strptime(line.partition(" - ")[0], "%Y-%m-%d %H:%M:%S %z") for line in lines]
    assert len(dates) >= 3  # The master has written some, and the worker.
    assert {str(date.tzinfo) for date in dates} == {offset}
    assert all(before <= date.timestamp() <= time.time() for date in dates)


@pytest.mark.quick
def test_the_request_log_tells_how_long_a_request_took(server: StartServer, gate: Gate) -> None:
    names = "msecs micros secs tmsecs tmicros time epoch"
    one = server(
        "gate",
        log_format="TIMES " + " ".join(f"{name}=%({name})" for name in names.split()),
        env={"GATE": str(gate.directory)},
    )
    began = time.time()
    least, most = hold_a_request(one, gate)
    line = one.wait_log("^TIMES ")[0]
    ended = time.time()
    said = {name: float(value) for name, value in re.findall(r"(\w+)=(\S+)", line)}
    assert least - 0.001 <= said["micros"] / 1e6 <= most
    assert said["msecs"] == said["micros"] // 1000
    assert said["secs"] == said["micros"] / 1e6
    # The clock of the start is that of the kernel's last tick.
    assert began - 0.02 <= said["tmicros"] / 1e6 <= ended - least
    assert said["tmsecs"] == said["tmicros"] // 1000
    assert said["time"] == said["tmicros"] // 1_000_000
    assert said["epoch"] == (said["tmicros"] + said["micros"]) // 1_000_000


@pytest.mark.quick
def test_the_request_log_tells_of_the_workers_memory(server: StartServer) -> None:
    one = server(
        "hello",
        memory_report=True,
        log_format="MEMORY %(rss) %(rssM) %(vsz) %(vszM) %(pid) %(wid)",
    )
    one.get("/")
    line = one.wait_log("^MEMORY ")[0]
    rss, rss_mebi, vsz, vsz_mebi, pid, wid = map(int, line.split()[1:])
    assert {wid: pid} == one.workers()
    now_vsz, now_rss = processes.memory(pid)
    assert rss == pytest.approx(now_rss, rel=0.05)
    assert vsz == pytest.approx(now_vsz, rel=0.05)
    assert (rss_mebi, vsz_mebi) == (rss >> 20, vsz >> 20)


@pytest.mark.quick
def test_workers_tells_what_each_has_done(server: StartServer) -> None:
    one = server("introspect", threads=2, log_format="SIZE %(size) %(micros)")
    began = int(time.time())
    for expression in ("'x' * 5000", "threading.Event().wait(0.2)"):
        evaluate(one, expression)
    lines = one.wait_log("^SIZE ", 2)
    sizes, micros = zip(*(map(int, line.split()[1:]) for line in lines))
    worker = evaluate(one, "uwsgi.workers()")[0]
    expected = {
        "id": 1,
        "pid": one.workers()[1],
        "requests": 2,
        "delta_requests": 2,
        "exceptions": 0,
        "harakiri_count": 0,
        "respawn_count": 0,
        "tx": sum(sizes),
        "running_time": sum(micros),
        "avg_rt": (micros[0] // 2 + micros[1]) // 2,
        "accepting": 1,
    }
    assert {name: worker[name] for name in expected} == expected
    assert began - 30 <= worker["last_spawn"] <= began + 1
    assert micros[1] >= 200_000
    assert worker["apps"][0]["requests"] == 3  # The one that asks is among them.


@pytest.mark.quick
def test_the_module_tells_of_the_process_it_is_in(server: StartServer) -> None:
    one = server("introspect", processes=2)
    before = time.time()
    pid, wid, master, rss, vsz, micros, size = evaluate(
        one,
        "[os.getpid(), uwsgi.worker_id(), uwsgi.masterpid(), *uwsgi.mem(), uwsgi.micros(),"
        " uwsgi.logsize()]",
    )
    after = time.time()
    assert one.workers()[wid] == pid
    assert master == one.pid
    now_vsz, now_rss = processes.memory(pid)
    assert rss == pytest.approx(now_rss, rel=0.05)
    assert vsz == pytest.approx(now_vsz, rel=0.05)
    assert before <= micros / 1e6 <= after
    assert 0 < size <= one.log_path.stat().st_size
    assert evaluate(one, "[uwsgi.listen_queue(), uwsgi.numproc, uwsgi.cores]") == [0, 2, 1]
