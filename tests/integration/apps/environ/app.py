# SPDX-License-Identifier: MIT
"""Answers environ as JSON: strings as they are, everything else as its repr."""

import json


def application(environ, start_response):
    shown = {k: v if type(v) in (str, bool, int) else repr(v) for k, v in environ.items()}
    body = json.dumps(shown).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
