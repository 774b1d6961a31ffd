# SPDX-License-Identifier: MIT
"""What the master runs by Python, as a file: the processes that run applications.

The application must find nothing of this: no entry in sys.path, no __main__, no handler of SIGINT.
"""

import _signal
import os
import sys


def _tidy(folder):
    while folder in sys.path:
        sys.path.remove(folder)
    # multiprocessing would run the file of __main__ again in each process that it spawns.
    sys.modules["__main__"] = type(sys)("__main__")
    # asyncio.run takes SIGINT over while Python's own handler has it.
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


if __name__ == "__main__":
    _folder = __file__.rpartition("/")[0]
    if _folder not in sys.path:  # As with PYTHONSAFEPATH.
        sys.path.insert(0, _folder)
    import _uwsgi

    _arguments = sys.argv[1:]
    # A server that the application starts is no zygote of this one.
    _is_zygote = os.environ.pop("__UWSGI_ZYGOTE", None) is not None
    _tidy(_folder)
    _uwsgi.run(_arguments, os.environ.pop("__UWSGI_BUILD", ""), _is_zygote)
