# SPDX-License-Identifier: MIT
"""Requests as clients, proxies and attackers write them, and mutations of these."""

from __future__ import annotations

import random

_METHODS = [b"GET", b"POST", b"PUT", b"HEAD", b"DELETE", b"OPTIONS", b"PATCH", b"get", b"G\tT", b""]
_TARGETS = [
    *(
        b"/",
        b"/a/b?c=d",
        b"/%41%2f",
        b"//x",
        b"/a#b",
        b"*",
        b"http://h/x?y",
        b"a",
        b"",
        b"/\xc3\xa9",
    ),
    *(b"/a b", b"/a\tb", b"/\x00", b"/%zz", b"HTTP://H", b"example.com:443", b"/;x", b"/a|b"),
]
_VERSIONS = [
    *([b"HTTP/1.1"] * 40),
    *(
        b"HTTP/1.0",
        b"HTTP/1.2",
        b"HTTP/2.0",
        b"HTTP/1.1 ",
        b"http/1.1",
        b"HTTP/1.10",
        b"HTTP/01.1",
        b"",
    ),
]
_NAMES = [
    *(b"Accept", b"Cookie", b"X-A", b"x-a", b"X_A", b"Content-Type", b"Proxy", b"Connection"),
    *(
        b"Expect",
        b"X-Forwarded-For",
        b"X A",
        b"X-A ",
        b" X-A",
        b"",
        b"X\x00A",
        b"X\xe9",
        b"X:A",
        b"Via",
    ),
]
_VALUES = [
    *(b"a", b"", b" ", b"a, b", b"\ta\t", b"a\x00b", b"a\rb", b"a\nb", b"\xff\xfe", b"keep-alive"),
    *(b"close", b"a;b=c", b"a: b", b"\x7f", b"\x0b", b'"x"', b"a" * 300),
]
_LENGTHS = [
    *(b"0", b"1", b"5", b"10", b"+5", b"-1", b"5,5", b"5, 6", b"05", b"0x5", b"5 ", b"", b"1e1"),
    *(b"18446744073709551616", b"5\t", b"5\x0b", b"99999999999999999999999"),
]
_CODINGS = [
    *(b"chunked", b"Chunked", b"chunked ", b"identity", b"gzip, chunked", b"chunked, chunked"),
    *(
        b"chunked, identity",
        b"xchunked",
        b"",
        b"\tchunked",
        b"chunked;q=1",
        b",chunked",
        b'"chunked"',
    ),
]
_CHUNKS = [
    *(
        b"5\r\nhello\r\n0\r\n\r\n",
        b"0\r\n\r\n",
        b"5;a=b\r\nhello\r\n0\r\n\r\n",
        b"05\r\nhello\r\n0\r\n\r\n",
    ),
    *(
        b"5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"5\r\nhello0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
    ),
    *(
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFFF\r\n",
        b"5;\r\nhello\r\n0\r\n\r\n",
    ),
    *(
        b'5;a="\r"\r\nhello\r\n0\r\n\r\n',
        b"5\r\nhello\r\n00\r\n\r\n",
        b"5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n",
    ),
]
_ENDS = [*([b"\r\n"] * 100), b"\n", b"\r", b"\r\r\n", b"\r\n ", b"\n\n"]
_BYTES = b'\x00\t\n\r !"#%,-./0159:;<=>?@AGZ[\\]_`az{|}~\x7f\x80\xff'


def _head(rng: random.Random) -> list[bytes]:
    end = rng.choice(_ENDS)
    method = rng.choice(_METHODS[:7] if rng.random() < 0.95 else _METHODS)
    target = rng.choice(_TARGETS[:5] if rng.random() < 0.8 else _TARGETS)
    lines = [b"%s %s %s%s" % (method, target, rng.choice(_VERSIONS), end)]
    hosts = rng.choice([1] * 14 + [0, 2])
    host = rng.choice(
        [b"a", b"a:80", b"[::1]:80", b"", b"a b", b"a/b", b"a@b", b"a,b"][
            : 3 if rng.random() < 0.8 else 8
        ]
    )
    lines += [b"Host: %s%s" % (host, rng.choice(_ENDS))] * hosts
    for _ in range(rng.randrange(4)):
        name = rng.choice(_NAMES[:10] if rng.random() < 0.9 else _NAMES)
        value = rng.choice(_VALUES[:5] if rng.random() < 0.8 else _VALUES)
        lines.append(name + rng.choice([b": ", b":", b":\t"]) + value + rng.choice(_ENDS))
    return lines


def generate(rng: random.Random) -> bytes:
    """Make one request, of which a good part is valid."""
    lines = _head(rng)
    body = b""
    kind = rng.randrange(5)
    if kind in (1, 3):
        length = rng.choice(_LENGTHS[:4] if rng.random() < 0.7 else _LENGTHS)
        lines.append(b"Content-Length: %s\r\n" % length)
        body = b"0123456789"[: rng.randrange(11)]
        if rng.random() < 0.1:
            lines.append(b"Content-Length: %s\r\n" % rng.choice(_LENGTHS))
    if kind in (2, 3):
        coding = b"chunked" if rng.random() < 0.7 else rng.choice(_CODINGS)
        lines.append(b"Transfer-Encoding: %s\r\n" % coding)
        body = rng.choice(_CHUNKS[:5] if rng.random() < 0.6 else _CHUNKS)
    tail = lines[1:]
    rng.shuffle(tail)
    return b"".join([lines[0], *tail, b"\r\n", body])


def mutate(rng: random.Random, data: bytes) -> bytes:
    """Change a byte or two: set, insert, delete, double, or swap pieces."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(changed) + 1)
        what = rng.randrange(5)
        if what == 0 and at < len(changed):
            changed[at] = rng.choice(_BYTES)
        elif what == 1:
            changed.insert(at, rng.choice(_BYTES))
        elif what == 2:
            del changed[at : at + rng.randrange(1, 3)]
        elif what == 3:
            changed[at:at] = changed[at : at + rng.randrange(1, 20)]
        else:
            changed[at:at] = rng.choice(
                [b"\r\n", b"\r\n ", b"\n", b": ", b"Transfer-Encoding: chunked\r\n"]
            )
    return bytes(changed)
