# SPDX-License-Identifier: MIT
"""The server speaks English and knows ASCII, whatever locale the application sets."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable

import pytest
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

SETS_ITS_LOCALE = """
import locale
import time

locale.setlocale(locale.LC_ALL, "")
print("today is", time.strftime("%A %B", time.gmtime(1777717230)))

def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
"""


def locale_variables(directory: Path, language: str) -> dict[str, str]:
    """Make a locale, and return the environment of a process that has it."""
    name = f"{language}.UTF-8"
    command = ["localedef", "-i", language, "-f", "UTF-8", str(directory / name)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {"LOCPATH": str(directory), "LC_ALL": name}


@pytest.mark.quick
def test_the_log_of_a_czech_application_is_english(server: StartServer, tmp_path: Path) -> None:
    app = tmp_path / "czech.py"
    app.write_text(SETS_ITS_LOCALE)
    ftime = "%A %d %B"
    before = time.time()
    one = server(
        wsgi_file=app,
        log_date=ftime.replace("%", "%%"),  # A single one begins a magic variable.
        log_format="REQUEST %(ctime)|%(ltime)|%(ftime)|",
        env=locale_variables(tmp_path, "cs_CZ"),
    )
    one.get("/")
    line = one.wait_log("^REQUEST ")[0]
    one.wait_log("^today is Sobota května$")
    seconds = [time.localtime(t) for t in range(int(before), int(time.time()) + 1)]
    assert line in [
        time.strftime(f"REQUEST %a %b %e %H:%M:%S %Y|%d/%b/%Y:%H:%M:%S %z|{ftime}|", second)
        for second in seconds
    ]
    os.kill(one.workers()[1], signal.SIGUSR1)
    own = one.wait_log("requests, 0 of 1 threads busy")[0]
    assert own.partition(" - ")[0] in [time.strftime(ftime, second) for second in seconds]


@pytest.mark.quick
def test_extensions_of_a_turkish_server_are_ascii(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "IMAGE.GIF").write_bytes(b"GIF89a")
    one = server("hello", static_map=f"/s={tmp_path}", env=locale_variables(tmp_path, "tr_TR"))
    assert one.get("/s/IMAGE.GIF").header("Content-Type") == "image/gif"
