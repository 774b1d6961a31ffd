# SPDX-License-Identifier: MIT
"""Decorators over the `uwsgi` module, importable in every application under the server.

Only what the server can do is here, so that `from uwsgidecorators import timer` fails
at import and not in production.
"""

from functools import partial, wraps
from threading import Thread

import uwsgi

if uwsgi.masterpid() == 0:
    raise Exception("you have to enable the uWSGI master process to use this module")

# What runs in each new process, in the order of definition. Applications append to it.
postfork_chain = []


def postfork_chain_hook():
    """Run the chain."""
    for func in postfork_chain:
        func()


class postfork:
    """Run a function in every forked worker, or with `@postfork(n)` in worker n alone."""

    def __init__(self, func_or_worker_id):
        if callable(func_or_worker_id):
            self.worker_id = 0
            self.func = func_or_worker_id
            postfork_chain.append(self)
        else:
            self.worker_id = int(func_or_worker_id)
            self.func = None

    def __call__(self, *args, **kwargs):
        if self.func is None:
            # The second half of `@postfork(n)`: the decorated function arrives.
            self.func = args[0]
            postfork_chain.append(self)
            return self.func
        if self.worker_id and self.worker_id != uwsgi.worker_id():
            return None
        return self.func(*args, **kwargs)


def thread(func):
    """Make calls of a function start it in a daemon thread and return the thread."""

    @wraps(func)
    def starter(*args, **kwargs):
        runner = Thread(target=partial(func, *args, **kwargs), name=func.__name__, daemon=True)
        runner.start()
        return runner

    return starter


uwsgi.post_fork_hook = postfork_chain_hook
