# SPDX-License-Identifier: MIT
"""The load generators, each bounded in time, and what they say."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Dict

import uwsgi_client

from suite.bench import FOLDER, LOADS

Figures = Dict[str, float]

_GRACE = 30.0
PACKET_HEADERS = {
    "User-Agent": "bench",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br",
    "Cookie": "session=0123456789abcdef0123456789abcdef",
}


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def wrk_command(port: str, target: str, connections: int, seconds: float, script: str) -> list[str]:
    """Return wrk's command: two threads share many connections, one has few."""
    threads = "1" if connections < 64 else "2"
    return [
        *("wrk", "-t", threads, "-c", str(connections), "-d", f"{max(1, round(seconds))}s"),
        *("--timeout", "10s", "--latency"),
        *(("-s", str(FOLDER / script)) if script else ()),
        f"http://127.0.0.1:{port}{target}",
    ]


def wrk(port: int, target: str, connections: int, seconds: float, script: str = "") -> Figures:
    """Run wrk."""
    command = wrk_command(str(port), target, connections, seconds, script)
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=seconds + _GRACE
    )
    text = done.stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return {
        "requests": float(re.findall(r"(\d+) requests in", text)[0]),
        "rps": float(re.findall(r"Requests/sec: +([\d.]+)", text)[0]),
        "p50": _milliseconds(re.findall(r"50% +(\S+)", text)[0]),
        "p99": _milliseconds(re.findall(r"99% +(\S+)", text)[0]),
        "errors": float(sum(map(int, lost.groups())) if lost else 0)
        + float(bad.group(1) if bad else 0),
    }


def packet() -> bytes:
    """Return the request of the scenarios without a web server: what nginx sends for a browser."""
    variables = uwsgi_client.request_vars(headers=PACKET_HEADERS)
    return uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))


def packets(path: str, connections: int, seconds: float) -> Figures:
    """Ask over a uwsgi socket."""
    command = [str(LOADS / "packet_load"), path, str(connections), str(seconds)]
    return _own(command, seconds, packet())


def http(port: int, connections: int, rate: float, seconds: float, *targets: str) -> Figures:
    """Ask over kept connections in an open loop, or with rate 0 in a closed one."""
    numbers = [str(port), str(connections), f"{rate:.1f}", str(seconds)]
    return _own([str(LOADS / "http_load"), *numbers, *targets], seconds)


def _own(command: list[str], seconds: float, data: bytes = b"") -> Figures:
    done = subprocess.run(
        command, check=True, input=data, stdout=subprocess.PIPE, timeout=seconds + _GRACE
    )
    return json.loads(done.stdout)
