# SPDX-License-Identifier: MIT
"""The system's Apache with mod_proxy_uwsgi, in front of a server."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Mapping

import http_client
import wire
from waiting import patience, wait_until

_CONFIGURATION = """
ServerRoot /usr/lib/apache2
ServerName localhost
PidFile {directory}/apache.pid
ErrorLog {directory}/apache-error.log
Listen {listen}
User nobody
Group nogroup
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule headers_module modules/mod_headers.so
LoadModule proxy_module modules/mod_proxy.so
LoadModule proxy_http_module modules/mod_proxy_http.so
LoadModule proxy_uwsgi_module modules/mod_proxy_uwsgi.so
{extra}
"""


class Apache:
    """A running Apache; `extra` says what it passes on."""

    def __init__(self, directory: Path, extra: str) -> None:
        """Start it in one process."""
        self.directory = directory
        self.address: wire.Address = wire.free_port()
        text = _CONFIGURATION.format(
            directory=directory, listen="{}:{}".format(*self.address), extra=extra
        )
        path = directory / "apache.conf"
        path.write_text(text)
        self.process = subprocess.Popen(
            ["apache2", "-X", "-f", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=open(directory / "apache-stdout.log", "wb"),  # noqa: SIM115
            stderr=subprocess.STDOUT,
        )
        wait_until(self._is_up, "Apache to listen")

    def _is_up(self) -> bool:
        assert self.process.poll() is None, (self.directory / "apache-stdout.log").read_text()
        return wire.connects(self.address)

    def get(self, target: str = "/", headers: Mapping[str, str] | None = None) -> wire.Response:
        """Do one GET through it."""
        return http_client.request(self.address, "GET", target, None, headers)

    def stop(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10 * patience())
