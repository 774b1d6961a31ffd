# SPDX-License-Identifier: MIT
"""Several callables, a factory, and what each was asked."""

import os
import sys


def make(name):
    def view(environ, start_response):
        parts = [name, environ.get("SCRIPT_NAME", "-"), environ["PATH_INFO"]]
        if environ["PATH_INFO"].endswith("/where"):
            parts += [os.getcwd(), sys.prefix, os.environ.get("GREETING", "-"), sys.path[0]]
        body = "|".join(parts).encode()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]

    return view


def factory():
    return make("factory")


application = make("application")
app = make("app")
not_callable = 5
