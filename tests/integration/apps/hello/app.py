# SPDX-License-Identifier: MIT
"""Answers hello, and says which process did."""

import os


def application(environ, start_response):
    body = b"%d" % os.getpid() if environ["PATH_INFO"] == "/pid" else b"hello"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
