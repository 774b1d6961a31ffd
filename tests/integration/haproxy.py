# SPDX-License-Identifier: MIT
"""The system's HAProxy, in front of a server."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Mapping

import http_client
import wire
from waiting import patience, wait_until

_CONFIGURATION = """
defaults
  mode {mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend clients
  bind unix@{directory}/haproxy.sock
  bind {listen}
  default_backend servers
backend servers
  server one {upstream} {server_options}
"""


class HaProxy:
    """A running HAProxy; it listens on a unix socket and on a TCP port of its own."""

    def __init__(
        self, directory: Path, upstream: str, *, mode: str = "http", server_options: str = ""
    ) -> None:
        """Start it in front of `upstream`, written as HAProxy writes addresses."""
        self.directory = directory
        self.address: wire.Address = wire.free_port()
        text = _CONFIGURATION.format(
            directory=directory,
            mode=mode,
            listen="{}:{}".format(*self.address),
            upstream=upstream,
            server_options=server_options,
        )
        path = directory / "haproxy.cfg"
        path.write_text(text)
        self.process = subprocess.Popen(
            ["haproxy", "-db", "-f", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=open(directory / "haproxy.log", "wb"),  # noqa: SIM115
            stderr=subprocess.STDOUT,
        )
        wait_until(self._is_up, "HAProxy to listen")

    def _is_up(self) -> bool:
        assert self.process.poll() is None, (self.directory / "haproxy.log").read_text()
        return wire.connects(self.address)

    def get(self, target: str = "/", headers: Mapping[str, str] | None = None) -> wire.Response:
        """Do one GET through it."""
        return http_client.request(self.address, "GET", target, None, headers)

    def stop(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10 * patience())
