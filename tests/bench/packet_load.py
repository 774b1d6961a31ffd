# SPDX-License-Identifier: MIT
"""A client that asks over a uwsgi socket as fast as it can: one connection per request.

It keeps a window of requests under way, so that the server never has to wait for it.
"""

from __future__ import annotations

import argparse
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from uwsgi_client import encode_vars, packet, request_vars

WINDOW = 16


def main() -> None:
    """Send requests in windows and print how many per second were answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    data = packet(
        encode_vars(request_vars(headers={"User-Agent": "bench", "Accept": "*/*"}).items())
    )
    begin = time.perf_counter()
    for _ in range(options.count // WINDOW):
        window = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(WINDOW)]
        for connection in window:
            connection.connect(options.path)
            connection.sendall(data)
        for connection in window:
            answer = connection.recv(65536)
            while connection.recv(65536):
                pass
            connection.close()
            assert answer.startswith(b"HTTP/1.1 200"), answer
    print(options.count / (time.perf_counter() - begin))


if __name__ == "__main__":
    main()
