# SPDX-License-Identifier: MIT
"""The system's Apache with mod_proxy_uwsgi, in front of a server."""

from __future__ import annotations

from pathlib import Path

import wire
from front import Front

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


class Apache(Front):
    """A running Apache; `extra` says what it passes on."""

    def __init__(self, directory: Path, extra: str) -> None:
        """Start it in one process."""
        address: wire.Address = wire.free_port()
        text = _CONFIGURATION.format(
            directory=directory, listen="{}:{}".format(*address), extra=extra
        )
        path = directory / "apache.conf"
        path.write_text(text)
        super().__init__(
            ["apache2", "-X", "-f", str(path)], address, directory / "apache-stdout.log"
        )
