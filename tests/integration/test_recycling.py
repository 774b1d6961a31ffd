# SPDX-License-Identifier: MIT
"""Workers that have served enough are replaced, and nobody waits for it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Callable

import processes
import pytest
from clients import LoopingClients
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]


@pytest.mark.quick
@pytest.mark.parametrize("threads", [1, 4])
def test_a_worker_is_replaced_after_max_requests(server: StartServer, threads: int) -> None:
    one = server("hello", threads=threads, max_requests=20, min_worker_lifetime=0)
    first = one.get("/pid").body
    wait_until(lambda: one.get("/pid").body != first, "another worker to answer")
    one.settled_files = {}


@pytest.mark.quick
def test_recycling_loses_no_request(server: StartServer) -> None:
    one = server("hello", processes=4, threads=2, max_requests=50, min_worker_lifetime=0)
    first = one.workers()

    def ask() -> None:
        assert one.get("/").body == b"hello"

    with LoopingClients(16, ask) as clients:
        clients.wait_more(1000)
        one.wait_log("Respawned uWSGI worker", count=8, timeout=30)
    assert clients.failures == []
    assert len(first.items() & one.workers().items()) < 4
    one.settled_files = {}


def test_threads_that_start_at_import_never_hang_a_recycled_worker(
    server: StartServer, tmp_path: Path
) -> None:
    one = server(
        "threads_at_import",
        processes=4,
        threads=4,
        max_requests=5,
        min_worker_lifetime=0,
        env={"NOISE": str(tmp_path / "noise.log")},
    )

    def ask() -> None:
        assert one.get("/").body == b"ok"

    with LoopingClients(8, ask) as clients:
        clients.wait_more(1500)
    assert clients.failures == []
    assert clients.slowest < 4
    one.settled_files = {}
    one.files_may_grow = True


def test_a_worker_that_was_killed_is_respawned(server: StartServer) -> None:
    one = server("hello", processes=2)
    one.expect_errors("DAMN")
    victim = one.workers()[1]
    os.kill(victim, signal.SIGKILL)
    one.wait_log(rf"DAMN ! worker 1 \(pid: {victim}\) died, killed by signal 9")
    one.wait_log(r"Respawned uWSGI worker 1 \(new pid: ")
    wait_until(lambda: one.workers().get(1) not in (None, victim), "worker 1 again")
    assert processes.parent(one.workers()[1]) == one.pid
    assert one.get("/").body == b"hello"


def test_a_lifetime_recycles_an_idle_worker(server: StartServer) -> None:
    one = server("hello", processes=2, max_worker_lifetime=1, min_worker_lifetime=0)
    one.wait_replaced(one.workers())
    assert one.get("/").body == b"hello"
    one.settled_files = {}
