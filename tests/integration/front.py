# SPDX-License-Identifier: MIT
"""A web server of the system, in front of a server."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Mapping

import http_client
import wire
from waiting import patience, wait_until


class Front:
    """A running web server that listens at `address`, and says what is wrong in `log`."""

    def __init__(self, command: list[str], address: wire.Address, log: Path) -> None:
        """Start it, and wait until it listens."""
        self.address = address
        self._log = log
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=open(log, "wb"),  # noqa: SIM115
            stderr=subprocess.STDOUT,
        )
        wait_until(self._is_up, f"{command[0]} to listen")

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        return wire.connects(self.address)

    def get(self, target: str = "/", headers: Mapping[str, str] | None = None) -> wire.Response:
        """Do one GET through it."""
        return http_client.request(self.address, "GET", target, None, headers)

    def stop(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10 * patience())
