# SPDX-License-Identifier: MIT
"""Python processes that a view starts: sys.executable, and what takes it for a Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

# A module of its own: the other process imports it by its name.
JOBS = """
import os
from multiprocessing import shared_memory

def square(number):
    return number * number, os.getpid()

def answer(queue, number):
    queue.put(square(number))

def fill(name):
    memory = shared_memory.SharedMemory(name=name)
    memory.buf[:5] = b"there"
    memory.close()
"""
SITE = """
import concurrent.futures, multiprocessing, os, subprocess, sys
from multiprocessing import shared_memory
import uwsgi
import jobs

def with_context(method):
    context = multiprocessing.get_context(method)
    queue = context.SimpleQueue()
    process = context.Process(target=jobs.answer, args=(queue, 7))
    process.start()
    result, pid = queue.get()
    process.join()
    return result, pid != os.getpid(), process.exitcode

def spawn():
    return with_context("spawn")

def forkserver():
    return with_context("forkserver")

def memory():
    block = shared_memory.SharedMemory(create=True, size=5)
    process = multiprocessing.get_context("spawn").Process(target=jobs.fill, args=(block.name,))
    process.start()
    process.join()
    content = bytes(block.buf[:5])
    block.close()
    block.unlink()
    return content, process.exitcode

def executor(method=None):
    context = multiprocessing.get_context(method) if method else None
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        return sorted(result for result, pid in pool.map(jobs.square, range(4)))

def spawning_executor():
    return executor("spawn")

def script():
    command = [sys.executable, "script.py", "word"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()

def facts():
    return sys.executable, sys.prefix, uwsgi.binary_path

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [repr(globals()[environ["PATH_INFO"][1:]]()).encode()]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "jobs.py").write_text(JOBS)
    (tmp_path / "views.py").write_text(SITE)
    (tmp_path / "script.py").write_text(
        "import sys; print('%d.%d' % sys.version_info[:2], sys.prefix, *sys.argv[1:])\n"
    )
    return tmp_path


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    "view,answer",
    [
        ("spawn", "(49, True, 0)"),
        ("forkserver", "(49, True, 0)"),
        ("memory", "(b'there', 0)"),
        ("executor", "[0, 1, 4, 9]"),
        ("spawning_executor", "[0, 1, 4, 9]"),
    ],
)
def test_a_view_computes_in_other_processes(
    server: StartServer, site: Path, view: str, answer: str, threads: int
) -> None:
    one = server(module="views", threads=threads)
    one.files_may_grow = True  # The forkserver and the tracker of resources stay.
    assert one.get("/" + view).text == answer
    assert one.get("/" + view).text == answer


@pytest.mark.quick
def test_a_view_runs_a_script_with_the_python_of_the_environment(
    server: StartServer, site: Path, virtualenv: str
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(site / "venv")], check=True)
    one = server(module="views", home=site / "venv")
    version = "{}.{}".format(*sys.version_info[:2])
    assert one.get("/script").text == repr(f"{version} {site / 'venv'} word")


def test_sys_executable_is_absolute_where_home_is_relative(server: StartServer, site: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(site / "venv")], check=True)
    one = server(module="views", home="venv")
    assert eval(one.get("/facts").text)[:2] == (f"{site}/venv/bin/python", f"{site}/venv")


@pytest.mark.quick
def test_sys_executable_is_a_python_and_binary_path_the_server(
    server: StartServer, site: Path
) -> None:
    one = server(module="views")
    executable, prefix, binary = eval(one.get("/facts").text)
    assert os.path.samefile(os.fsdecode(binary), one.binary.path)
    asked = subprocess.run(
        [executable, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True
    )
    assert asked.stdout.strip() == prefix
    environment = re.escape(prefix) if one.binary.is_wheel else "none, the modules are those of .*"
    one.wait_log(f"^Python environment: {environment}, sys.executable is {executable}$")


def test_py_sys_executable_overrides(server: StartServer, site: Path) -> None:
    for option in ("py_sys_executable", "py_executable"):
        one = server(module="views", name=option, **{option: "/opt/any/python"})
        assert eval(one.get("/facts").text)[0] == "/opt/any/python"
