# SPDX-License-Identifier: MIT
"""Evaluates the Python expression in the request body, with `uwsgi` at hand.

What was true at import is in AT_IMPORT. The answer is JSON; bytes become {"bytes": text}.
"""

import json
import os
import sys
import threading

import uwsgi

AT_IMPORT = {
    "pid_is_masterpid": os.getpid() == uwsgi.masterpid(),
    "worker_id": uwsgi.worker_id(),
    "in_sys_modules": "uwsgi" in sys.modules,
    "threads": threading.active_count(),
}
HOOKS = []


def as_json(value):
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, dict):
        return {as_key(k): as_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def as_key(key):
    return key if isinstance(key, str) else "bytes:" + key.decode("latin-1")


def application(environ, start_response):
    source = environ["wsgi.input"].read().decode()
    names = {"uwsgi": uwsgi, "environ": environ, "os": os, "sys": sys, "threading": threading}
    try:
        value = eval(source, {**names, "AT_IMPORT": AT_IMPORT, "HOOKS": HOOKS})
    except BaseException as error:
        value = "raised %s: %s" % (type(error).__name__, error)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(as_json(value)).encode()]


try:
    from uwsgidecorators import postfork
except Exception as error:
    HOOKS.append("no uwsgidecorators: %s" % error)
else:

    @postfork
    def after_fork():
        HOOKS.append(("postfork", os.getpid(), uwsgi.worker_id()))


def at_exit():
    print("uwsgi.atexit ran in", os.getpid(), flush=True)


uwsgi.atexit = at_exit
