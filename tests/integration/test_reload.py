# SPDX-License-Identifier: MIT
"""A reload is a new generation beside the old one; no client notices it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Callable

import http_client
import pytest
import wire
from clients import Crowd, Gate, LoopingClients
from server import Binary, ServerProcess
from waiting import patience, wait_until

StartServer = Callable[..., ServerProcess]

VERSIONED = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "{length}")])
    return [b"{text}"]
"""

# Endless for a test.
ENDLESS_IMPORT = """
import os, time
open(os.environ["GATE"] + "/arrived-import", "w").close()
deadline = time.monotonic() + 30
while time.monotonic() < deadline:
    time.sleep(0.01)
"""

# Goes on when the test's gate opens.
WAITING_IMPORT = """
import os, time
open(os.environ["GATE"] + "/arrived-import", "w").close()
while not os.path.exists(os.environ["GATE"] + "/open"):
    time.sleep(0.01)
"""


def write_version(path: Path, text: str) -> None:
    """Replace the application at once, as a deployment does."""
    fresh = path.with_suffix(".new")
    fresh.write_text(VERSIONED.format(text=text, length=len(text)))
    os.replace(fresh, path)


@pytest.fixture
def versioned(tmp_path: Path) -> Path:
    write_version(tmp_path / "versioned.py", "one")
    return tmp_path / "versioned.py"


def reload_and_wait(one: ServerProcess, number: int = signal.SIGHUP) -> None:
    """Send the signal and wait until every worker is a new one and the old have gone."""
    before = one.workers()
    one.send_signal(number)
    one.wait_replaced(before)


@pytest.mark.quick
def test_sighup_brings_in_new_code_under_the_same_master(
    server: StartServer, versioned: Path
) -> None:
    one = server(wsgi_file=versioned, processes=2)
    master = one.pid
    assert one.get("/").body == b"one"
    write_version(versioned, "two")
    reload_and_wait(one)
    assert one.get("/").body == b"two"
    assert one.pid == master
    assert one.is_running()


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http"])
def test_reloads_under_load_lose_no_request(
    server: StartServer, versioned: Path, wire_option: str
) -> None:
    one = server(wsgi_file=versioned, processes=2, threads=4, **{wire_option: "127.0.0.1:0"})

    def ask() -> None:
        answer = one.get("/")
        assert (answer.status, answer.body) == (200, b"one")

    with LoopingClients(64, ask) as clients:
        clients.wait_more(200)
        for _ in range(4):
            reload_and_wait(one)
            clients.wait_more(200)
    assert clients.failures == []


def test_kept_alive_clients_lose_no_request_to_a_reload(
    server: StartServer, versioned: Path
) -> None:
    one = server(wsgi_file=versioned, processes=2, threads=4, http="127.0.0.1:0")
    failures: list[str] = []

    def keep_asking() -> int:
        connection = http_client.HttpConnection(one.address)
        done = 0
        while not finished:
            answer = connection.fetch()
            done += 1
            if answer.body != b"one":
                failures.append(repr(answer))
        connection.close()
        return done

    finished: list[bool] = []
    with Crowd(16) as crowd:
        counts = [crowd.call(keep_asking) for _ in range(16)]
        for _ in range(3):
            reload_and_wait(one)
        finished.append(True)
    assert failures == []
    assert all(count.result() > 0 for count in counts)


@pytest.mark.quick
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("source", ["import nothing_like_that", "def broken(:"])
def test_new_code_that_is_broken_leaves_the_old_serving(
    server: StartServer, versioned: Path, source: str, lazy: bool
) -> None:
    one = server(wsgi_file=versioned, processes=2, lazy_apps=lazy)
    one.expect_errors()
    before = one.workers()
    versioned.write_text(source)
    one.send_signal(signal.SIGHUP)
    one.wait_log("(?i)reload.*fail|fail.*reload")
    assert one.log_lines("ModuleNotFoundError|SyntaxError")
    assert one.get("/").body == b"one"
    wait_until(lambda: one.workers() == before, "the discarded workers are gone")
    write_version(versioned, "repaired")
    reload_and_wait(one)
    assert one.get("/").body == b"repaired"


def test_a_broken_configuration_leaves_the_old_serving(
    server: StartServer, versioned: Path
) -> None:
    one = server(wsgi_file=versioned, processes=2)
    one.expect_errors()
    ini = one.directory / "server.ini"
    good = ini.read_text()
    ini.write_text(good.replace("processes = 2", "processes = -2"))
    one.send_signal(signal.SIGHUP)
    one.wait_log("(?i)reload.*fail|fail.*reload")
    assert one.get("/").body == b"one"
    ini.write_text(good)
    reload_and_wait(one)
    assert one.get("/").body == b"one"


def test_a_reload_reads_the_configuration_again(server: StartServer, versioned: Path) -> None:
    one = server(wsgi_file=versioned, processes=1)
    ini = one.directory / "server.ini"
    ini.write_text(ini.read_text().replace("processes = 1", "processes = 3"))
    one.processes = 3
    reload_and_wait(one)
    assert len(one.workers()) == 3


