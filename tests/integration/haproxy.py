# SPDX-License-Identifier: MIT
"""The system's HAProxy, in front of a server."""

from __future__ import annotations

from pathlib import Path

import wire
from front import Front

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


class HaProxy(Front):
    """A running HAProxy; it listens on a unix socket and on a TCP port of its own."""

    def __init__(
        self, directory: Path, upstream: str, *, mode: str = "http", server_options: str = ""
    ) -> None:
        """Start it in front of `upstream`, written as HAProxy writes addresses."""
        address: wire.Address = wire.free_port()
        text = _CONFIGURATION.format(
            directory=directory,
            mode=mode,
            listen="{}:{}".format(*address),
            upstream=upstream,
            server_options=server_options,
        )
        path = directory / "haproxy.cfg"
        path.write_text(text)
        super().__init__(["haproxy", "-db", "-f", str(path)], address, directory / "haproxy.log")
