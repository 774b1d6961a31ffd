# SPDX-License-Identifier: MIT
"""The servers as scenarios name them: who speaks HTTP, and how."""

from __future__ import annotations

from dataclasses import replace

from suite import commands
from suite.commands import Setup
from suite.scenario import OURS
from suite.servers import Contestant


def ours(setup: Setup) -> Contestant:
    """Return this server with an HTTP socket."""
    return Contestant(OURS, commands.ours("--http-socket", "{tcp}"), setup)


def ours_uwsgi(setup: Setup) -> Contestant:
    """Return this server with a uwsgi socket on TCP."""
    return Contestant(OURS, commands.ours("--socket", "{tcp}"), setup)


def uwsgi(setup: Setup) -> Contestant:
    """Return uWSGI with a uwsgi socket on TCP."""
    return Contestant("uWSGI", commands.uwsgi("--socket", "{tcp}"), setup)


def uwsgi_http_socket(setup: Setup) -> Contestant:
    """Return uWSGI whose workers speak HTTP, a connection per request."""
    return Contestant("uWSGI --http-socket", commands.uwsgi("--http-socket", "{tcp}"), setup)


def uwsgi_http11_socket(setup: Setup) -> Contestant:
    """Return uWSGI whose workers speak HTTP and keep connections, one for each thread."""
    return Contestant("uWSGI --http11-socket", commands.uwsgi("--http11-socket", "{tcp}"), setup)


def uwsgi_http(setup: Setup) -> Contestant:
    """Return uWSGI behind its own router."""
    return Contestant("uWSGI --http", commands.uwsgi("--http", "{tcp}"), setup)


def uwsgi_http_keepalive(setup: Setup) -> Contestant:
    """Return uWSGI behind its own router, which keeps connections."""
    command = commands.uwsgi("--http", "{tcp}", "--http-keepalive=75")
    return Contestant("uWSGI --http --http-keepalive", command, setup)


def granian(setup: Setup) -> Contestant:
    """Return granian."""
    return Contestant("granian", commands.granian, setup)


def gthread(setup: Setup) -> Contestant:
    """Return gunicorn with threads."""
    return Contestant("gunicorn gthread", commands.gunicorn("gthread"), setup)


def sync(setup: Setup) -> Contestant:
    """Return gunicorn with its default workers, a connection per request."""
    return Contestant("gunicorn sync", commands.gunicorn("sync"), setup)


def bjoern(setup: Setup) -> Contestant:
    """Return bjoern, which has no threads."""
    return Contestant("bjoern", commands.bjoern, replace(setup, threads=1))


def waitress(setup: Setup) -> Contestant:
    """Return waitress, which has one process."""
    return Contestant("waitress", commands.waitress, replace(setup, processes=1))
