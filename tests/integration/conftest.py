# SPDX-License-Identifier: MIT
"""Fixtures, options and the checks that follow every test."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import processes
import pytest
import waiting
from certificates import Authority
from clients import Gate
from haproxy import HaProxy
from nginx import Nginx
from server import Binary, ServerProcess
from waiting import wait_until

ROOT = Path(__file__).parents[2]
DIFFERENCES = ROOT / "tests" / "compat" / "differences.txt"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("server")
    group.addoption("--binary", default=str(ROOT / "build" / "uwsgi"), help="server to test")
    group.addoption("--gdb", action="store_true", help="run the server under gdb in batch mode")
    group.addoption("--repeat", type=int, default=1, help="run each test that many times")
    group.addoption("--keep-log", action="store_true", help="print the log of passed tests too")
    group.addoption("--patience", type=float, default=1.0, help="stretches every deadline")
    group.addoption("--limit", type=float, default=120.0, help="seconds that a test may take")
    group.addoption("--long", action="store_true", help="full repetition counts")


def pytest_configure(config: pytest.Config) -> None:
    waiting.set_patience(config.getoption("--patience"))
    processes.become_subreaper()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    repeat = metafunc.config.getoption("--repeat")
    if repeat > 1:
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(repeat))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    path = Path(config.getoption("--binary"))
    if not path.exists() or not Binary(path).is_oracle:
        return
    words = dict(line.split(None, 1) for line in _table_lines(DIFFERENCES))
    for item in items:
        if item.get_closest_marker("not_for_oracle"):
            item.add_marker(pytest.mark.skip(reason="real uWSGI does harm here"))
        name = f"{item.path.stem}::{item.name}"
        reason = words.get(name) or words.get(name.partition("[")[0])
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False))


def _table_lines(path: Path) -> list[str]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Let no test hang: it fails after a while, and its server is stopped."""

    def too_long(*_: object) -> None:
        raise TimeoutError("the test took too long")

    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, item.config.getoption("--limit") * waiting.patience())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    owners = [item, item.getparent(pytest.Module)]  # Of `new_server` and `shared_server`.
    servers = [one for owner in owners for one in getattr(owner, "servers", [])]
    if report.failed or (item.config.getoption("--keep-log") and call.when == "teardown"):
        for one in servers:
            report.sections.append((f"log of {one.name}", one.log[-6000:]))


@pytest.fixture(scope="session")
def binary(request: pytest.FixtureRequest) -> Binary:
    path = Path(request.config.getoption("--binary")).resolve()
    if not path.exists():
        pytest.exit(f"there is no server at {path}; build it or pass --binary", returncode=2)
    passed = "handle SIGTERM SIGINT SIGHUP SIGQUIT SIGCHLD SIGUSR1 nostop noprint pass"
    gdb = ["gdb", "-batch", "-ex", passed, "-ex", "run", "-ex", "bt", "--args"]
    return Binary(path, gdb if request.config.getoption("--gdb") else ())


@contextlib.contextmanager
def checked_servers(
    binary: Binary, directory: Path, servers: list[ServerProcess]
) -> Iterator[Callable[..., ServerProcess]]:
    """Make servers that are not started yet, in `servers`; check all of them at the end."""
    before = processes.descendants()

    def make(name: str = "server") -> ServerProcess:
        servers.append(ServerProcess(binary, directory, name))
        return servers[-1]

    yield make
    try:
        for one in servers:
            check_and_stop(one)
        check_nobody_is_left(before)
    finally:
        for one in servers:
            one.kill(spared=before)  # Among them a server that other tests share.
        processes.reap(processes.descendants() - before)


@pytest.fixture
def new_server(
    request: pytest.FixtureRequest, binary: Binary, tmp_path: Path
) -> Iterator[Callable[..., ServerProcess]]:
    """Make servers that are not started yet; check all of them after the test."""
    request.node.servers = []
    with checked_servers(binary, tmp_path, request.node.servers) as make:
        yield make


@pytest.fixture(scope="module")
def shared_server(
    request: pytest.FixtureRequest, binary: Binary, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., ServerProcess]]:
    """Start servers that the tests of a module share; check them after the last one.

    It takes what `server` takes. Each server needs a name of its own, and keeps its processes.
    """
    request.node.servers = []
    directory = tmp_path_factory.mktemp("shared")
    with checked_servers(binary, directory, request.node.servers) as make:
        yield lambda app, *, name, **kwargs: make(name).start(app, **kwargs)


@pytest.fixture
def server(new_server: Callable[..., ServerProcess]) -> Callable[..., ServerProcess]:
    """Start a server; takes what ServerProcess.start takes, and `name`."""

    def start(app: str | None = None, *, name: str = "server", **kwargs: Any) -> ServerProcess:
        return new_server(name).start(app, **kwargs)

    return start


@pytest.fixture
def only_with_a_wheel(binary: Binary) -> None:
    """Skip the test of a server that embeds its Python."""
    if not binary.is_wheel:
        pytest.skip("this server embeds its Python")


def check_and_stop(one: ServerProcess) -> None:
    """Stop a server that still runs and assert that it left nothing behind."""
    if one.process is None:
        return
    if one.is_running() and one.settled_files:
        wait_until(lambda: not one.leaked_files(), f"files to be closed: {one.leaked_files()}", 5)
    if one.binary.is_oracle:  # It loses signals that come soon after its start.
        with contextlib.suppress(AssertionError):
            one.stop(timeout=3)
        one.kill()
        return
    status = one.stop()
    assert not one.sanitizer_reports(), one.sanitizer_reports()
    if None not in (status, one.expected_status) and not one.binary.debugger:
        assert status == one.expected_status, f"exit status {status}"
    assert not one.unannounced_errors(), one.unannounced_errors()
    assert not one.leftovers(), f"left behind: {one.leftovers()}"


def check_nobody_is_left(before: set[int]) -> None:
    """Assert that no process of the test outlives it."""

    def left() -> set[int]:
        return processes.descendants() - before - Nginx.running_processes()

    try:
        wait_until(lambda: not left(), "the end of every process", 3)
    except AssertionError:
        raise AssertionError(f"orphan processes:\n{processes.describe(left())}") from None


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return one that signs certificates; skip the test without openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Callable[..., Nginx]]:
    """Start the system's nginx in front of a server; skip the test without one."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    started: list[Nginx] = []

    def start(**kwargs: Any) -> Nginx:
        started.append(Nginx(kwargs.pop("directory", tmp_path), **kwargs))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def haproxy(tmp_path: Path) -> Iterator[Callable[..., HaProxy]]:
    """Start HAProxy in front of a server; skip the test without one."""
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not installed")
    started: list[HaProxy] = []

    def start(one: ServerProcess, **kwargs: Any) -> HaProxy:
        started.append(HaProxy(tmp_path, one.address_text, **kwargs))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture(scope="session")
def virtualenv(binary: Binary, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the environment that runs the tests, as `home` for the server.

    Skips where the server embeds another Python than the one that runs the tests.
    """
    one = ServerProcess(binary, tmp_path_factory.mktemp("version")).start("python_version")
    embedded = one.get().text
    one.stop()
    if embedded != "{}.{}".format(*sys.version_info[:2]):
        pytest.skip(f"the server embeds Python {embedded}, the tests run on another")
    return sys.prefix


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Return a closed gate; give its directory to the `gate` application as $GATE."""
    return Gate(tmp_path / "gate")


@pytest.fixture
def long_mode(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--long"))
