# SPDX-License-Identifier: MIT
"""One log has one clock zone: the application's."""

from __future__ import annotations

import re
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


def zones(one: ServerProcess, pattern: str) -> list[str]:
    """Return the offsets of the lines that match."""
    return [re.findall(r"[+-]\d{4}", line)[0] for line in one.wait_log(pattern)]


@pytest.mark.not_for_oracle
@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
def test_the_master_writes_in_the_zone_that_the_application_sets(
    server: StartServer, tmp_path: Path, lazy: bool
) -> None:
    write(tmp_path / "app.py", "UTC-9")
    one = server(
        wsgi_file=tmp_path / "app.py",
        lazy_apps=lazy,
        log_date="%%z",
        log_format="request at %(ltime)",
        env={"TZ": "UTC+3"},
    )
    one.get()
    assert zones(one, "request at")[:1] == ["+0900"]
    assert zones(one, r"ready in \d+ ms") == ["+0900"]
    assert zones(one, "spawned uWSGI master") == ["-0300"]

    # The next application starts from where the server was started, and not from the last one's.
    write(tmp_path / "app.py", "")
    one.send_signal(signal.SIGHUP)
    assert zones(one, "RE.spawned") == ["-0300"]
    wait_until(lambda: one.get().text == "UTC+3", "the next application")
    assert zones(one, "SIGHUP received") == ["+0900"]
    one.settled_files = {}


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
    one.wait_log("RE.spawned")
    one.settled_files = {}
    wait_until(lambda: one.get().text == "none", "the next application")


@pytest.mark.not_for_oracle
def test_a_reload_that_fails_leaves_the_zone_as_it_was(server: StartServer, tmp_path: Path) -> None:
    write(tmp_path / "app.py", "UTC-9")
    one = server(wsgi_file=tmp_path / "app.py", processes=2, log_date="%%z", lazy_apps=True)
    one.expect_errors()
    (tmp_path / "app.py").write_text("import os\nos.environ['TZ'] = 'UTC-5'\nraise ValueError")
    one.send_signal(signal.SIGHUP)
    assert zones(one, "reload failed") == ["+0900"]
    one.settled_files = {}