def test_a_reload_opens_new_sockets_and_closes_old_ones(
    server: StartServer, versioned: Path, tmp_path: Path
) -> None:
    one = server(wsgi_file=versioned, socket=[tmp_path / "a.sock", tmp_path / "b.sock"])
    ini = one.directory / "server.ini"
    ini.write_text(ini.read_text().replace("b.sock", "c.sock"))
    reload_and_wait(one)
    one._addresses = [f"{tmp_path}/c.sock", f"{tmp_path}/a.sock", f"{tmp_path}/b.sock"]
    assert one.get("/").body == b"one"
    wait_until(lambda: not (tmp_path / "b.sock").exists(), "the old socket to go")


@pytest.mark.quick
def test_a_reload_that_is_waited_for_has_only_new_answers(
    server: StartServer, binary: Binary, versioned: Path, tmp_path: Path
) -> None:
    one = server(wsgi_file=versioned, processes=2, pidfile=tmp_path / "uwsgi.pid")
    for text in ("two", "three", "four"):
        write_version(versioned, text)
        asked = binary.run("--reload", str(tmp_path / "uwsgi.pid"), "--wait")
        assert (asked.returncode, asked.stderr) == (0, "")
        assert {one.get("/").body for _ in range(20)} == {text.encode()}
    one.settled_files = {}


@pytest.mark.quick
def test_a_reload_that_is_waited_for_tells_of_its_failure(
    server: StartServer, binary: Binary, versioned: Path, tmp_path: Path
) -> None:
    one = server(wsgi_file=versioned, processes=2, pidfile=tmp_path / "uwsgi.pid")
    one.expect_errors()
    versioned.write_text("import nothing_like_that")
    asked = binary.run("--reload", str(tmp_path / "uwsgi.pid"), "--wait")
    assert asked.returncode == 1
    assert asked.stderr.startswith("error: the reload failed, the old generation serves on")
    assert asked.stderr.count("\n") == 1
    assert one.get("/").body == b"one"
    write_version(versioned, "repaired")
    asked = binary.run("--reload", str(tmp_path / "uwsgi.pid"), "--wait")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert one.get("/").body == b"repaired"
    one.settled_files = {}


@pytest.mark.quick
def test_a_reload_that_is_waited_for_tells_that_the_server_ended(
    server: StartServer, binary: Binary, versioned: Path, gate: Gate, tmp_path: Path
) -> None:
    env = {"GATE": str(gate.directory)}
    one = server(wsgi_file=versioned, pidfile=tmp_path / "uwsgi.pid", env=env)
    versioned.write_text(ENDLESS_IMPORT)
    with Crowd(1) as crowd:
        asked = crowd.call(binary.run, "--reload", str(tmp_path / "uwsgi.pid"), "--wait")
        gate.wait_arrived(1)
        one.send_signal(signal.SIGTERM)
        assert one.wait_exit() == 0
        said = "error: the server ended before the reload was through: see its log\n"
        assert (asked.result().returncode, asked.result().stderr) == (1, said)


def test_who_waits_for_a_reload_can_be_interrupted(
    server: StartServer, binary: Binary, versioned: Path, gate: Gate, tmp_path: Path
) -> None:
    env = {"GATE": str(gate.directory)}
    one = server(wsgi_file=versioned, pidfile=tmp_path / "uwsgi.pid", env=env)
    versioned.write_text(ENDLESS_IMPORT)
    command = binary.command("--reload", str(tmp_path / "uwsgi.pid"), "--wait")
    with subprocess.Popen(command) as asked:
        gate.wait_arrived(1)
        asked.send_signal(signal.SIGINT)
        assert asked.wait(5 * patience()) == -signal.SIGINT
    assert one.get("/").body == b"one"


@pytest.mark.quick
def test_touching_a_file_reloads(server: StartServer, versioned: Path, tmp_path: Path) -> None:
    trigger = tmp_path / "trigger"
    trigger.touch()
    one = server(wsgi_file=versioned, processes=2, touch_reload=trigger)
    before = one.workers()
    write_version(versioned, "touched")
    os.utime(trigger, (1, 1))
    one.wait_replaced(before)
    assert one.get("/").body == b"touched"
    one.wait_log("has been touched")
    one.settled_files = {}


def test_a_request_in_flight_is_finished_by_the_old_generation(
    server: StartServer, gate: Gate
) -> None:
    one = server("gate", processes=2, threads=2, env={"GATE": str(gate.directory)})
    with Crowd(1) as crowd:
        slow = crowd.call(one.get, "/wait?slow")
        gate.wait_arrived(1)
        old = int((gate.directory / "arrived-slow").read_text().split()[0])
        one.send_signal(signal.SIGHUP)
        one.wait_log(r"\(RE\)spawned uWSGI master")
        wait_until(
            lambda: b"%d" % old not in {one.get("/").body for _ in range(20)},
            "the old one to take no more",
        )
        gate.open()
    assert slow.result().body == b"%d" % old
    wait_until(lambda: old not in one.workers().values(), "the old worker to go")
    one.settled_files = {}


