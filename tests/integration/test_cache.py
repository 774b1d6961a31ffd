# SPDX-License-Identifier: MIT
"""The cache_* functions: types and edges as in uWSGI, all processes, reloads and libraries."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any, Callable

import pytest
from server import ServerProcess

StartServer = Callable[..., ServerProcess]

pytestmark = pytest.mark.quick


def evaluate(one: ServerProcess, expression: str) -> Any:
    """Evaluate Python inside a worker."""
    return json.loads(one.post("/", expression.encode()).body)


def check(one: ServerProcess, calls: dict[str, Any]) -> None:
    """Evaluate the calls in their order, and compare."""
    assert {call: evaluate(one, call) for call in calls} == calls


def found(text: str) -> dict[str, str]:
    """Return bytes as the application shows them."""
    return {"bytes": text}


def test_types_and_edges(server: StartServer) -> None:
    one = server("introspect", cache2="name=c,items=20,blocksize=100,keysize=10", processes=2)
    check(
        one,
        {
            "uwsgi.cache_get('a')": None,
            "uwsgi.cache_set('a', 'one')": True,
            "uwsgi.cache_set(b'a', b'two')": None,
            "uwsgi.cache_get(b'a')": found("one"),
            "uwsgi.cache_update('a', b'two\\0', 0, '')": True,
            "uwsgi.cache_get('a', 'c')": found("two\0"),
            "uwsgi.cache_exists('a')": True,
            "uwsgi.cache_exists('b')": None,
            "uwsgi.cache_keys()": [found("a")],
            "uwsgi.cache_del('a')": True,
            "uwsgi.cache_del('a') ": None,
            "uwsgi.cache_update('', 'x')": None,
            "uwsgi.cache_update('k', '')": None,
            "uwsgi.cache_update('k' * 11, 'x')": None,
            "uwsgi.cache_update('k', 'x' * 101)": None,
            "uwsgi.cache_update('k', 'x', 0, 'no such')": None,
            "uwsgi.cache_get('k', 'no such')": None,
            "uwsgi.cache_num('n')": 0,
            "uwsgi.cache_inc('n')": True,
            "uwsgi.cache_inc('n', 4)": True,
            "uwsgi.cache_num('n') ": 5,
            "uwsgi.cache_get('n')": found("\5\0\0\0\0\0\0\0"),
            "uwsgi.cache_mul('n')": True,
            "uwsgi.cache_dec('n', 1, 0, 'c')": True,
            "uwsgi.cache_div('n', -3)": True,
            "uwsgi.cache_num('n', 'c')": -3,
            "uwsgi.cache_div('n', 0)": True,
            "uwsgi.cache_num('n')  ": 0,
            "uwsgi.cache_clear()": True,
            "uwsgi.cache_keys('c')": [],
            "uwsgi.cache_clear('no such')": None,
            "uwsgi.cache_keys('no such')": "raised ValueError: no local uWSGI cache available",
            "uwsgi.cache_set()": "raised TypeError: "
            "cache_set() takes at least 2 arguments (0 given)",
        },
    )


@pytest.mark.parametrize(
    "call",
    [
        "cache_get(1)",
        "cache_get('a', None)",
        "cache_get('a', b'c')",
        "cache_set('a', None)",
        "cache_set('a', 'b', 1.5)",
        "cache_set('a', 'b', None)",
        "cache_inc('a', '1')",
        "cache_get('a', 'c', 'd')",
        "cache_get(key='a')",
    ],
)
def test_wrong_types_are_type_errors(
    shared_server: StartServer, call: str, request: pytest.FixtureRequest
) -> None:
    one = getattr(request.module, "_one", None)
    if one is None:
        one = shared_server("introspect", name="types", cache2="name=c,items=10")
        request.module._one = one
    assert evaluate(one, f"uwsgi.{call}").startswith("raised TypeError")


def test_without_a_cache_the_functions_are_there_and_find_nothing(server: StartServer) -> None:
    one = server("introspect")
    check(
        one,
        {
            "uwsgi.cache_get('a')": None,
            "uwsgi.cache_update('a', 'b')": None,
            "uwsgi.cache_num('a')": 0,
            "uwsgi.cache_clear()": None,
            "uwsgi.cache_keys()": "raised ValueError: no local uWSGI cache available",
        },
    )
    assert evaluate(one, "uwsgi.cache_inc('a', 1 << 63)").startswith("raised OverflowError")


@pytest.mark.not_for_oracle
def test_what_has_expired_is_gone_also_without_a_master(server: StartServer) -> None:
    one = server("introspect", cache=10, master=False)
    assert evaluate(one, "[uwsgi.cache_update('a', 'x', -1), uwsgi.cache_get('a')]") == [True, None]
    assert evaluate(one, "[uwsgi.cache_update('b', 'x', 999), uwsgi.cache_exists('b')]") == [
        True,
        True,
    ]


@pytest.mark.not_for_oracle
def test_it_has_room_for_as_many_items_as_it_says(server: StartServer) -> None:
    one = server("introspect", cache2=["name=one,items=1", "name=two,items=2,purge_lru=1"])
    assert evaluate(one, "[uwsgi.cache_set(k, k) for k in 'ab']") == [True, None]
    one.wait_log(r'\*\*\* DANGER cache "one" is FULL !!! \*\*\*')
    assert evaluate(one, "[uwsgi.cache_set(k, k, 60, 'two') for k in 'abc']") == [True] * 3
    assert evaluate(one, "sorted(uwsgi.cache_keys('two'))") == [found("b"), found("c")]


@pytest.mark.not_for_oracle
def test_a_reload_keeps_what_the_same_definition_has(server: StartServer) -> None:
    one = server("introspect", cache2=["name=kept,items=10", "name=other,items=10"])
    evaluate(one, "[uwsgi.cache_set('a', 'x', 0, n) for n in ('kept', 'other')]")
    ini = one.directory / f"{one.name}.ini"
    ini.write_text(ini.read_text().replace("name=other,items=10", "name=other,items=11"))
    before = one.workers()
    one.send_signal(signal.SIGHUP)
    one.wait_replaced(before)
    assert evaluate(one, "[uwsgi.cache_get('a', n) for n in ('kept', 'other')]") == [
        found("x"),
        None,
    ]


@pytest.mark.not_for_oracle
def test_workers_that_are_killed_leave_a_cache_that_works(server: StartServer) -> None:
    one = server("introspect", processes=2, threads=2, cache2="name=c,items=99,bitmap=1,blocks=200")
    one.expect_errors("DAMN", "OOPS")
    loop = (
        "[threading.Thread(daemon=True, target=lambda: [uwsgi.cache_update(str(i % 60), "
        "str(i % 60) * 3000) and uwsgi.cache_inc('n') for i in range(1 << 40)]).start(), "
        "os.getpid()]"
    )
    for _ in range(5):
        before = one.workers()
        victim = evaluate(one, loop)[1]
        number = next(n for n, pid in before.items() if pid == victim)
        os.kill(victim, signal.SIGKILL)
        one.wait_replaced({number: victim})
        assert evaluate(one, "[uwsgi.cache_update('a', 'x'), uwsgi.cache_get('a')]") == [
            True,
            found("x"),
        ]
    values = evaluate(one, "[[k, uwsgi.cache_get(k)] for k in uwsgi.cache_keys() if k.isdigit()]")
    for key, value in values:
        assert value is None or value["bytes"] == key["bytes"] * 3000


@pytest.mark.not_for_oracle
def test_a_store_keeps_the_items_over_a_restart(
    new_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    options = {"cache2": f"name=c,items=10,store={tmp_path / 'store'}"}
    one = new_server("one").start("introspect", **options)
    assert evaluate(one, "uwsgi.cache_set('a', 'kept')") is True
    assert one.stop() == 0
    two = new_server("two").start("introspect", **options)
    two.wait_log("restored 1 items")
    assert evaluate(two, "uwsgi.cache_get('a')") == found("kept")
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o600


@pytest.mark.not_for_oracle
def test_the_options_of_the_default_cache(server: StartServer, tmp_path: Path) -> None:
    options = {"cache_blocksize": 10, "cache_store": tmp_path / "store", "cache_no_expire": True}
    one = server("introspect", cache=3, **options)
    check(
        one,
        {
            "uwsgi.cache_set('a', 'x' * 11)": None,
            "uwsgi.cache_set('a', 'x' * 10, -1)": True,
            "uwsgi.cache_get('a', 'default')": found("x" * 10),
        },
    )
    assert (tmp_path / "store").exists()


@pytest.mark.not_for_oracle
def test_items_and_files_of_the_configuration(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("of a file")
    one = server(
        "introspect",
        cache2=["name=c,items=10", "name=d,items=10"],
        add_cache_item=["a=b=c", "d e=f"],
        load_file_in_cache=f"d {tmp_path / 'file.txt'}",
    )
    check(
        one,
        {
            "[uwsgi.cache_get('a', n) for n in ('c', 'd')]": [found("b=c"), found("b=c")],
            "[uwsgi.cache_get('e', n) for n in ('c', 'd')]": [None, found("f")],
            f"uwsgi.cache_get({str(tmp_path / 'file.txt')!r}, 'd')": found("of a file"),
        },
    )


@pytest.mark.not_for_oracle
@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("items=10", "you have to specify a cache name"),
        ("name=c,items=10,bitmap", "bitmap has no value, write bitmap=1"),
        ("name=c,items=10,colour=red", "colour is no key of a cache"),
    ],
)
def test_a_wrong_definition_ends_the_start(
    binary: Any, tmp_path: Path, definition: str, message: str
) -> None:
    ran = binary.run("--socket", str(tmp_path / "s"), "--cache2", definition, "--check-config")
    assert ran.returncode == 1
    assert message in ran.stderr


LIBRARIES = """
import json
import uwsgi
from cachelib import UWSGICache
from flask import Flask
from flask_caching import Cache

plain = UWSGICache(default_timeout=60, cache="c")
app = application = Flask(__name__)
cache = Cache(app, config={"CACHE_TYPE": "UWSGICache", "CACHE_UWSGI_NAME": "c"})
CALLS = []

@cache.memoize(60)
def squared(number):
    CALLS.append(number)
    return number * number

@app.route("/")
def index():
    plain.set("x", {"a": [1, 2]})
    answers = [plain.get("x"), plain.add("x", 1), plain.has("x"), plain.delete("x"), plain.get("x")]
    return json.dumps([answers, squared(7), squared(7), len(CALLS), plain.clear(), plain.get("x")])
"""


@pytest.mark.not_for_oracle
def test_cachelib_and_flask_caching(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "site.py").write_text(LIBRARIES)
    path = Path(pytest.__file__).parents[1]
    one = server(wsgi_file=tmp_path / "site.py", pythonpath=path, cache2="name=c,items=100")
    answers, *numbers, calls, cleared, after = json.loads(one.get("/").body)
    assert answers == [{"a": [1, 2]}, False, True, True, None]
    assert numbers == [49, 49]
    assert calls == 1
    assert cleared is True
    assert after is None
