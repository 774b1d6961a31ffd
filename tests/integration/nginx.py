# SPDX-License-Identifier: MIT
"""The system's nginx, with a configuration of the test's own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import ClassVar, Mapping

import http_client
import processes
import wire
from waiting import patience, wait_until

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx-error.log info;
{user}
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path {directory}/nginx-body;
  uwsgi_temp_path {directory}/nginx-uwsgi;
  proxy_temp_path {directory}/nginx-proxy;
  fastcgi_temp_path {directory}/nginx-fastcgi;
  scgi_temp_path {directory}/nginx-scgi;
  client_max_body_size 50M;
  {http}
  server {{
    listen unix:{directory}/nginx.sock;
    {listen}
    server_name localhost;
    {extra}
    location / {{
      {location}
    }}
  }}
}}
"""


class Nginx:
    """A running nginx. Ask it with `get` and `request`."""

    _running: ClassVar[list[Nginx]] = []

    def __init__(
        self,
        directory: Path,
        upstream: wire.Address | None = None,
        *,
        wire_protocol: str = "uwsgi",
        location: str = "",
        extra: str = "",
        http: str = "",
        listen: str = "",
        configuration: str | None = None,
        address: wire.Address | None = None,
    ) -> None:
        """Start it, passing everything to `upstream`, or with a whole configuration."""
        self.directory = directory
        self.address = address or f"{directory}/nginx.sock"
        self.expected_errors: list[str] = []
        text = configuration or _CONFIGURATION.format(
            directory=directory,
            user="user root;" if os.getuid() == 0 else "",
            listen=f"listen {listen};" if listen else "",
            extra=extra,
            http=http,
            location=_pass(upstream, wire_protocol) + location,
        )
        path = directory / "nginx.conf"
        path.write_text(text)
        self.process = subprocess.Popen(
            ["nginx", "-p", str(directory), "-c", str(path), "-e", f"{directory}/nginx-error.log"],
            stdin=subprocess.DEVNULL,
            stdout=open(directory / "nginx-stdout.log", "wb"),  # noqa: SIM115
            stderr=subprocess.STDOUT,
        )
        Nginx._running.append(self)
        wait_until(self._is_up, "nginx to listen")

    def _is_up(self) -> bool:
        assert self.process.poll() is None, (self.directory / "nginx-stdout.log").read_text()
        return wire.connects(self.address)

    def request(
        self,
        method: str = "GET",
        target: str = "/",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> wire.Response:
        """Do one request through nginx."""
        return http_client.request(self.address, method, target, body, headers)

    def get(self, target: str = "/", headers: Mapping[str, str] | None = None) -> wire.Response:
        """Do one GET through nginx."""
        return self.request("GET", target, headers=headers)

    def errors(self) -> list[str]:
        """Return what nginx complained about, but for the expected."""
        path = self.directory / "nginx-error.log"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        serious = [line for line in lines if re.search(r"\[(error|crit|alert|emerg)\]", line)]
        return [s for s in serious if not any(re.search(e, s) for e in self.expected_errors)]

    def stop(self) -> None:
        """End nginx."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(2 * patience())
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGTERM)
                self.process.wait(10 * patience())
        if self in Nginx._running:
            Nginx._running.remove(self)

    @classmethod
    def running_processes(cls) -> set[int]:
        """Return every process of a running nginx."""
        found: set[int] = set()
        for one in cls._running:
            found |= {one.process.pid} | processes.descendants(one.process.pid)
        return found


def _pass(upstream: wire.Address | None, wire_protocol: str) -> str:
    if upstream is None:
        return ""
    target = ":".join(map(str, upstream)) if isinstance(upstream, tuple) else f"unix:{upstream}"
    if wire_protocol == "http":
        return f"proxy_pass http://{target}; proxy_http_version 1.1; proxy_set_header Host $host;"
    return f"include /etc/nginx/uwsgi_params; uwsgi_pass {target};"