# Says which worker it is loaded in, and whether another one is loading now.
CHAINED = """
import os, time, uwsgi

mark = uwsgi.opt["chdir"].decode() + "/loading"
try:
    os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    time.sleep(0.05)
    os.unlink(mark)
    print("loaded in worker", uwsgi.worker_id(), flush=True)
except FileExistsError:
    print("loaded beside another", flush=True)

def application(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
"""


def test_touching_a_file_replaces_the_workers_in_turn(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "chained.py").write_text(CHAINED)
    trigger = tmp_path / "trigger"
    trigger.touch()
    options = {"lazy_apps": True, "processes": 8, "touch_chain_reload": trigger}
    one = server(wsgi_file=tmp_path / "chained.py", chdir=tmp_path, **options)
    before = one.workers()
    wait_until(lambda: len(one.log_lines("^loaded ")) == 8, "all workers")
    os.utime(trigger, (1, 1))
    one.wait_log("has been touched... chain reload !!!")
    one.wait_replaced(before)
    turns = [f"loaded in worker {number}" for number in range(1, 9)]
    assert one.log_lines("^loaded ")[8:] == turns
    one.settled_files = {}


def test_reload_mercy_limits_a_stop_as_a_whole(server: StartServer, gate: Gate) -> None:
    env = {"GATE": str(gate.directory)}
    one = server("gate", processes=2, threads=2, reload_mercy=1, env=env)
    one.expect_errors()
    with Crowd(1) as crowd:
        crowd.call(one.get, "/wait?never")
        gate.wait_arrived(1)
        one.send_signal(signal.SIGTERM)
        one.wait_log("is taking too much time to die...NO MERCY !!!")
        assert one.wait_exit(10) == 0


def test_a_reload_outlives_the_directory_it_was_started_in(
    server: StartServer, tmp_path: Path
) -> None:
    for release in ("one", "two"):
        (tmp_path / release).mkdir()
        write_version(tmp_path / release / "versioned.py", release)
    current = tmp_path / "current"
    current.symlink_to("one")
    one = server(wsgi_file="versioned.py", chdir=current)
    before = one.workers()
    current.unlink()
    current.symlink_to("two")
    shutil.rmtree(tmp_path / "one")
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert one.get("/").body == b"two"
    one.settled_files = {}


def test_a_hanging_import_does_not_hold_up_the_next_reload(
    server: StartServer, versioned: Path, gate: Gate
) -> None:
    env = {"GATE": str(gate.directory)}
    one = server(wsgi_file=versioned, lazy_apps=True, worker_reload_mercy=1, env=env)
    before = one.workers()
    versioned.write_text(ENDLESS_IMPORT)
    one.send_signal(signal.SIGHUP)
    gate.wait_arrived(1)
    write_version(versioned, "two")
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    wait_until(lambda: one.get("/").body == b"two", "the new code", 20)
    one.settled_files = {}
    one.expect_errors("NO MERCY")


def test_a_touch_while_workers_are_replaced_counts_again(
    server: StartServer, versioned: Path, tmp_path: Path, gate: Gate
) -> None:
    trigger = tmp_path / "trigger"
    trigger.touch()
    env = {"GATE": str(gate.directory)}
    one = server(wsgi_file=versioned, lazy_apps=True, touch_chain_reload=trigger, env=env)
    source = versioned.read_text().replace("one", "two")
    versioned.write_text(WAITING_IMPORT + source)
    os.utime(trigger, (1, 1))
    gate.wait_arrived(1)
    write_version(versioned, "three")
    os.utime(trigger, (2, 2))
    wait_until(lambda: len(one.log_lines("chain reload")) == 2, "the second touch to be seen")
    gate.open()
    wait_until(lambda: one.get("/").body == b"three", "the newest code", 20)
    one.settled_files = {}


def test_several_hups_at_once_end_in_one_good_generation(
    server: StartServer, versioned: Path
) -> None:
    one = server(wsgi_file=versioned, processes=2)
    before = one.workers()
    write_version(versioned, "two")
    for _ in range(10):
        one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    wait_until(lambda: one.get("/").body == b"two", "the new code", 20)
    one.settled_files = {}


@pytest.mark.quick
def test_a_stop_during_a_reload_stops(server: StartServer, versioned: Path, gate: Gate) -> None:
    one = server(wsgi_file=versioned, processes=2, env={"GATE": str(gate.directory)})
    versioned.write_text(ENDLESS_IMPORT)
    one.send_signal(signal.SIGHUP)
    gate.wait_arrived(1)
    assert one.get("/").body == b"one"
    one.send_signal(signal.SIGTERM)
    assert one.wait_exit(4 * patience()) == 0


@pytest.mark.quick
def test_a_reload_may_spell_an_address_otherwise(server: StartServer) -> None:
    port = wire.free_port()[1]
    one = server("hello", http=f"localhost:{port}")
    ini = one.directory / "server.ini"
    ini.write_text(ini.read_text().replace("localhost", "127.0.0.1"))
    reload_and_wait(one)
    assert one.get("/").body == b"hello"
