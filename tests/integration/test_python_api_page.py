# SPDX-License-Identifier: MIT
"""docs/python-api.md names what the `uwsgi` module has, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Callable

import pytest
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

PAGE = Path(__file__).parents[2] / "docs" / "python-api.md"

# Names that applications may set, and that are not there before.
OWN_NAMES = {"post_fork_hook", "after_req_hook", "atexit"}

APP = """
import json
import uwsgi

def application(environ, start_response):
    start_response("200 OK", [])
    names = [name for name in dir(uwsgi) if not name.startswith("__")]
    types = {name: type(getattr(uwsgi, name)).__name__ for name in [*names, "env"]}
    return [json.dumps(types).encode()]
"""

pytestmark = pytest.mark.not_for_oracle


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table below a title."""
    text = PAGE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in lines]


@pytest.fixture
def types(server: StartServer, tmp_path: Path) -> dict[str, str]:
    """Return the type of each name in the module of a server that has all of them."""
    (tmp_path / "app.py").write_text(APP)
    options = {"wsgi_file": tmp_path / "app.py", "mode": "x", "pidfile": tmp_path / "pid"}
    return json.loads(server(**options).get().body)


def test_the_page_names_what_the_module_has(types: dict[str, str]) -> None:
    cells = [row[0] for title in ("Attributes", "Functions") for row in rows(title)]
    named = {name for cell in cells for name in re.findall(r"`(\w+)", cell)}
    assert named == set(types) - OWN_NAMES


def test_attributes_have_the_types_of_the_page(types: dict[str, str]) -> None:
    for names, type_cell, _ in rows("Attributes"):
        possible = {text.partition("[")[0] for text in re.findall(r"`([^`]+)`", type_cell)}
        possible = {"NoneType" if one == "None" else one for one in possible}
        for name in re.findall(r"`(\w+)`", names):
            assert types[name] in possible, name


def test_functions_are_functions(types: dict[str, str]) -> None:
    for names, _ in rows("Functions"):
        for name in re.findall(r"`(\w+)", names):
            assert types[name] == "builtin_function_or_method", name
