# SPDX-License-Identifier: MIT
"""Gives start_response strings that nobody else holds, and churns memory before the first byte.

X-Number has the query, X-Long two thousand times.
"""

import gc
import threading


def churn(size):
    """Make and drop strings of the sizes that the head's strings had."""
    for number in range(2000):
        str(number) * size


def application(environ, start_response):
    number = environ["QUERY_STRING"]
    # Made at run time, so that neither the code nor a cache keeps them.
    headers = [
        ("".join(["X-", "Number"]), "".join(["n", number])),
        ("".join(["X-", "Long"]), number * 2000),
        ("".join(["Content-", "Type"]), "/".join(["text", "x-" + number])),
    ]
    start_response("".join(["200 ", "Number ", number]), headers)
    headers.clear()
    del headers
    gc.collect()
    threads = [threading.Thread(target=churn, args=(size,)) for size in (1, 4, 700)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield b""
    gc.collect()
    yield number.encode()
