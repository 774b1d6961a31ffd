# SPDX-License-Identifier: MIT
"""Requests for /wait?NAME stand still, visibly, until the file $GATE/open or $GATE/NAME exists.

Each one leaves $GATE/arrived-NAME, so a test knows how many are inside without guessing.
"""

import os
import threading
import time

GATE = os.environ.get("GATE", "/nonexistent")


def application(environ, start_response):
    name = environ["QUERY_STRING"]
    if environ["PATH_INFO"] == "/wait":
        arriving = os.path.join(GATE, "arriving-%d-%d" % (os.getpid(), threading.get_ident()))
        with open(arriving, "w") as file:
            file.write("%d %d" % (os.getpid(), threading.get_ident()))
        os.rename(arriving, os.path.join(GATE, "arrived-" + name))  # With its text in it.
        while not any(os.path.exists(os.path.join(GATE, f)) for f in ("open", name)):
            time.sleep(0.005)
    body = b"%d" % os.getpid()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
