# SPDX-License-Identifier: MIT
"""Answers with the headers that the query gives, as NAME=VALUE&NAME=VALUE, and with its Status."""

from urllib.parse import parse_qsl


def application(environ, start_response):
    fields = parse_qsl(environ["QUERY_STRING"])
    headers = [("Set-Cookie", "a=b"), ("ETag", '"app"'), *(f for f in fields if f[0] != "Status")]
    start_response(dict(fields).get("Status", "200 OK"), headers)
    return [b"the application's ", b"own body"]
