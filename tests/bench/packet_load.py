# SPDX-License-Identifier: MIT
"""A client that asks over a uwsgi socket as fast as it can: one connection per request."""

from __future__ import annotations

import argparse
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from uwsgi_client import encode_vars, packet, request_vars


def main() -> None:
    """Send requests one after the other and print how many per second were answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    data = packet(
        encode_vars(request_vars(headers={"User-Agent": "bench", "Accept": "*/*"}).items())
    )
    begin = time.perf_counter()
    for _ in range(options.count):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(options.path)
            connection.sendall(data)
            answer = connection.recv(65536)
            while connection.recv(65536):
                pass
        assert answer.startswith(b"HTTP/1.1 200"), answer
    print(options.count / (time.perf_counter() - begin))


if __name__ == "__main__":
    main()
