# SPDX-License-Identifier: MIT
"""Every command line of README.md and docs/ works as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import (
    NOT_RUN,
    Command,
    commands_outside_of_blocks,
    follow,
    pages,
    reason_not_to_run,
    steps,
)
from sandbox import Sandbox, sandbox
from server import Binary

pytestmark = pytest.mark.not_for_oracle

# Pages whose commands are run by others.
OTHER_PAGES = {"docs/performance.md": "tests/bench/run has run them, with other servers"}

APP = """
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"ok"]
"""


def commands(page: str) -> list[str]:
    """Return the commands of a page."""
    return [step.text for step in steps(page) if isinstance(step, Command)]


PAGES = [page for page in pages() if page not in OTHER_PAGES]
TYPED_PAGES = [page for page in PAGES if any(reason_not_to_run(c) is None for c in commands(page))]


def prepare_readme(terminal: Sandbox) -> None:
    """Be on a machine where nginx serves."""
    terminal.start_nginx()


def prepare_operating(terminal: Sandbox) -> None:
    """Be on a machine with systemd, where nginx serves, and the server is installed."""
    if not terminal.has_systemd:
        pytest.skip("no systemd can be started here")
    terminal.start_nginx()
    terminal.install_server()


def prepare_signals(terminal: Sandbox) -> None:
    """Be where a server runs whose pidfile is uwsgi.pid."""
    terminal.write("app.py", APP)
    terminal.run("uwsgi --http :8000 -w app --pidfile uwsgi.pid --daemonize2 uwsgi.log")


PREPARED = {
    "README.md": prepare_readme,
    "docs/operating.md": prepare_operating,
    "docs/signals.md": prepare_signals,
}


@pytest.mark.parametrize("page", TYPED_PAGES)
def test_the_commands_of_a_page_work_as_they_are_written(
    page: str, binary: Binary, tmp_path: Path, virtualenv: str
) -> None:
    with sandbox(tmp_path, binary.path) as terminal:
        PREPARED.get(page, lambda _: None)(terminal)
        follow(terminal, page)


def test_each_reason_not_to_run_a_command_is_needed() -> None:
    every = [command for page in PAGES for command in commands(page)]
    for what, why in NOT_RUN.items():
        assert any(re.fullmatch(what, command, re.S) for command in every), (what, why)


@pytest.mark.parametrize("page", pages())
def test_no_command_stands_outside_of_the_blocks_that_are_run(page: str) -> None:
    assert commands_outside_of_blocks(page) == []
