# SPDX-License-Identifier: MIT
"""An import that takes long: the log says where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest
from server import ServerProcess

# The second one holds the GIL in C all the time.
WAITS = [
    "import time; time.sleep(12)",
    "import re, time; end, match = time.time() + 12, re.compile('(a+)+$').match\n"
    "while time.time() < end: match('a' * 22 + 'b')",
]


@pytest.mark.parametrize("wait", WAITS)
def test_a_slow_import_says_where_it_is(
    new_server: Callable[..., ServerProcess], tmp_path: Path, wait: str
) -> None:
    app = tmp_path / "slow.py"
    line = 4 + wait.count("\n")
    app.write_text(
        f"import subprocess, threading\nassert threading.active_count() == 1\n\n{wait}\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n    return [b'loaded']\n"
    )
    one = new_server().start(wsgi_file=app, ready=False)
    one.wait_log(
        rf"^warning: still loading after 1\d s: {app}, line {line} in <module>$", timeout=30
    )
    one.wait_ready()
    assert one.get("/").body == b"loaded"


def test_a_quick_import_says_nothing_about_its_time(
    new_server: Callable[..., ServerProcess],
) -> None:
    one = new_server().start("hello")
    assert not one.log_lines("still loading")
