# SPDX-License-Identifier: MIT
"""What pip installs: a master without Python, and the Python that installed it for the rest.

These run with the command of a virtual environment (`tests/run wheel`), for which all other tests
hold, too.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Callable

import processes
import pytest
from clients import LoopingClients
from server import Binary, ServerProcess, clean_environment

pytestmark = [
    pytest.mark.quick,
    pytest.mark.not_for_oracle,
    pytest.mark.usefixtures("only_with_a_wheel"),
]

StartServer = Callable[..., ServerProcess]

FACTS = """
import os, sys

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    facts = (sys.executable, sys.prefix, sys.modules["__main__"].__dict__.get("__file__"),
             [name for name in os.environ if name.startswith("__UWSGI")],
             [entry for entry in sys.path if "uwsgi_server" in entry])
    return [repr(facts).encode()]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "facts.py").write_text(FACTS)
    return tmp_path


def python_of(binary: Binary) -> Path:
    return binary.path.parent / "python"


def package_of(binary: Binary) -> Path:
    asked = subprocess.run(
        [python_of(binary), "-c", "import uwsgi_server; print(uwsgi_server.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(asked.stdout.strip())


def facts(one: ServerProcess) -> tuple[str, str, None, list[str], list[str]]:
    return eval(one.get("/").text)


def test_the_master_contains_no_python(server: StartServer, site: Path) -> None:
    one = server(module="facts")
    maps = Path(f"/proc/{one.pid}/maps").read_text()
    assert "uwsgi-master" in maps
    assert "python3" not in maps.replace(str(package_of(one.binary)), "")


def test_the_extension_exports_one_symbol_and_links_no_python(binary: Binary) -> None:
    (extension,) = package_of(binary).glob("_uwsgi*.so")
    symbols = subprocess.run(
        ["nm", "-D", "--defined-only", extension], capture_output=True, text=True, check=True
    )
    assert [line.split()[-1] for line in symbols.stdout.splitlines()] == ["PyInit__uwsgi"]
    for file in (extension, package_of(binary) / "uwsgi-master"):
        linked = subprocess.run(["ldd", file], capture_output=True, text=True, check=True)
        assert "libpython" not in linked.stdout


def test_nothing_of_the_wheel_is_at_the_top_but_its_package(binary: Binary) -> None:
    files = package_of(binary).parent
    assert sorted(path.name for path in files.glob("*uwsgi*") if path.suffix != ".dist-info") == [
        "uwsgi_server"
    ]


def test_every_process_is_called_uwsgi(server: StartServer, site: Path) -> None:
    one = server(module="facts", processes=2)
    pids = [one.pid, *processes.descendants(one.pid)]
    assert len(pids) == 4
    command = Path(f"/proc/{one.pid}/cmdline").read_bytes().split(b"\0")[0]
    for pid in pids:
        assert Path(f"/proc/{pid}/comm").read_text() == "uwsgi\n"
        assert Path(f"/proc/{pid}/cmdline").read_bytes().startswith(command)


def test_the_application_finds_the_python_and_nothing_of_the_server(
    server: StartServer, site: Path
) -> None:
    (site / "random.py").write_text("raise RuntimeError('imported by the server')")
    one = server(module="facts")
    environment = one.binary.path.parent.parent
    executable, prefix, main, marks, entries = facts(one)
    assert Path(executable).parent == environment / "bin"
    assert (prefix, main, marks, entries) == (str(environment), None, [], [])


def test_five_reloads_in_an_environment_lose_no_request(server: StartServer, site: Path) -> None:
    one = server(module="facts", processes=2)
    with LoopingClients(4, lambda: facts(one)) as clients:
        for _ in range(5):
            before = one.workers()
            one.send_signal(signal.SIGHUP)
            one.wait_replaced(before)
    assert clients.failures == []


@pytest.mark.parametrize("master", [True, False])
def test_home_is_another_environment_without_the_server(
    server: StartServer, binary: Binary, site: Path, master: bool
) -> None:
    other = site / "other"
    subprocess.run([python_of(binary), "-m", "venv", "--without-pip", other], check=True)
    one = server(module="facts", home=other, master=master)
    assert facts(one)[:2] == (f"{other}/bin/python", str(other))


def test_home_of_another_version_is_refused_in_one_line(
    new_server: StartServer, site: Path
) -> None:
    other = site / "other"
    (other / "bin").mkdir(parents=True)
    (other / "pyvenv.cfg").write_text("version = 3.2.1\n")
    one = new_server()
    minor = ".".join(one.binary.run("--python-version").stdout.split(".")[:2])
    one.expect_errors(
        f"{other} is an environment of Python 3.2, this server is for {minor}: "
        f"install one there, {other}/bin/pip install uwsgi"
    )
    one.expected_status = 1
    one.start(module="facts", home=other, ready=False)
    assert one.wait_exit() == 1


def test_flags_and_variables_reach_python(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "flags.py").write_text(
        "import os, sys\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    found = any(entry.endswith('from_ini') for entry in sys.path)\n"
        "    return [repr((sys.flags.optimize, sys.flags.no_site, found)).encode()]\n"
    )
    one = server(
        module="flags",
        optimize=2,
        no_site=True,
        ini="env = PYTHONPATH=from_ini",
        socket=tmp_path / "s.sock",
    )
    assert one.get("/").text == "(2, 1, True)"


def test_a_python_without_gil_stays_so_in_silence(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "gil.py").write_text(
        "import sys\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [repr(getattr(sys, '_is_gil_enabled', lambda: True)()).encode()]\n"
    )
    one = server(module="gil", threads=2)
    # Python itself, with no module of anybody's.
    print_it = "import sys; print(getattr(sys, '_is_gil_enabled', lambda: True)())"
    alone = subprocess.run(
        [python_of(one.binary), "-c", print_it], capture_output=True, text=True, check=True
    )
    assert one.get("/").text == alone.stdout.strip()
    assert one.log_lines("RuntimeWarning") == []


def test_the_module_is_the_command(binary: Binary, tmp_path: Path) -> None:
    # As `pip install --target` leaves it, in a folder with a blank.
    folder = tmp_path / "with a blank"
    shutil.copytree(package_of(binary), folder / "uwsgi_server")
    command = [python_of(binary), "-m", "uwsgi_server", "--version"]
    said = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=clean_environment({"PYTHONPATH": str(folder)}),
        cwd=tmp_path,
    )
    assert (said.returncode, said.stdout.strip()) == (0, binary.version)


def test_the_masters_program_alone_says_what_it_is(binary: Binary) -> None:
    alone = subprocess.run(
        [package_of(binary) / "uwsgi-master"],
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("__UWSGI")},
    )
    assert alone.returncode == 1
    assert alone.stderr == "error: this is a part of the command `uwsgi`: start that\n"


