# SPDX-License-Identifier: MIT
"""Text that compresses well: whole, in pieces, as long as promised or shorter."""

import time

LINE = b"all work and no play makes jack a dull boy\n"
BODY = LINE * 1000


def events():
    while True:
        yield LINE
        time.sleep(0.02)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    headers = [("Content-Type", "text/plain"), ("ETag", '"tag"')]
    if path in ("/length", "/short"):
        headers.append(("Content-Length", str(len(BODY))))
    if path == "/marked":
        headers.append(("uWSGI-Encoding", "gzip"))
    if path == "/binary":
        headers[0] = ("Content-Type", "image/png")
    if path == "/small":
        start_response("200 OK", headers)
        return [LINE]
    start_response("200 OK", headers)
    if path == "/short":
        return iter([LINE])
    if path == "/events":
        return events()
    if path == "/stream":
        return (LINE for _ in range(1000))
    return [BODY]
