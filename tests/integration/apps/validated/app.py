# SPDX-License-Identifier: MIT
"""The validator of the standard library between the server and an application that reads."""

from wsgiref.validate import validator


def inner(environ, start_response):
    stream = environ["wsgi.input"]
    body = stream.read(5) + stream.readline() + b"".join(stream)
    environ["wsgi.errors"].write("validated application was here\n")
    environ["wsgi.errors"].flush()
    answer = b"%d bytes" % len(body)
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))]
    start_response("200 OK", headers)
    return [answer]


application = validator(inner)
