# SPDX-License-Identifier: MIT
"""Where the time goes: system calls and instructions per request."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path
from typing import Callable

from waiting import wait_until

from suite import commands, loads
from suite import contestants as who
from suite.bench import Bench, environment
from suite.commands import DJANGO, RAW, Setup
from suite.loads import Figures
from suite.scenario import OURS, Case, Measure, Scenario
from suite.servers import Contestant, Running

_CONNECTIONS = 64
_FEW = 16
_STATIC = ("--static-map", "/static={files}/static")
_ATTACH_SECONDS = 10.0
_END_SECONDS = 60.0

# System calls by what they are for; the rest are others.
_KINDS = {
    "reads": {"read", "readv", "recvfrom", "recvmsg"},
    "sends": {"write", "writev", "sendto", "sendmsg", "sendfile"},
    "waits": {"epoll_wait", "epoll_pwait", "epoll_ctl", "poll", "select", "futex"},
    "opens": {"accept4", "accept", "openat", "openat2", "newfstatat", "fstat", "close", "shutdown"},
}

# The functions whose instructions are shown, with those of all that they call.
_PARTS = {
    "instructions": "uwsgi::Dispatcher::Lead(",
    "head": "HeadReader::Read(",
    "environ": "uwsgi::wsgi::WsgiGateway::MakeEnviron(",
    "application": ":PyObject_Vectorcall ",
    "response": "uwsgi::wsgi::BodySender::Send(",
    "log": "uwsgi::RequestLog::Append(",
}

Load = Callable[[Bench, Running], Figures]


def _http(target: str) -> Load:
    def load(bench: Bench, running: Running) -> Figures:
        return loads.wrk(running.place.port, target, _CONNECTIONS, bench.seconds)

    return load


def _packets(bench: Bench, running: Running) -> Figures:
    return loads.packets(running.place.unix, _FEW, bench.seconds)


def _is_traced(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return not re.search(r"^TracerPid:\s+0$", status, re.MULTILINE)


def _calls(load: Load) -> Measure:
    """Return a measurement of system calls by strace, in all processes of the server."""

    def measure(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
        with contestant.running(bench, directory) as running:
            load(bench, running)  # Warms it up.
            pids = running.family()
            summary = directory / "strace"
            attach = [word for pid in pids for word in ("-p", str(pid))]
            with subprocess.Popen(
                ["strace", "-f", "-c", "-qq", "-o", str(summary), *attach],
                stderr=subprocess.DEVNULL,
            ) as strace:
                wait_until(lambda: all(map(_is_traced, pids)), "strace to attach", _ATTACH_SECONDS)
                requests = load(bench, running)["requests"]
                strace.send_signal(signal.SIGINT)
                strace.wait(_ATTACH_SECONDS)
            return _sorted_by_kind(summary.read_text(), requests)

    return measure


def _sorted_by_kind(summary: str, requests: float) -> Figures:
    rows = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", summary, re.MULTILINE)
    found = {name: int(count) / requests for count, name in rows if name != "total"}
    figures = {
        kind: sum(count for name, count in found.items() if name in names)
        for kind, names in _KINDS.items()
    }
    calls = sum(found.values())
    return {**figures, "calls": calls, "others": calls - sum(figures.values())}


def _callgrind(setup: Setup, place: commands.Place, *options: str) -> list[str]:
    """Return the command of a server without a master, which would start its children anew."""
    return [
        *("valgrind", "--tool=callgrind", f"--callgrind-out-file={place.directory}/callgrind"),
        "--toggle-collect=uwsgi::Dispatcher::Lead*",
        *commands.ours(*options, "--master=false")(setup, place),
    ]


def _counted(label: str, setup: Setup, *options: str, address: str = "tcp") -> Contestant:
    return Contestant(label, lambda s, place: _callgrind(s, place, *options), setup, address)


def _instructions(load: Load) -> Measure:
    """Return a measurement of instructions by callgrind, per line of the request log."""

    def measure(bench: Bench, contestant: Contestant, directory: Path) -> Figures:
        with contestant.running(bench, directory) as running:
            load(bench, running)  # What the first requests import does not count.
            pid = str(running.process.pid)
            subprocess.run(["callgrind_control", "--zero", pid], check=True, capture_output=True)
            before = _requests(directory)
            load(bench, running)
            running.process.send_signal(signal.SIGINT)
            running.process.wait(_END_SECONDS)
            requests = _requests(directory) - before
            text = subprocess.run(
                [
                    "callgrind_annotate",
                    "--inclusive=yes",
                    "--threshold=100",
                    str(directory / "callgrind"),
                ],
                check=True,
                capture_output=True,
                text=True,
                env=environment(),
            ).stdout
        return {key: _inclusive(text, name) / requests for key, name in _PARTS.items()}

    return measure


def _requests(directory: Path) -> int:
    return (directory / "requests.log").read_text().count(" switches on core ")


def _inclusive(text: str, name: str) -> int:
    counts = [int(line.split()[0].replace(",", "")) for line in text.splitlines() if name in line]
    assert counts, f"callgrind knows no {name}"
    return max(counts)


_ONE = Setup(RAW)
_CALL_KEYS = ("calls", "reads", "sends", "waits", "opens", "others")


def _call_case(name: str, load: Load, shown: str, *contestants: Contestant) -> Case:
    return Case(name, contestants, _calls(load), shown, keys=_CALL_KEYS, ratios=())


def _instruction_case(name: str, load: Load, shown: str, contestant: Contestant) -> Case:
    return Case(name, [contestant], _instructions(load), shown, keys=tuple(_PARTS), ratios=())


def _wrk(target: str) -> str:
    return f"strace -f -c, wrk with {_CONNECTIONS} connections to {target}"


SCENARIO = Scenario(
    "profile",
    "Where the time goes: one worker, one thread",
    "System calls per request at saturation, as `strace -f -c` counts them in all processes of the "
    "server, which it slows down. Reads and sends are of sockets, files and the request log; opens "
    "are accept, open, stat and close; waits are those for events, and for locks. Instructions per "
    "request, as callgrind counts them between two events, each with those of all that it calls: "
    "the application's are Python's, and contain start_response. What is not in a column is the "
    "connection's and the dispatcher's work.",
    [
        _call_case(
            "system calls, hello, HTTP",
            _http("/"),
            _wrk("/"),
            who.ours(_ONE),
            who.granian(_ONE),
            who.bjoern(_ONE),
            who.gthread(_ONE),
        ),
        _call_case(
            "system calls, hello, uwsgi, unix socket",
            _packets,
            f"strace -f -c, packet_load with {_FEW} connections",
            Contestant(OURS, commands.ours("--socket", "{unix}"), _ONE, "unix"),
            Contestant("uWSGI", commands.uwsgi("--socket", "{unix}"), _ONE, "unix"),
        ),
        _call_case(
            "system calls, static 4 KB",
            _http("/static/4k.bin"),
            _wrk("/static/4k.bin"),
            Contestant(OURS, commands.ours("--http-socket", "{tcp}", *_STATIC), _ONE),
            Contestant("nginx", commands.nginx, _ONE),
        ),
        _instruction_case(
            "instructions, hello, HTTP",
            _http("/"),
            f"callgrind, wrk with {_CONNECTIONS} connections to /",
            _counted(OURS, _ONE, "--http-socket", "{tcp}"),
        ),
        _instruction_case(
            "instructions, hello, uwsgi, unix socket",
            _packets,
            f"callgrind, packet_load with {_FEW} connections",
            _counted(OURS, _ONE, "--socket", "{unix}", address="unix"),
        ),
        _instruction_case(
            "instructions, Django hello, HTTP",
            _http("/hello/"),
            f"callgrind, wrk with {_CONNECTIONS} connections to /hello/",
            _counted(OURS, Setup(DJANGO), "--http-socket", "{tcp}"),
        ),
    ],
)
