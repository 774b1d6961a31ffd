# SPDX-License-Identifier: MIT
"""Forks where the path says; the child ends, or does not, as the query says.

The parent answers with the status that the child ended with, as JSON, or "never" for one that
did not end by itself.
"""

import os
import sys
import threading
import time
from urllib.parse import parse_qsl

PATIENCE = float(os.environ.get("PATIENCE", "1"))
RAN = os.environ.get("RAN")


def finally_leaves_a_mark(how):
    """Go on in the child; what `finally` and `with` do is done there too."""
    with open(RAN, "w") if RAN else open(os.devnull, "w") as ran:
        ran.write("still in Python's buffer")
        if how == "exit":
            sys.exit()
        elif how == "exit-3":
            sys.exit(3)
        elif how == "exit-text":
            sys.exit("the child has had enough")
        elif how == "raise":
            raise ValueError("raised in the child")
        elif how == "_exit":
            os._exit(5)
        elif how == "exec":
            os.execv("/bin/sh", ["sh", "-c", "exit 6"])
    assert how in ("return", "yield")


def exit_code(status):
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


def fork(how):
    """Return the status of the child, which never comes back to the caller as a rule."""
    child = os.fork()
    if child == 0:
        finally_leaves_a_mark(how)
        return None
    deadline = time.monotonic() + 10 * PATIENCE
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return exit_code(status)
        time.sleep(0.005)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return "never"


def answer(status):
    return [str(status).encode()]


class Body:
    """An iterable that forks in a chosen one of its methods."""

    def __init__(self, how, where):
        self.how, self.where = how, where

    def __iter__(self):
        return iter(answer(fork(self.how)) if self.where == "iter" else [b"closing"])

    def close(self):
        if self.where == "close":
            print("close:", fork(self.how), "end", flush=True)


def generate(how):
    status = fork(how)
    if status is None and how == "return":
        return
    yield str(status).encode()
    yield b""


class Finalized:
    def __init__(self, how):
        self.how = how

    def __del__(self):
        print("finalizer:", fork(self.how), "end", flush=True)


def in_thread(how):
    found = []

    def run():
        found.append(fork(how))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def application(environ, start_response):
    where = environ["PATH_INFO"].strip("/")
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    how = query.get("how", "")
    headers = [("Content-Type", "text/plain"), ("X-Marker", query.get("marker", ""))]
    if where == "view":
        status = fork(how)
        start_response("200 OK", headers)
        return answer(status)
    if where == "thread":
        status = in_thread(how)
        start_response("200 OK", headers)
        return answer(status)
    if where == "write":
        write = start_response("200 OK", headers)
        child = os.fork()
        if child == 0:
            write(b"from the child")
            os._exit(0)
        return answer(exit_code(os.waitpid(child, 0)[1]))
    if where == "read":
        child = os.fork()
        if child == 0:
            environ["wsgi.input"].read()
            os._exit(0)
        status = exit_code(os.waitpid(child, 0)[1])
        start_response("200 OK", headers)
        return [str(status).encode(), b" ", environ["wsgi.input"].read()]
    start_response("200 OK", headers)
    if where == "generator":
        return generate(how)
    if where in ("iter", "close"):
        return Body(how, where)
    if where == "finalizer":
        Finalized(how)
        return [b"finalized"]
    return [b"%d" % os.getpid()]
