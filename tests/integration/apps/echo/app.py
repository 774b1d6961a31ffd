# SPDX-License-Identifier: MIT
"""Logs each call; /body answers the request's body, everything else nothing."""


def application(environ, start_response):
    print("called for", environ["PATH_INFO"], flush=True)
    body = environ["wsgi.input"].read() if environ["PATH_INFO"] == "/body" else b""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
