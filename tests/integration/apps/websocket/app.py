"""Websockets: what a path says is what its view does."""

import select
import time

import uwsgi

ENDED = []  # How views have ended, in order.


def echo():
    """Send back each message: text as text, the rest as binary."""
    while True:
        message = uwsgi.websocket_recv()
        try:
            message.decode()
        except UnicodeDecodeError:
            uwsgi.websocket_send_binary(message)
        else:
            uwsgi.websocket_send(message)


def nonblocking():
    """Echo by recv_nb, and wait at the descriptor."""
    fd = uwsgi.connection_fd()
    while uwsgi.is_connected(fd):
        message = uwsgi.websocket_recv_nb()
        if message:
            uwsgi.websocket_send(message)
        else:
            select.select([fd], [], [])


def flood():
    """Send 1 MiB again and again."""
    while True:
        uwsgi.websocket_send_binary(b"x" * (1 << 20))


def busy():
    """Sleep as long as the first message says."""
    time.sleep(float(uwsgi.websocket_recv()))


def binary():
    """Send back each message as binary."""
    while True:
        uwsgi.websocket_send_binary(uwsgi.websocket_recv())


VIEWS = {
    "/": echo,
    "/binary": binary,
    "/nonblocking": nonblocking,
    "/flood": flood,
    "/busy": busy,
    "/return": lambda: uwsgi.websocket_recv(),
    "/raise": lambda: 1 / 0,
    "/disconnect": lambda: (uwsgi.disconnect(), uwsgi.websocket_recv()),
}


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/ended":
        start_response("200 OK", [])
        return ["\n".join(ENDED).encode()]
    if path == "/early":
        return [str(call_without_handshake()).encode()]
    uwsgi.websocket_handshake()
    try:
        VIEWS[path]()
    except OSError as error:
        ENDED.append(f"{path} {error}")
    return ""


def call_without_handshake():
    """Try each function before there is a websocket."""
    for function, args in [
        (uwsgi.websocket_recv, ()),
        (uwsgi.websocket_recv_nb, ()),
        (uwsgi.websocket_send, (b"x",)),
        (uwsgi.websocket_send_binary, (b"x",)),
    ]:
        try:
            function(*args)
        except OSError as error:
            ENDED.append(str(error))
