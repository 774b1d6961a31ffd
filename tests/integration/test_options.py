# SPDX-License-Identifier: MIT
"""Options: typos are told, what is missing is told, and every source of options counts."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any, Callable

import pytest
from server import APPS, Binary, ServerProcess

StartServer = Callable[..., ServerProcess]

VERSION = Path(__file__).parents[2] / "include" / "uwsgi" / "version.h"


def evaluate(one: ServerProcess, expression: str) -> Any:
    """Evaluate Python inside a worker."""
    return json.loads(one.post("/", expression.encode()).body)


@pytest.mark.quick
def test_an_unknown_name_warns_with_the_nearest_match_and_is_kept(server: StartServer) -> None:
    one = server("introspect", proceses=4, harakri=30)
    for typo, meant in (("proceses", "processes"), ("harakri", "harakiri")):
        lines = one.log_lines(f"^warning: .*{typo}")
        assert len(lines) == 1, one.log
        assert meant in lines[0]
        assert "server.ini" in lines[0]
    assert evaluate(one, "uwsgi.opt['proceses']") == {"bytes": "4"}


@pytest.mark.quick
def test_strict_lists_every_error_and_exits(binary: Binary, tmp_path: Path) -> None:
    path = tmp_path / "strict.ini"
    path.write_text(
        f"[uwsgi]\nstrict = true\nsocket = {tmp_path}/s.sock\n"
        "proceses = 4\nharakri = 30\nmodule = nothing\n"
    )
    asked = binary.run("--ini", str(path))
    assert asked.returncode == 1
    for text in ("proceses", "harakri", "strict.ini:4", "strict.ini:5"):
        assert text in asked.stderr


@pytest.mark.quick
def test_an_option_that_is_not_built_yet_says_so_once(server: StartServer) -> None:
    one = server("hello", offload_threads=2, memory_report=False)
    assert one.get("/").body == b"hello"
    assert len(one.log_lines("^warning: .*offload-threads")) <= 1


@pytest.mark.quick
@pytest.mark.parametrize(
    "option,value", [("route", "^/admin break:403"), ("chroot", "/tmp"), ("gevent", "100")]
)
def test_an_option_that_must_not_be_ignored_is_refused(
    binary: Binary, tmp_path: Path, option: str, value: str
) -> None:
    asked = binary.run(
        *("--socket", str(tmp_path / "s.sock"), f"--{option}", value),
        *("--wsgi-file", str(APPS / "hello" / "app.py")),
    )
    assert asked.returncode == 1
    assert option in asked.stderr


@pytest.mark.quick
@pytest.mark.parametrize(
    "options",
    [
        {"thunder_lock": True},
        {"single_interpreter": True},
        {"enable_threads": True},
        {"ignore_sigpipe": True, "ignore_write_errors": True, "disable_write_exception": True},
        {"plugins": "python3"},
        {"plugin": "python3"},
        {"die_on_term": True, "vacuum": True, "need_app": True},
        {"py_call_osafterfork": True, "py_call_uwsgi_fork_hooks": True},
        {"hook_master_start": "unix_signal:15 gracefully_kill_them_all"},
        {"logger": "stdio", "py_autoreload": 0, "cheaper": 0},
    ],
    ids=lambda options: "-".join(options),
)
def test_a_no_op_is_accepted_silently(server: StartServer, options: dict[str, Any]) -> None:
    one = server("hello", **options)
    assert one.get("/").body == b"hello"
    assert one.log_lines("^(warning|error): ") == []


@pytest.mark.quick
def test_the_environment_configures_too(server: StartServer, tmp_path: Path) -> None:
    env = {
        "UWSGI_PROCESSES": "2",
        "UWSGI_WSGI_FILE": str(APPS / "introspect" / "app.py"),
        "UWSGI_MASTER": "1",
        "UWSGI_THREADS": "3",
    }
    one = server(socket=tmp_path / "s.sock", env=env, threads=5)
    assert evaluate(one, "[uwsgi.numproc, uwsgi.cores]") == [2, 5]


@pytest.mark.quick
def test_placeholders_are_expanded(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "content.txt").write_text("from a file\n")
    one = server(
        "introspect",
        ini="\n".join(
            [
                f"base = {tmp_path}",
                "socket = %(base)/%n.sock",
                "number = 40",
                "sum = %(number + 2)",
                "secret = $(SECRET_WORD)",
                f"content = @({tmp_path}/content.txt)",
                "here = %d",
                "set-placeholder = colour=blue",
                "mixed = %(colour)-%(number)",
                "percent = 100%%",
            ]
        ),
        env={"SECRET_WORD": "sesame"},
        ready=False,
    )
    one._addresses = [f"{tmp_path}/server.sock"]
    one.wait_ready()
    opt = evaluate(one, "uwsgi.opt")
    found = {key: opt[key]["bytes"] for key in ("sum", "secret", "content", "here", "mixed")}
    assert found == {
        "sum": "42",
        "secret": "sesame",
        "content": "from a file",
        "here": f"{tmp_path}/",
        "mixed": "blue-40",
    }
    assert opt["percent"] == {"bytes": "100%"}


@pytest.mark.quick
def test_a_section_is_chosen_by_its_name(
    new_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    (tmp_path / "site.ini").write_text(
        f"[uwsgi]\nprocesses = 1\n[prod]\nini = :base\nprocesses = 2\n"
        f"[base]\nwsgi-file = {APPS}/introspect/app.py\nsocket = {tmp_path}/s.sock\nthreads = 3\n"
    )
    one = new_server()
    one._addresses = [f"{tmp_path}/s.sock"]
    one.launch(f"{tmp_path}/site.ini:prod", processes=2).wait_ready()
    assert evaluate(one, "[uwsgi.numproc, uwsgi.cores]") == [2, 3]


def test_short_flags_are_long_options(
    new_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    one = new_server()
    one._addresses = [f"{tmp_path}/s.sock"]
    app = str(APPS / "introspect" / "app.py")
    one.launch("-s", f"{tmp_path}/s.sock", "-M", "-p", "2", "--wsgi-file", app, "-L", processes=2)
    one.wait_ready()
    assert evaluate(one, "uwsgi.opt['processes']") == {"bytes": "2"}
    assert evaluate(one, "uwsgi.opt['master']") is True


@pytest.mark.quick
@pytest.mark.parametrize(
    "args,words",
    [
        (["--processes", "-1"], "processes"),
        (["--no-such-option-at-all"], "no-such-option-at-all"),
        (["--ini", "/nonexistent/x.ini"], "/nonexistent/x.ini"),
        (["--chmod-socket=999"], "chmod"),
        (["--uid", "nobody-of-that-name"], "nobody-of-that-name"),
    ],
)
def test_a_bad_value_ends_the_start_with_a_reason(
    binary: Binary, tmp_path: Path, args: list[str], words: str
) -> None:
    app = str(APPS / "hello" / "app.py")
    asked = binary.run("--socket", str(tmp_path / "s.sock"), "--wsgi-file", app, *args)
    assert asked.returncode == 1
    assert words in asked.stderr


@pytest.mark.quick
def test_version_is_printed(binary: Binary) -> None:
    asked = binary.run("--version")
    version = re.findall(r'kVersion = "(.*)"', VERSION.read_text())
    assert (asked.returncode, asked.stdout) == (0, f"{version[0]}\n")


@pytest.mark.quick
def test_check_config_tells_without_starting(binary: Binary, tmp_path: Path) -> None:
    good = tmp_path / "good.ini"
    good.write_text(f"[uwsgi]\nsocket = {tmp_path}/s.sock\nmodule = nothing\nprocesses = 2\n")
    bad = tmp_path / "bad.ini"
    bad.write_text(f"[uwsgi]\nsocket = {tmp_path}/s.sock\nprocesses = -2\n")
    assert binary.run("--ini", str(good), "--check-config").returncode == 0
    asked = binary.run("--ini", str(bad), "--check-config")
    assert asked.returncode == 1
    assert "bad.ini:3" in asked.stderr


@pytest.mark.quick
def test_check_config_says_what_only_the_start_could_tell_before(
    binary: Binary, tmp_path: Path
) -> None:
    lines = {
        "threads = 99999": "the limit is 65536",
        "max-fd = 10": "a server needs 40 at least",
        "home = /nope": "there is no such directory",
        "static-expires = css( 60": "`css(` is no regular expression",
        "socket = 127.0.0.1:1234": "127.0.0.1:1234 is the address of two sockets",
    }
    ini = tmp_path / "bad.ini"
    ini.write_text("\n".join(["[uwsgi]", "http = 127.0.0.1:1234", *lines, ""]))
    asked = binary.run("--ini", str(ini), "--check-config")
    assert asked.returncode == 1
    for number, (line, reason) in enumerate(lines.items(), 3):
        assert f"{ini}:{number}: {line}: {reason}" in asked.stderr
    assert not (tmp_path / "s.sock").exists()


@pytest.mark.quick
@pytest.mark.parametrize(
    "line,words",
    [
        ("http = 127.0.0.1:21601x", "invalid socket address"),
        ("socket = 127.0.0.1:21601\u3000指", "invalid socket address"),
        ("https = :0,nowhere.crt,nowhere.key", "nowhere.crt"),
        ("uid = nobody-of-that-name", "not found"),
        ("chown-socket = root:no-group-of-that-name", "not found"),
        ("static-map = /static", "expected /PREFIX=DIRECTORY"),
        ("log-format = %(uri", "not closed"),
        ("daemonize = udp:127.0.0.1:0", "names its host and its port"),
    ],
)
def test_check_config_says_what_the_start_would_refuse(
    binary: Binary, tmp_path: Path, line: str, words: str
) -> None:
    path = tmp_path / "site.ini"
    path.write_text(f"[uwsgi]\nsocket = {tmp_path}/s.sock\n{line}\nmodule = nothing\n", "utf-8")
    for arguments in ([], ["--check-config"]):
        asked = binary.run("--ini", str(path), *arguments)
        assert asked.returncode == 1
        assert words in asked.stderr
        assert "site.ini:3" in asked.stderr or "nowhere" in line


@pytest.mark.quick
@pytest.mark.parametrize(
    "options",
    [{"master": "false"}, {"args": ["--master=false"]}, {"env": {"UWSGI_MASTER": "false"}}],
    ids=["file", "command line", "environment"],
)
def test_a_flag_is_turned_off_wherever_it_stands(
    server: StartServer, options: dict[str, Any]
) -> None:
    one = server("hello", **options)
    assert one.get("/").body == b"hello"
    assert one.log_lines("spawned uWSGI master") == []


@pytest.mark.quick
def test_help_lists_the_everyday_options(binary: Binary) -> None:
    asked = binary.run("--help")
    assert asked.returncode == 0
    for name in ("--socket", "--processes", "--threads", "--module", "--http", "--pidfile"):
        assert name in asked.stdout


def test_show_config_prints_what_counts(binary: Binary, tmp_path: Path) -> None:
    path = tmp_path / "site.ini"
    path.write_text(f"[uwsgi]\nsocket = {tmp_path}/s.sock\nmodule = nothing\nprivate = %(module)\n")
    asked = binary.run("--ini", str(path), "--show-config", "--check-config")
    printed = asked.stdout + asked.stderr
    assert "[uwsgi]" in printed
    assert "private = nothing" in printed


@pytest.mark.not_for_oracle
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_start_that_waits_for_a_fifo_can_be_stopped(
    new_server: Callable[..., ServerProcess], tmp_path: Path, number: int
) -> None:
    os.mkfifo(tmp_path / "server.fifo")
    one = new_server().launch("--ini", str(tmp_path / "server.fifo"))
    one.expected_status = -number
    writer = os.open(tmp_path / "server.fifo", os.O_WRONLY)  # Returns once it is being read.
    one.send_signal(number)
    assert one.wait_exit() == -number
    os.close(writer)


@pytest.mark.not_for_oracle
def test_a_fifo_that_says_nothing_is_given_up(binary: Binary, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "server.fifo")
    asked = binary.run("--ini", str(tmp_path / "server.fifo"))
    assert asked.returncode == 1
    said = f"cannot read {tmp_path}/server.fifo: nobody has written to it for 10 seconds\n"
    assert asked.stderr.endswith(said)


@pytest.mark.not_for_oracle
def test_a_configuration_may_come_through_a_fifo(
    new_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "server.fifo")
    one = new_server()
    address = one.listen_on_free_port("http-socket")
    one.launch("--ini", str(tmp_path / "server.fifo"))
    (tmp_path / "server.fifo").write_text(
        f"[uwsgi]\nhttp-socket = {address}\nwsgi-file = {APPS}/hello/app.py\n"
    )
    one.wait_ready()
    assert one.get().body == b"hello"
