# SPDX-License-Identifier: MIT
"""One log has one clock zone: the application's."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Callable

import pytest
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

SETS_THE_ZONE = """
import os, time
if {zone!r}:
    os.environ["TZ"] = {zone!r}
    time.tzset()
def application(environ, start_response):
    start_response("200 OK", [])
    return [os.environ.get("TZ", "none").encode()]
"""


def write(path: Path, zone: str) -> None:
    path.write_text(SETS_THE_ZONE.format(zone=zone))


@pytest.mark.not_for_oracle
@pytest.mark.quick
def test_the_next_application_starts_in_the_zone_of_the_start(
    server: StartServer, tmp_path: Path
) -> None:
    write(tmp_path / "app.py", "UTC-9")
    one = server(wsgi_file=tmp_path / "app.py", env={"TZ": "UTC+3"})
    assert one.get().text == "UTC-9"
    write(tmp_path / "app.py", "")
    one.send_signal(signal.SIGHUP)
    one.settled_files = {}
    wait_until(lambda: one.get().text == "UTC+3", "the next application")


@pytest.mark.not_for_oracle
def test_a_zone_that_was_unset_at_the_start_is_unset_for_the_next_application(
    server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    write(tmp_path / "app.py", "UTC-9")
    one = server(wsgi_file=tmp_path / "app.py")
    assert one.get().text == "UTC-9"
    write(tmp_path / "app.py", "")
    one.send_signal(signal.SIGHUP)
    one.settled_files = {}
    wait_until(lambda: one.get().text == "none", "the next application")
