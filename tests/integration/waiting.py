# SPDX-License-Identifier: MIT
"""Waiting for a condition, the only way a test may wait."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

T = TypeVar("T")

_POLL = 0.01
_patience = 1.0


def set_patience(factor: float) -> None:
    """Multiply every deadline by `factor`: sanitizer builds are slow."""
    global _patience
    _patience = factor


def patience() -> float:
    """Return the factor by which deadlines are stretched."""
    return _patience


def wait_until(condition: Callable[[], T], what: str, timeout: float = 10.0) -> T:
    """Return the condition's first true value; fail with `what` after the deadline."""
    deadline = time.monotonic() + timeout * _patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout * _patience:.1f} s in vain for: {what}")
        time.sleep(_POLL)
