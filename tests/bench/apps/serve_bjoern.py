# SPDX-License-Identifier: MIT
"""Runs an application under bjoern, which has no command of its own.

usage: serve_bjoern.py MODULE:CALLABLE PORT PROCESSES

Several processes share one listening socket, as bjoern's own examples do it.
"""

from __future__ import annotations

import importlib
import os
import sys

import bjoern


def main() -> None:
    """Listen, fork and serve."""
    target, port, processes = sys.argv[1:]
    module, _, name = target.partition(":")
    sys.path.insert(0, os.getcwd())
    application = getattr(importlib.import_module(module), name)
    bjoern.listen(application, "127.0.0.1", int(port))
    for _ in range(int(processes) - 1):
        if os.fork() == 0:
            break
    bjoern.run()


if __name__ == "__main__":
    main()
