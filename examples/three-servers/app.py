# SPDX-License-Identifier: MIT
"""Says which of the servers has answered, and when."""

import os
import time


def application(environ, start_response):
    text = f"server {os.environ['SERVER']}, {environ['PATH_INFO']}, {time.time():.6f}\n"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
