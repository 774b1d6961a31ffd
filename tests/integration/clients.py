# SPDX-License-Identifier: MIT
"""Many clients at once."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Sequence

from waiting import patience, wait_until


class Gate:
    """Holds requests of the `gate` application inside it until the test lets them go."""

    def __init__(self, directory: Path) -> None:
        """Use `directory`, which must be the application's $GATE."""
        self.directory = directory
        directory.mkdir()

    def arrived(self) -> int:
        """Return how many requests have entered the application."""
        return len(list(self.directory.glob("arrived-*")))

    def wait_arrived(self, count: int, timeout: float = 20.0) -> None:
        """Return once `count` requests are inside."""
        wait_until(lambda: self.arrived() >= count, f"{count} requests inside", timeout)

    def open(self, name: str = "open") -> None:
        """Let one request go on, or all."""
        (self.directory / name).touch()


class Crowd:
    """Calls that run in threads of the test; leaving the context waits for all."""

    def __init__(self, size: int = 64) -> None:
        """Make room for `size` calls at once."""
        self._pool = ThreadPoolExecutor(size)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True)

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Start a call; its `result()` is the return value."""
        return self._pool.submit(function, *args, **kwargs)


class LoopingClients:
    """Clients that repeat a request until they are stopped, and note what went wrong."""

    def __init__(self, count: int, request: Callable[[], Any]) -> None:
        """Start `count` threads; `request` raises when its answer is not as it should be."""
        self.done = 0
        self.slowest = 0.0
        self.failures: list[str] = []
        self._request = request
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(count)]

    def __enter__(self) -> LoopingClients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30 * patience())

    def wait_more(self, count: int = 100) -> None:
        """Return when `count` further requests have been answered or one has failed."""
        goal = self.done + count
        wait_until(lambda: self.done >= goal or self.failures, f"{count} answers", 30)

    def _loop(self) -> None:
        while not self._stop.is_set():
            start = time.monotonic()
            try:
                self._request()
            except Exception as error:
                with self._lock:
                    self.failures.append(f"{type(error).__name__}: {error}")
            with self._lock:
                self.done += 1
                self.slowest = max(self.slowest, time.monotonic() - start)


class Trickle:
    """One thread that sends a byte a second on each of many connections, until it is stopped."""

    def __init__(self, connections: Sequence[socket.socket], data: bytes) -> None:
        """Send `data`, the same on every connection."""
        self.rounds = 0  # How many bytes each connection has sent.
        self._connections = connections
        self._data = data
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Trickle:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30 * patience())

    def _run(self) -> None:
        due = time.monotonic()
        for number in range(len(self._data)):
            for connection in self._connections:
                due += 1 / len(self._connections)
                if self._stop.wait(max(0, due - time.monotonic())):
                    return
                with contextlib.suppress(OSError):
                    connection.send(self._data[number : number + 1])
            self.rounds += 1


class ResponseTimes:
    """How long requests take, one after the other."""

    def __init__(self, request: Callable[[], Any]) -> None:
        """Measure `request`, a hundred times to begin with: that is how it is undisturbed."""
        self._request = request
        self._times: list[float] = []
        self.add(100)
        self._undisturbed = self.slow()
        self._times.clear()

    def add(self, count: int) -> None:
        """Measure `count` more."""
        for _ in range(count):
            begin = time.monotonic()
            self._request()
            self._times.append(time.monotonic() - begin)

    def slow(self) -> float:
        """Return the seconds that one in a hundred exceeds."""
        assert len(self._times) >= 100
        return sorted(self._times)[-1 - len(self._times) // 100]

    def expect_below(self, limit: float) -> None:
        """Assert that 99 of 100 took less than `limit` seconds, however slow the machine is."""
        allowed = max(limit * patience(), 5 * self._undisturbed)
        assert self.slow() < allowed, f"{self.slow():.3f} s, undisturbed {self._undisturbed:.3f} s"
