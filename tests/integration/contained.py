# SPDX-License-Identifier: MIT
"""The first process of spaces of its own, and everything that it starts."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Sequence

import processes
from waiting import wait_until

# All of it ends with the process of the tests, however that ends; the spaces follow.
UNSHARE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--kill-child", "--fork")


class FirstProcess:
    """One such process; `start` it, and `stop` it whatever has come of that."""

    def __init__(self, what: str, log: Path) -> None:
        """`what` names it in messages; all that it says goes to `log`."""
        self._what = what
        self._log = log
        self._holder: subprocess.Popen[bytes] | None = None
        self.pid = 0

    def start(self, command: Sequence[str]) -> str | None:
        """Return when it has said `ready`, or what it said if it ended before."""
        with open(self._log, "w") as log:
            self._holder = holder = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(
            lambda: "ready\n" in self._log.read_text() or holder.poll() is not None,
            f"the {self._what} to start",
        )
        if holder.poll() is not None:
            return self._log.read_text().strip()
        self.pid = processes.first_child(holder.pid)
        return None

    def stop(self) -> None:
        """End every process inside."""
        if self._holder:
            self._holder.kill()  # The kernel ends its child, and with that all others.
            self._holder.wait()
        if self.pid:
            wait_until(lambda: not processes.alive(self.pid), f"the end of the {self._what}")
            processes.reap({self.pid})
