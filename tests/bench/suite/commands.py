# SPDX-License-Identifier: MIT
"""The command line of every server, as its own documentation advises it for production.

All write no request log, except this server, which writes one in every scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from suite.bench import APPS, LOADS, PEERS, Bench

BACKLOG = 4096


@dataclass(frozen=True)
class App:
    """A WSGI application: where it is, and its name there."""

    module: str
    directory: Path | None = None  # None is the example site.
    name: str = "application"

    def home(self, bench: Bench) -> Path:
        """Return the directory from which it is imported."""
        return self.directory or bench.site


RAW = App("raw", APPS)
FLASK = App("flask_site", APPS)
DJANGO = App("mmcsite.wsgi")


@dataclass(frozen=True)
class Setup:
    """What a scenario asks of a server."""

    app: App = RAW
    processes: int = 1
    threads: int = 1
    cores: str = ""  # Pinned to these, as taskset writes them; empty is all.


@dataclass(frozen=True)
class Place:
    """Where one started server lives."""

    bench: Bench
    directory: Path
    port: int

    @property
    def tcp(self) -> str:
        """Return its TCP address, which not every server uses."""
        return f"127.0.0.1:{self.port}"

    @property
    def unix(self) -> str:
        """Return the path of its unix socket, which not every server uses."""
        return str(self.directory / "socket")


Command = Callable[[Setup, Place], "list[str]"]


def _bin(name: str) -> str:
    return str(PEERS / "bin" / name)


def _load(setup: Setup, place: Place) -> list[str]:
    """Return the options by which this server and uWSGI find the application."""
    app = setup.app
    return [
        *("--home", str(PEERS), "--chdir", str(app.home(place.bench))),
        *("--module", f"{app.module}:{app.name}"),
        *("--processes", str(setup.processes), "--threads", str(setup.threads)),
    ]


def ours(*options: str, log: bool = True) -> Command:
    """Return this server's command; `options` say where it listens."""

    def command(setup: Setup, place: Place) -> list[str]:
        logging = ["--logto", str(place.directory / "requests.log")]
        return [
            str(place.bench.binary),
            *(o.format(tcp=place.tcp, unix=place.unix, files=place.bench.files) for o in options),
            *_load(setup, place),
            *(logging if log else ["--disable-logging"]),
        ]

    return command


def uwsgi(*options: str) -> Command:
    """Return uWSGI's command; `options` say where it listens."""

    def command(setup: Setup, place: Place) -> list[str]:
        return [
            _bin("uwsgi"),
            *(o.format(tcp=place.tcp, unix=place.unix, files=place.bench.files) for o in options),
            *_load(setup, place),
            *("--master", "--enable-threads", "--thunder-lock", "--single-interpreter"),
            *("--need-app", "--die-on-term", "--listen", "1024", "--buffer-size", "32768"),
            "--disable-logging",
        ]

    return command


def granian(setup: Setup, place: Place) -> list[str]:
    """Return granian's command: backpressure counts connections, so it exceeds them all."""
    return [
        *(_bin("granian"), "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(place.port)),
        *("--workers", str(setup.processes), "--blocking-threads", str(setup.threads)),
        *("--backlog", str(BACKLOG), "--backpressure", "16384", "--log-level", "warning"),
        f"{setup.app.module}:{setup.app.name}",
    ]


def gunicorn(kind: str) -> Command:
    """Return gunicorn's command for a class of workers."""

    def command(setup: Setup, place: Place) -> list[str]:
        threads = ["--threads", str(setup.threads), "--worker-connections", "16384"]
        return [
            *(_bin("gunicorn"), "--bind", place.tcp, "--workers", str(setup.processes)),
            *("--worker-class", kind, *(threads if kind == "gthread" else [])),
            *("--keep-alive", "75", "--backlog", "2048", "--worker-tmp-dir", "/dev/shm"),
            *("--no-control-socket", "--log-level", "warning"),
            f"{setup.app.module}:{setup.app.name}",
        ]

    return command


def bjoern(setup: Setup, place: Place) -> list[str]:
    """Return bjoern's command: a script of the bench's own. It has no threads."""
    target = f"{setup.app.module}:{setup.app.name}"
    script = str(APPS / "serve_bjoern.py")
    return [_bin("python"), script, target, str(place.port), str(setup.processes)]


def waitress(setup: Setup, place: Place) -> list[str]:
    """Return waitress's command. It has one process."""
    return [
        *(_bin("waitress-serve"), f"--listen={place.tcp}", f"--threads={setup.threads}"),
        *("--connection-limit=4096", "--backlog=2048", "--asyncore-use-poll"),
        f"{setup.app.module}:{setup.app.name}",
    ]


def floor(kind: str) -> Command:
    """Return the command of the C program that answers a constant."""

    def command(setup: Setup, place: Place) -> list[str]:
        return [str(LOADS / "floor"), kind, str(place.port) if kind == "http" else place.unix]

    return command


def nginx(setup: Setup, place: Place) -> list[str]:
    """Return nginx's command as a server of files; suite.front writes its configuration."""
    return ["nginx", "-p", str(place.directory), "-c", str(place.directory / "nginx.conf")]
