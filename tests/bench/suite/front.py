# SPDX-License-Identifier: MIT
"""nginx, in front of a server or as a server of static files."""

from __future__ import annotations

import os

import nginx

from suite.commands import Place

_MAIN = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {directory}/nginx.pid;
error_log {directory}/nginx-error.log warn;
{user}
events {{ worker_connections 8192; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  client_body_temp_path {directory}/nginx-body;
  uwsgi_temp_path {directory}/nginx-uwsgi;
  proxy_temp_path {directory}/nginx-proxy;
  fastcgi_temp_path {directory}/nginx-fastcgi;
  scgi_temp_path {directory}/nginx-scgi;
  {blocks}
}}
"""

_UWSGI = """
  server {{
    listen 127.0.0.1:{front} backlog=4096;
    location / {{ include /etc/nginx/uwsgi_params; uwsgi_pass {upstream}; }}
  }}
"""

_PROXY = """
  upstream site {{ server {upstream}; keepalive 128; keepalive_requests 100000; }}
  server {{
    listen 127.0.0.1:{front} backlog=4096;
    location / {{
      proxy_pass http://site;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
"""

_FILES = """
  server {{
    listen {upstream} backlog=4096;
    location /static/ {{ root {files}; }}
  }}
"""

_KINDS = {"uwsgi": _UWSGI, "proxy": _PROXY, "files": _FILES}


def configuration(kind: str, place: Place, front: int = 0) -> str:
    """Return nginx.conf: it listens at `front`, or as a server of files at the place's port."""
    block = _KINDS[kind].format(front=front, upstream=place.tcp, files=place.bench.files)
    return _MAIN.format(
        directory=place.directory, user="user root;" if os.getuid() == 0 else "", blocks=block
    )


def shown(kind: str) -> str:
    """Return the part of the configuration that makes the difference, for the page."""
    text = _KINDS[kind].format(front="FRONT", upstream="127.0.0.1:PORT", files="DIRECTORY/files")
    return text.strip("\n")


def common() -> str:
    """Return the part that all have in common, for the page."""
    text = _MAIN.format(directory="DIRECTORY", user="", blocks="...")
    return "\n".join(line for line in text.strip().splitlines() if line)


def start(kind: str, place: Place, port: int) -> nginx.Nginx:
    """Start nginx at `port` in front of the server at `place`."""
    return nginx.Nginx(
        place.directory,
        configuration=configuration(kind, place, port),
        address=("127.0.0.1", port),
    )
