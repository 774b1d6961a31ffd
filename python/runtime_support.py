# SPDX-License-Identifier: MIT
"""What the server does in Python because Python says it best.

Executed once in a namespace of its own when the interpreter starts; the server calls
the functions by name. Every start of the server waits for what is imported here, so nothing is
that takes long: importlib.abc, importlib.util and inspect would double the time.
"""

import importlib.machinery
import io
import os
import sys

CO_COROUTINE = 0x80  # Of inspect.


def line_stream(encoding_errors):
    """Return a text stream that writes whole lines to file descriptor 2.

    Without a buffered writer, whose lock a fork could catch in another thread's hands.
    """
    raw = io.FileIO(2, "w", closefd=False)
    stream = io.TextIOWrapper(raw, encoding="utf-8", errors=encoding_errors, line_buffering=True)
    stream.mode = "w"  # As open() sets it.
    return stream


def hold_log_handlers_over_forks():
    """Fork only while no thread is inside a handler of `logging`.

    A thread in the middle of a handler's write holds its file's lock, which nobody would
    release in the child. `logging` renews the handlers' own locks there.
    """
    held = []

    def acquire():
        logging = sys.modules.get("logging")
        for reference in list(getattr(logging, "_handlerList", ())):
            lock = getattr(reference(), "lock", None)
            # A handler that waits for something of ours must not stop the service.
            if lock is not None and lock.acquire(timeout=1):
                held.append(lock)

    def release():
        while held:
            held.pop().release()

    os.register_at_fork(before=acquire, after_in_parent=release, after_in_child=held.clear)


class EmbeddedFinder:
    """Find and load modules whose source is part of the server's binary."""

    ORIGIN = "built into the server"

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.sources:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=self.ORIGIN)

    def create_module(self, spec):
        return None  # A module as usual.

    def exec_module(self, module):
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, fullname):
        return compile(self.get_source(fullname), self.ORIGIN, "exec", dont_inherit=True)

    def get_source(self, fullname):
        return self.sources[fullname]


def install_finder(sources):
    """Make `sources`, a dict of module name to text, importable."""
    sys.meta_path.insert(0, EmbeddedFinder(sources))


def finish_threads(patience):
    """Let executors and non-daemon threads end; return the names of those that did not.

    Does what `threading` does at exit, but in a helper thread that can be given up.
    """
    threading = sys.modules.get("threading")
    if threading is None:
        return []
    me = threading.current_thread()

    def remaining():
        ignored = (me, threading.main_thread(), helper)
        return [t for t in threading.enumerate() if not t.daemon and t not in ignored]

    def finish():
        for function in reversed(list(getattr(threading, "_threading_atexits", ()))):
            function()
        while remaining():
            remaining()[0].join()

    helper = threading.Thread(target=finish, name="uWSGIExit", daemon=True)
    if not remaining():
        return []
    helper.start()
    helper.join(patience)
    return [t.name for t in remaining()]


def run_exit_functions():
    """Run the functions registered with `atexit`, then flush the standard streams."""
    import atexit

    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def freeze_heap():
    """Move everything alive out of the collector's sight, so that pages stay shared."""
    import gc

    gc.collect()
    gc.freeze()


def is_asgi(app):
    """True for an ASGI application, which this server can not call."""
    import functools
    import types

    def is_coroutine_function(function):
        while isinstance(function, types.MethodType):
            function = function.__func__
        while isinstance(function, functools.partial):
            function = function.func
        if not isinstance(function, types.FunctionType):
            return False
        return function.__code__.co_flags & CO_COROUTINE != 0

    return is_coroutine_function(app) or is_coroutine_function(getattr(app, "__call__", None))
