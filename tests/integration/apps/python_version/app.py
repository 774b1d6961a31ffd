# SPDX-License-Identifier: MIT
"""Answers the version of the Python that runs it."""

import sys


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d.%d" % sys.version_info[:2]]
