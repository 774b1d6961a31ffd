# SPDX-License-Identifier: MIT
"""Reads the request body in the way that the path names, and answers what it saw."""

import hashlib
import io
import json
import random
import zlib


def operate(stream, operation, size):
    """Do one operation on a file and return what it gave, as something comparable."""
    if operation == "next":
        return next(iter(stream), b"")
    return getattr(stream, operation)(*([] if size is None else [size]))


def differential(stream, length, seed):
    """Compare random operations with io.BytesIO over the same bytes; return a difference."""
    rng = random.Random(seed)
    content = make_body(length, seed)
    model = io.BytesIO(content)
    sizes = [None, -1, 0, 1, 2, 7, 4095, 4096, 4097, 65536, length // 50 + 1, length + 5]
    for step in range(400):
        operation = rng.choice(["read", "readline", "readline", "next", "readlines"])
        size = rng.choice(sizes)
        takes_all = operation == "read" and size in (None, -1, length + 5)
        takes_all |= operation == "readlines" and size in (None, -1, 0, length + 5)
        if takes_all and rng.random() < 0.9:
            size = 3
        expected = operate(model, operation, size)
        actual = operate(stream, operation, size)
        if expected != actual:
            return "step %d: %s(%r): %r, not %r" % (step, operation, size, actual, expected)
    return "same"


def make_body(length, seed):
    """Return bytes with lines of very different lengths, the same for the same arguments."""
    rng = random.Random(seed * 7919 + length)
    pieces = []
    while sum(map(len, pieces)) < length:
        sizes = [0, 1, 3, 80, 4094, 4095, 4096, 5000, length // 20]
        pieces.append(b"x" * rng.choice(sizes) + b"\n")
    body = b"".join(pieces)[:length]
    return body[:-1] + (b"\n" if seed % 2 else b"x") if body else body


def application(environ, start_response):
    stream = environ["wsgi.input"]
    path = environ["PATH_INFO"]
    status = "200 OK"
    if path == "/digest":
        answer = hashlib.sha256(stream.read()).hexdigest()
    elif path == "/chunks":
        digest = hashlib.sha256()
        while True:
            piece = stream.read(65536)
            if not piece:
                break
            digest.update(piece)
        answer = digest.hexdigest()
    elif path == "/count":
        size = checksum = 0
        for piece in iter(lambda: stream.read(1 << 20), b""):
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
        answer = json.dumps([size, checksum])
    elif path == "/unread":
        status = "413 Content Too Large"
        answer = "no, thank you"
    elif path == "/differential":
        length, seed = map(int, environ["QUERY_STRING"].split(","))
        answer = differential(stream, length, seed)
    elif path == "/short":
        try:
            answer = "read %d bytes" % len(stream.read())
        except OSError:
            answer = "OSError"
            print("short body: OSError", flush=True)
    elif path == "/twice":
        answer = json.dumps([len(stream.read()), len(stream.read()), len(stream.readline())])
    elif path == "/zero":
        answer = json.dumps([len(stream.read(0)), len(stream.read())])
    else:
        answer = "?"
    body = answer.encode()
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