def test_a_server_of_one_process_says_everything_once(server: StartServer, site: Path) -> None:
    one = server(module="facts", master=False, no_such_option="x")
    assert len(one.log_lines("no-such-option")) == 1
    assert one.pid == one.workers()[1]


@pytest.mark.parametrize("name", ["pyuwsgi-2.0.30", "uWSGI-2.0.31", "uwsgi-2.0.31"])
def test_another_uwsgi_in_the_environment_is_named(
    binary: Binary, tmp_path: Path, name: str
) -> None:
    shutil.copytree(package_of(binary), tmp_path / "uwsgi_server")
    (tmp_path / f"{name}.dist-info").mkdir()
    (tmp_path / "uwsgi-3.0.0.dist-info").mkdir()
    said = subprocess.run(
        [python_of(binary), "-m", "uwsgi_server", "--version"],
        capture_output=True,
        text=True,
        env=clean_environment({"PYTHONPATH": str(tmp_path)}),
    )
    project, version = name.lower().split("-")
    assert said.stderr == (
        f"warning: {project} {version} is installed in {tmp_path}, too, and has the same command: "
        f"pip uninstall {project}\n"
    )


def build_of(package: Path) -> bytes:
    """Return what both parts of the package know of the sources that they were made of."""
    (extension,) = package.glob("_uwsgi*.so")
    (build,) = re.findall(rb"\0([0-9a-f]{64})\0", extension.read_bytes())
    assert build in (package / "uwsgi-master").read_bytes()
    return build


def test_a_reload_after_an_upgrade_is_refused_and_the_old_server_serves_on(
    new_server: StartServer, site: Path
) -> None:
    one = new_server()
    one.expect_errors(
        "this master was started from another installation", "zygote", "reload failed"
    )
    package = Path(shutil.copytree(package_of(one.binary), site / "installed" / "uwsgi_server"))
    script = package.parent / "uwsgi"
    script.write_text(
        f"#!{python_of(one.binary)}\n"
        "import os, sys\n"
        "sys.path.insert(0, os.path.dirname(__file__))\n"
        "from uwsgi_server._launch import main\n"
        "main()\n"
    )
    script.chmod(0o755)
    one.binary = Binary(script)
    one.start(module="facts")
    (extension,) = package.glob("_uwsgi*.so")
    upgraded = extension.read_bytes().replace(build_of(package), b"0" * 64)
    extension.unlink()  # As pip does: who has the old file keeps it.
    extension.write_bytes(upgraded)
    one.send_signal(signal.SIGHUP)
    one.wait_log("reload failed")
    assert facts(one)[2] is None
