# SPDX-License-Identifier: MIT
"""What /proc says of processes.

The test process is the subreaper of everything that it starts, so that a process which its
parent left behind, a daemon for instance, is still found below it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Adopt orphans of the processes below this one."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; empty for no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text[text.rindex(")") + 2 :].split()


def alive(pid: int) -> bool:
    """Tell whether the process exists and is not a zombie."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def parent(pid: int) -> int:
    """Return the parent's pid, 0 for no such process."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def cpu_ticks(pid: int) -> int:
    """Return user plus system time in clock ticks."""
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def catches(pid: int, number: int) -> bool:
    """Tell whether the process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(mask.split()[1], 16) >> (number - 1) & 1)


def memory(pid: int) -> tuple[int, int]:
    """Return how many bytes of addresses a process has, and how many are resident."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()
    return int(pages[0]) * os.sysconf("SC_PAGESIZE"), int(pages[1]) * os.sysconf("SC_PAGESIZE")


def private_bytes(pid: int) -> int:
    """Return how much memory a process has for itself alone."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("Private_Dirty:")[2].split()[0]) * 1024


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has had resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def file_bytes(pid: int) -> int:
    """Return how much of programs and libraries a process has resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("RssFile:")[2].split()[0]) * 1024


def threads(pid: int) -> int:
    """Return the number of threads."""
    return len(os.listdir(f"/proc/{pid}/task"))


def open_files(pid: int) -> list[str]:
    """Return what each descriptor of the process refers to."""
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for entry in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found.append(os.readlink(f"/proc/{pid}/fd/{entry}"))
    return sorted(found)


def descendants(root: int | None = None) -> set[int]:
    """Return the living processes below `root` (default: this process)."""
    root = os.getpid() if root is None else root
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(int(entry))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry))
    found: set[int] = set()
    queue = [root]
    while queue:
        for child in children.get(queue.pop(), []):
            found.add(child)
            queue.append(child)
    return {pid for pid in found if alive(pid)}


def first_child(of: int) -> int:
    """Return the only child of a process, or the first one that is found."""
    return next(pid for pid in descendants(of) if parent(pid) == of)


def marked(marker: str) -> set[int]:
    """Return the living processes whose environment holds `marker`."""
    found = set()
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError):
            if marker.encode() in Path(f"/proc/{entry}/environ").read_bytes():
                found.add(int(entry))
    return {pid for pid in found if alive(pid)}


def describe(pids: set[int]) -> str:
    """Return one line per process, for a failure's message."""
    lines = []
    for pid in sorted(pids):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            lines.append(f"  {pid} (parent {parent(pid)}): {command}")
    return "\n".join(lines)


def reap(pids: set[int]) -> None:
    """Collect adopted children that have ended, so that no zombie piles up."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
