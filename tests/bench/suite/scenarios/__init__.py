# SPDX-License-Identifier: MIT
"""All scenarios, in the order of the page."""

from __future__ import annotations

from suite.scenario import Scenario
from suite.scenarios import (
    bodies,
    connections,
    django,
    frameworks,
    hello,
    memory,
    mixed,
    profile,
    scaling,
    start,
    static,
    wheel,
)

ALL: list[Scenario] = [
    django.FAST,
    django.BLOCKING,
    hello.UWSGI,
    hello.HTTP,
    bodies.SCENARIO,
    mixed.SCENARIO,
    static.SCENARIO,
    memory.SCENARIO,
    start.SCENARIO,
    connections.SCENARIO,
    scaling.SCENARIO,
    frameworks.SCENARIO,
    wheel.SCENARIO,
    profile.SCENARIO,
]
