# SPDX-License-Identifier: MIT
"""The smallest Flask application."""

from __future__ import annotations

from flask import Flask, Response

application = Flask(__name__)


@application.route("/")
def hello() -> Response:
    """Greet."""
    return Response("Hello, world!\n", mimetype="text/plain")
