# SPDX-License-Identifier: MIT
"""Streams ?SIZE bytes in chunks of 64 KiB from a generator."""


def application(environ, start_response):
    size = int(environ["QUERY_STRING"] or 0)
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    while size > 0:
        chunk = b"s" * min(size, 65536)
        size -= len(chunk)
        yield chunk
