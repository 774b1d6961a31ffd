# SPDX-License-Identifier: MIT
"""The log: uWSGI's request line to the byte, whole lines, and no line that a client forged."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any, Callable

import pytest
import uwsgi_client
from clients import LoopingClients
from server import APPS, ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]

REQUEST_LINE = re.compile(
    r"\[pid: (?P<pid>\d+)\|app: (?P<app>-?\d+)\|req: (?P<req>-?\d+)/(?P<total>\d+)\] "
    r"(?P<addr>\S*) \((?P<user>[^)]*)\) \{(?P<vars>\d+) vars in (?P<bytes>\d+) bytes\} "
    r"\[(?P<time>\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\] (?P<method>\S*) (?P<uri>\S*) => "
    r"generated (?P<size>\d+) bytes in (?P<msecs>\d+) msecs (?P<via>via \w+\(\) )?"
    r"\((?P<protocol>\S+) (?P<status>\d+)\) (?P<headers>\d+) headers in (?P<head>\d+) bytes "
    r"\((?P<switches>\d+) switches on core (?P<core>\d+)\)"
)


def request_lines(one: ServerProcess, count: int = 1) -> list[dict[str, str]]:
    """Wait for `count` request lines; every one must match to the byte."""
    pattern = r"=> generated "
    lines = one.wait_log(pattern, count) if count else one.log_lines(pattern)
    found = []
    for line in lines:
        match = REQUEST_LINE.fullmatch(line)
        assert match, f"not uWSGI's request line: {line!r}"
        found.append({key: value or "" for key, value in match.groupdict().items()})
    return found


@pytest.mark.quick
def test_the_request_line_is_uwsgis_to_the_byte(server: StartServer) -> None:
    one = server("hello", processes=1, threads=2)
    variables = uwsgi_client.request_vars("GET", "/a%20b?c=d")
    variables["REMOTE_USER"] = "someone"
    block = uwsgi_client.encode_vars(variables.items())
    before = time.time()
    raw = uwsgi_client.exchange(one.address, uwsgi_client.packet(block))
    took = time.time() - before
    line = request_lines(one)[0]
    started = time.mktime(time.strptime(line["time"], "%a %b %d %H:%M:%S %Y"))
    assert before - 1 <= started <= time.time()
    head = raw.partition(b"\r\n\r\n")[0]
    expected = {
        "pid": str(one.workers()[1]),
        "app": "0",
        "req": "1",
        "total": "1",
        "addr": "127.0.0.1",
        "user": "someone",
        "vars": str(2 * len(variables)),
        "bytes": str(len(block)),
        "method": "GET",
        "uri": "/a%20b?c=d",
        "size": "5",
        "protocol": "HTTP/1.1",
        "status": "200",
        "headers": "2",
        "head": str(len(head) + 4),
        "switches": "1",
    }
    assert {key: line[key] for key in expected} == expected
    assert line["core"] in ("0", "1")
    assert int(line["msecs"]) <= took * 1000


def test_the_request_counters_count(server: StartServer) -> None:
    one = server("hello")
    for _ in range(5):
        one.get("/")
    lines = request_lines(one, 5)
    assert [line["req"] for line in lines] == ["1", "2", "3", "4", "5"]
    assert [line["total"] for line in lines] == ["1", "2", "3", "4", "5"]


@pytest.mark.quick
def test_each_application_counts_its_own_requests(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "file").write_text("static")
    one = server(
        mount=[f"/x={APPS}/introspect/app.py", f"/y={APPS}/hello/app.py"],
        manage_script_name=True,
        static_map=f"/static={tmp_path}/static",
    )
    for path in ("/x", "/static/file", "/x", "/y", "/nowhere", "/y"):
        one.get(path)
    found = [(line["app"], f"{line['req']}/{line['total']}") for line in request_lines(one, 6)]
    assert found == [
        ("0", "1/1"),
        ("-1", "-1/2"),
        ("0", "2/3"),
        ("1", "1/4"),
        ("0", "3/5"),
        ("1", "2/6"),
    ]
    # uWSGI counts a request of an application when it begins: this one is among them.
    answer = one.post("/x", b"[a['requests'] for a in uwsgi.workers()[0]['apps']]")
    assert answer.text == "[4, 2]"


@pytest.mark.quick
def test_the_servers_own_errors_are_logged_as_what_they_are(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "empty.py").write_text("")
    one = server(wsgi_file=tmp_path / "empty.py", need_app=False)
    one.expect_errors()
    answer = one.get("/")
    assert answer.body == b"Internal Server Error"
    line = request_lines(one)[0]
    found = [line[key] for key in ("app", "req", "total", "status", "size", "headers", "head")]
    assert found == ["-1", "-1", "1", "500", "21", "2", "83"]


@pytest.mark.quick
@pytest.mark.parametrize(
    "options,logged",
    [
        ({"disable_logging": True}, []),
        ({"disable_logging": True, "log_4xx": True}, ["404"]),
        ({"disable_logging": True, "log_5xx": True}, ["500"]),
        ({"disable_logging": True, "log_4xx": True, "log_5xx": True}, ["404", "500"]),
        ({"log_4xx": True}, ["200", "404", "500"]),
    ],
)
def test_which_requests_are_logged(
    server: StartServer, tmp_path: Path, options: dict[str, Any], logged: list[str]
) -> None:
    (tmp_path / "codes.py").write_text(
        "def application(environ, start_response):\n"
        "    start_response(environ['PATH_INFO'][1:] + ' Whatever', [])\n"
        "    return [b'x']\n"
    )
    one = server(wsgi_file=tmp_path / "codes.py", **options)
    for code in ("200", "404", "500"):
        assert one.get(f"/{code}").status == int(code)
    one.stop()
    assert [line["status"] for line in request_lines(one, 0)] == logged


@pytest.mark.quick
def test_lines_stay_whole_with_many_workers(server: StartServer) -> None:
    one = server("hello", processes=4, threads=4)
    filler = "f" * 300

    def ask() -> None:
        one.get(f"/{filler}")

    with LoopingClients(16, ask) as clients:
        clients.wait_more(1500)
    one.stop()  # Writes what the workers still hold.
    assert not clients.failures
    lines = request_lines(one, clients.done)
    assert {line["uri"] for line in lines} == {f"/{filler}"}
    totals = [int(line["total"]) for line in lines]
    assert max(totals) == len(lines) == clients.done


@pytest.mark.quick
@pytest.mark.parametrize("key", ["REQUEST_URI", "REMOTE_USER", "REMOTE_ADDR", "REQUEST_METHOD"])
def test_a_client_cannot_forge_a_line(server: StartServer, key: str) -> None:
    one = server("hello")
    before = len(one.log.splitlines())
    forged = "/x\nerror: forged\r\x1b[31m\x00\x7f"
    block = uwsgi_client.encode_vars({**uwsgi_client.request_vars(), key: forged}.items())
    uwsgi_client.exchange(one.address, uwsgi_client.packet(block))
    wait_until(lambda: len(one.log.splitlines()) > before, "a line")
    one.get("/")
    one.wait_log("GET / => ")
    assert not one.log_lines("^error: forged")
    assert not set("\x1b\x00\x7f\r") & set(one.log)


@pytest.mark.quick
def test_an_exception_cannot_forge_a_line(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "forger.py").write_text(
        "class Result(list):\n"
        "    def close(self):\n"
        "        raise ValueError('late \\x1b[31m\\nerror: forged')\n"
        "def application(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/close':\n"
        "        start_response('200 OK', [])\n"
        "        return Result([b'x'])\n"
        "    raise ValueError('bad \\x1b[31m\\x00\\r\\nerror: forged')\n"
    )
    one = server(wsgi_file=tmp_path / "forger.py")
    one.expect_errors("exception in the application", r"close\(\) of the response failed")
    before = len(one.log)
    one.get("/")
    one.get("/close")
    request_lines(one, 2)
    assert not set("\x1b\x00\r") & set(one.log)
    own = [line for line in one.log[before:].splitlines() if not line.startswith("  ")]
    assert len(own) == 4, own  # Two errors and two requests; all else is indented.
    assert one.log_lines(r"^  Traceback \(most recent call last\):$")
    assert one.log_lines(r"^  ValueError: bad \\x1b\[31m\\x00\\x0d$")
    assert len(one.log_lines("^  error: forged$")) == 2


def test_log_format_has_the_fields_of_uwsgi(server: StartServer) -> None:
    fields = "LF %(method) %(uri) %(status) %(proto) %(host) %(addr) %(uagent) %(referer) %(rsize)"
    more = "%(wid) %(pid) %(ltime) %(var.REQUEST_SCHEME) %(nothing) %(headers) END"
    one = server("hello", log_format=f"{fields} {more}", threads=2)
    before = int(time.time())
    one.get("/a", headers={"User-Agent": "agent/1", "Referer": "http://r/"})
    line = one.wait_log("^LF ")[0]
    known = f"LF GET /a 200 HTTP/1.1 localhost 127.0.0.1 agent/1 http://r/ 5 1 {one.workers()[1]} "
    ltimes = [
        time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(second))
        for second in range(before - 1, int(time.time()) + 1)
    ]
    assert line in [f"{known}{ltime} http - 2 END" for ltime in ltimes]


@pytest.mark.quick
def test_logto_takes_everything(server: StartServer, tmp_path: Path) -> None:
    log = tmp_path / "site.log"
    one = server("hello", logto=log, ready=False)
    one.log_path = log
    one.wait_ready()
    one.get("/to-the-file")
    one.wait_log("GET /to-the-file =>")
    assert "to-the-file" not in (tmp_path / "server.log").read_text()


def test_prints_and_errors_of_the_application_reach_the_log(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "prints.py").write_text(
        "import sys\nprint('at import')\n"
        "def application(environ, start_response):\n"
        "    print('from a view: \\u00e9')\n"
        "    print('to stderr', file=sys.stderr)\n"
        "    environ['wsgi.errors'].write('to wsgi.errors\\n')\n"
        "    start_response('200 OK', [])\n    return [b'']\n"
    )
    one = server(wsgi_file=tmp_path / "prints.py")
    one.get("/")
    for text in ("at import", "from a view: é", "to stderr", "to wsgi.errors"):
        one.wait_log(f"^{text}$")


def test_log_x_forwarded_for_names_the_client(server: StartServer) -> None:
    one = server("hello", log_x_forwarded_for=True)
    one.get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert request_lines(one)[0]["addr"] == "203.0.113.9"
