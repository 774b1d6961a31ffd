# SPDX-License-Identifier: MIT
"""The first journey: the site's ini, nginx in front, and 5 x 30 slots that are really there."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Callable

import pytest
import wire
from clients import Crowd, Gate
from nginx import Nginx
from server import APPS, ServerProcess

NewServer = Callable[..., ServerProcess]
StartNginx = Callable[..., Nginx]

SEED = """[uwsgi]
socket = 0.0.0.0:{port}
chdir = {site}
wsgi-file = {site}/wsgi.py
processes = 5
threads = 30
master = true
daemonize = {site}/uwsgi.log
module=mmcsite.wsgi
pidfile = {site}/uwsgi.pid
chmod-socket=666
enable-threads = true
"""

COMMENTED = """[uwsgi]
socket = 0.0.0.0:{port}                  # 指定socket监听的地址和端口
chdir = {site}      # 项目路径
wsgi-file = {site}/wsgi.py # le fichier WSGI
processes = 5               # 启动的工作进程数
threads = 30           ; Threads je Prozess
master = true   # да
daemonize = {site}/uwsgi.log     # 日志
module=mmcsite.wsgi    # モジュール
pidfile = {site}/uwsgi.pid # "pid"
chmod-socket=666      # socket权限
enable-threads = true  # always
"""


def start_seed(one: ServerProcess, tmp_path: Path, template: str) -> None:
    """Write the ini for a site whose application is the gate, and start it as an operator does."""
    site = tmp_path / "mmcsite"
    (site / "mmcsite").mkdir(parents=True)
    (site / "mmcsite" / "__init__.py").touch()
    (site / "mmcsite" / "wsgi.py").write_text((APPS / "gate" / "app.py").read_text())
    one.listen_on_free_port()
    port = one.address_text.partition(":")[2]
    (site / "uwsgi.ini").write_text(template.format(site=site, port=port), encoding="utf-8")
    one.daemonized = True
    one.log_path = site / "uwsgi.log"
    one.launch("--ini", "uwsgi.ini", cwd=site, processes=5).wait_ready()


@pytest.mark.quick
@pytest.mark.parametrize("template", [SEED, COMMENTED], ids=["plain", "commented"])
def test_150_blocking_requests_run_at_once_behind_nginx(
    new_server: NewServer,
    nginx: StartNginx,
    tmp_path: Path,
    gate: Gate,
    template: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GATE", str(gate.directory))
    one = new_server()
    start_seed(one, tmp_path, template)
    proxy = nginx(upstream=one.address, location="uwsgi_ignore_client_abort on;")
    with Crowd(150) as crowd:
        answers = [crowd.call(proxy.get, f"/wait?{n}") for n in range(150)]
        gate.wait_arrived(150, timeout=30)
        gate.open()
    assert {a.result().status for a in answers} == {200}
    assert len({a.result().body for a in answers}) == 5
    assert proxy.errors() == []


@pytest.mark.quick
def test_module_wins_over_a_wsgi_file_that_does_not_exist_with_one_warning(
    new_server: NewServer, tmp_path: Path
) -> None:
    one = new_server()
    start_seed(one, tmp_path, SEED)
    assert one.get("/").status == 200
    for text in (told(tmp_path), one.log):
        warnings = [line for line in text.splitlines() if re.match("warning: .*wsgi-file", line)]
        assert len(warnings) == 1, text
        assert "module" in warnings[0]


@pytest.mark.quick
def test_a_socket_that_anybody_reaches_is_told_once(new_server: NewServer, tmp_path: Path) -> None:
    one = new_server()
    start_seed(one, tmp_path, SEED)
    for text in (told(tmp_path), one.log):
        warnings = [line for line in text.splitlines() if "uwsgi-allow-from" in line]
        assert len(warnings) == 1, text
        assert warnings[0].startswith("warning: 0.0.0.0:")


def test_what_was_stripped_is_told_once(new_server: NewServer, tmp_path: Path) -> None:
    one = new_server()
    start_seed(one, tmp_path, COMMENTED)
    for text in (told(tmp_path), one.log):  # The shell sees it, and the log keeps it.
        assert text.lower().count("comment") == 1


def told(directory: Path) -> str:
    """Return what the operator's shell saw before the server detached."""
    return (directory / "server.log").read_text()


@pytest.mark.quick
def test_stop_and_reload_find_the_daemon(new_server: NewServer, tmp_path: Path) -> None:
    one = new_server()
    start_seed(one, tmp_path, SEED)
    site = tmp_path / "mmcsite"
    assert one.binary.run("--reload", "uwsgi.pid", cwd=site).returncode == 0
    one.wait_log(r"spawned uWSGI worker 5 ", count=2)
    assert one.get("/").status == 200
    assert one.binary.run("--stop", "uwsgi.pid", cwd=site).returncode == 0
    one.wait_exit(5)
    assert not wire.connects(one.address)
    assert not (site / "uwsgi.pid").exists()
    one.settled_files = {}


@pytest.mark.quick
def test_the_start_says_what_an_operator_wants_to_know(
    new_server: NewServer, tmp_path: Path
) -> None:
    one = new_server()
    began = time.monotonic()
    start_seed(one, tmp_path, SEED)
    ready = one.wait_log(r"(?i)ready in \d+ ms")[0]
    took = (time.monotonic() - began) * 1000
    assert took / 100 < int(re.findall(r"ready in (\d+) ms", ready)[0]) <= took
    pidfile = (tmp_path / "mmcsite" / "uwsgi.pid").read_text().strip()
    python_version = one.binary.run("--python-version").stdout.strip()
    for pattern in (
        rf"(?i)python.*\b{re.escape(python_version)}\b",
        rf"bound to TCP address 0\.0\.0\.0:{one.address_text.partition(':')[2]} fd \d+",
        "5 processes x 30 threads",
        rf"^spawned uWSGI master process \(pid: {pidfile}\)$",
        rf"^spawned uWSGI worker 5 \(pid: {one.workers()[5]}, cores: 30\)$",
    ):
        assert one.log_lines(pattern), f"{pattern} is not in\n{one.log}"
    assert len(one.log.splitlines()) < 30
    assert not re.search("(?i)error", one.log)
