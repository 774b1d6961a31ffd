# SPDX-License-Identifier: MIT
"""Pure Python, as an application and as a program: what an interpreter makes of the same loop.

usage: calls.py SECONDS
"""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Iterable

TURNS = 20_000


class Basket:
    """Something with methods, a dict and strings, as the code of sites is made of."""

    def __init__(self) -> None:
        """Begin empty."""
        self.counts: dict[str, int] = {}

    def add(self, name: str) -> int:
        """Count a name."""
        self.counts[name] = self.counts.get(name, 0) + 1
        return len(name)


def microseconds() -> float:
    """Return the CPU time of one run of the loop."""
    begin = time.thread_time()
    basket = Basket()
    for turn in range(TURNS):
        basket.add("item-" + str(turn & 63))
    return (time.thread_time() - begin) * 1e6


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Run the loop once and answer how long it took."""
    body = b"%.1f" % microseconds()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def main() -> None:
    """Print how long each run of the loop took, for so many seconds."""
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        print(f"{microseconds():.1f}")


if __name__ == "__main__":
    main()
