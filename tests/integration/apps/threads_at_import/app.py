# SPDX-License-Identifier: MIT
"""Starts a thread at import that logs in a loop, which hangs servers that fork carelessly."""

import logging
import os
import threading

logging.basicConfig(filename=os.environ["NOISE"], level=logging.INFO)
STOP = threading.Event()


def chatter():
    while not STOP.wait(0.001):
        logging.info("still here in %d", os.getpid())


threading.Thread(target=chatter, daemon=True).start()


def application(environ, start_response):
    logging.info("request in %d", os.getpid())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
