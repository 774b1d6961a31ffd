# SPDX-License-Identifier: MIT
"""Answers with the header that the query gives, as NAME=VALUE&NAME=VALUE."""

from urllib.parse import parse_qsl


def application(environ, start_response):
    headers = [("Set-Cookie", "a=b"), ("ETag", '"app"'), *parse_qsl(environ["QUERY_STRING"])]
    start_response("200 OK", headers)
    return [b"the application's ", b"own body"]
