# SPDX-License-Identifier: MIT
"""One path per clause of PEP 3333. What an application observes goes to the log as `saw: ...`."""

import sys

TEXT = [("Content-Type", "text/plain")]


def saw(what):
    print("saw:", what, flush=True)


def refused(start_response, *arguments):
    """Call start_response and log as what its exception can be caught."""
    try:
        start_response(*arguments)
    except Exception as error:
        kinds = (ValueError, AssertionError, TypeError)
        saw(" ".join(kind.__name__ for kind in kinds if isinstance(error, kind)))
        raise


class Closing:
    """An iterable that logs its close()."""

    def __init__(self, chunks, fail_at=None):
        self.chunks = iter(chunks)
        self.fail_at = fail_at

    def __iter__(self):
        return self

    def __next__(self):
        if self.fail_at is not None:
            if self.fail_at == 0:
                raise RuntimeError("iteration broke")
            self.fail_at -= 1
        return next(self.chunks)

    def close(self):
        saw("close")


def twice(environ, start_response):
    start_response("200 OK", TEXT)
    refused(start_response, "201 Created", TEXT)
    return [b"never"]


def replaced(environ, start_response):
    start_response("200 OK", [("X-First", "1")])
    try:
        raise KeyError("late")
    except KeyError:
        start_response("503 Service Unavailable", TEXT, sys.exc_info())
    return [b"replaced"]


def exc_info_after_output(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"x" * 100
    try:
        raise KeyError("too late")
    except KeyError:
        try:
            start_response("500 Oh", TEXT, sys.exc_info())
        except KeyError:
            saw("reraised")
            raise


def write(environ, start_response):
    send = start_response("200 OK", TEXT)
    send(b"one ")
    send(b"two ")
    return [b"three"]


def header(name, value):
    def view(environ, start_response):
        refused(start_response, "200 OK", [*TEXT, (name, value)])
        return [b"never"]

    return view


def status(text):
    def view(environ, start_response):
        refused(start_response, text, TEXT)
        return [b"never"]

    return view


def close_after_success(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing([b"a", b"b"])


def close_after_error(environ, start_response):
    start_response("200 OK", [*TEXT, ("Content-Length", "10")])
    return Closing([b"a", b"b"], fail_at=1)


def close_after_early_error(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing([b"a"], fail_at=0)


def endless(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing(b"y" * 65536 for _ in range(1 << 30))


def raises(error):
    def view(environ, start_response):
        raise error

    return view


def raises_after_output(environ, start_response):
    start_response("200 OK", [*TEXT, ("Content-Length", "100")])
    yield b"some"
    raise RuntimeError("in the middle")


def raises_without_a_length(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"some"
    raise RuntimeError("in the middle")


def no_start_response(environ, start_response):
    return [b"body without a head"]


def returns_none(environ, start_response):
    start_response("200 OK", TEXT)


def bytes_body(environ, start_response):
    start_response("200 OK", TEXT)
    return b"plain bytes"


def lazy_start(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"lazy"


def body_for(code):
    def view(environ, start_response):
        start_response(code, TEXT if code[0] == "2" and code[:3] != "204" else [])
        return [b"this must not be sent"]

    return view


def latin1(environ, start_response):
    value = environ["PATH_INFO"].encode("latin-1")
    start_response("200 OK", [*TEXT, ("X-Echo", environ.get("HTTP_X_ECHO", ""))])
    return [value]


VIEWS = {
    "/twice": twice,
    "/replaced": replaced,
    "/exc-info-after-output": exc_info_after_output,
    "/write": write,
    "/header-crlf": header("X-A", "a\r\nX-Injected: 1"),
    "/header-nul": header("X-A", "a\0b"),
    "/header-name": header("X A:", "b"),
    "/header-name-lf": header("X\nX-Injected", "b"),
    "/header-int": header("X-A", 5),
    "/header-bytes": header(b"X-A", "b"),
    "/status-crlf": status("200 OK\r\nX-Injected: 1"),
    "/status-bytes": status(b"200 OK"),
    "/status-word": status("fine"),
    "/close": close_after_success,
    "/close-error": close_after_error,
    "/close-early-error": close_after_early_error,
    "/endless": endless,
    "/error": raises(RuntimeError("view broke")),
    "/system-exit": raises(SystemExit(3)),
    "/keyboard-interrupt": raises(KeyboardInterrupt()),
    "/error-after-output": raises_after_output,
    "/error-without-a-length": raises_without_a_length,
    "/no-start-response": no_start_response,
    "/none": returns_none,
    "/bytes": bytes_body,
    "/lazy": lazy_start,
    "/204": body_for("204 No Content"),
    "/205": body_for("205 Reset Content"),
    "/304": body_for("304 Not Modified"),
    "/200": body_for("200 OK"),
}


def application(environ, start_response):
    return VIEWS.get(environ["PATH_INFO"], latin1)(environ, start_response)
