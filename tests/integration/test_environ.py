# SPDX-License-Identifier: MIT
"""What a front end sends is what the application finds, byte for byte."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
import uwsgi_client
import wire
from nginx import Nginx
from server import ServerProcess

StartServer = Callable[..., ServerProcess]
StartNginx = Callable[..., Nginx]


def _environ(answer: wire.Response) -> dict[str, Any]:
    assert answer.status == 200
    return dict(json.loads(answer.body))


@pytest.mark.quick
def test_every_uwsgi_param_of_nginx_arrives(server: StartServer, nginx: StartNginx) -> None:
    one = server("environ", processes=2, threads=2)
    proxy = nginx(
        upstream=one.address,
        location='uwsgi_param HTTPS $https if_not_empty; uwsgi_param CUSTOM "a b=c;d é\\"\\\\";'
        "uwsgi_param EMPTY ''; uwsgi_param UWSGI_MYPARAM x; uwsgi_param UWSGI_FILE /none;",
    )
    target = "/p%C3%A4th/%2Fx%20y//z?q=a%20b&c=d%2Fe&empty="
    found = _environ(
        proxy.request(
            "POST",
            target,
            b"four",
            {"X-Custom-Header": "v1, v2", "Cookie": "a=b; c=d", "Content-Type": "text/x-test"},
        )
    )
    expected = {
        "QUERY_STRING": "q=a%20b&c=d%2Fe&empty=",
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "text/x-test",
        "CONTENT_LENGTH": "4",
        "REQUEST_URI": target,
        "PATH_INFO": "/päth/x y/z".encode().decode("latin-1"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_SCHEME": "http",
        "SERVER_NAME": "localhost",
        "HTTP_HOST": "localhost",
        "HTTP_X_CUSTOM_HEADER": "v1, v2",
        "HTTP_COOKIE": "a=b; c=d",
        "CUSTOM": 'a b=c;d é"\\'.encode().decode("latin-1"),
        "EMPTY": "",
        "UWSGI_MYPARAM": "x",
        "UWSGI_FILE": "/none",
        "SCRIPT_NAME": "",
    }
    assert {key: found.get(key) for key in expected} == expected
    assert "HTTPS" not in found
    assert found["DOCUMENT_ROOT"]


@pytest.mark.quick
def test_every_byte_of_a_value_arrives(server: StartServer) -> None:
    one = server("environ")
    value = bytes(b for b in range(256) if b not in (0,))
    variables = {**uwsgi_client.request_vars(), "X_BYTES": value, b"X_K\xc9Y": b"\xff"}
    raw = uwsgi_client.exchange(
        one.address, uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
    )
    found = _environ(wire.parse_response(raw))
    assert found["X_BYTES"] == value.decode("latin-1")
    assert found["X_K\xc9Y"] == "\xff"


def test_the_process_environment_is_not_mixed_in(server: StartServer) -> None:
    found = _environ(server("environ", env={"SOMETHING_PRIVATE": "1"}).get("/"))
    assert "SOMETHING_PRIVATE" not in found
    assert "PATH" not in found


@pytest.mark.quick
@pytest.mark.parametrize("option", ["http", "http_socket"])
def test_http_makes_the_same_variables(server: StartServer, option: str) -> None:
    one = server("environ", **{option: "127.0.0.1:0"})
    with wire.connect(one.address) as connection:
        connection.sendall(
            b"POST /a%20b//c?d=%20e HTTP/1.1\r\nHost: example.org:81\r\nX-One: 1\r\n"
            b"X_Under: dropped\r\nX-One:  2\r\nCookie: a=1\r\nContent-Type: text/x\r\n"
            b"Content-Length: 2\r\nProxy: evil\r\nConnection: close\r\n\r\nhi"
        )
        head, _, body = wire.read_to_end(connection).partition(b"\r\n\r\n")
    if b"chunked" in head:
        body = body.partition(b"\r\n")[2].rpartition(b"\r\n0\r\n")[0]
    found = json.loads(body)
    port = one.address_text.rpartition(":")[2]
    expected = {
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/a%20b//c?d=%20e",
        "PATH_INFO": "/a b//c",
        "QUERY_STRING": "d=%20e",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SCRIPT_NAME": "",
        "SERVER_PORT": port,
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "example.org:81",
        "HTTP_X_ONE": "1, 2",
        "HTTP_COOKIE": "a=1",
        "CONTENT_TYPE": "text/x",
        "CONTENT_LENGTH": "2",
    }
    assert {key: found.get(key) for key in expected} == expected
    assert "HTTP_X_UNDER" not in found
    assert "HTTP_PROXY" not in found
    assert "HTTP_CONTENT_LENGTH" not in found


@pytest.mark.parametrize("wire_protocol", ["uwsgi", "http"])
def test_both_ways_through_nginx_look_alike(
    server: StartServer, nginx: StartNginx, wire_protocol: str
) -> None:
    option = "socket" if wire_protocol == "uwsgi" else "http_socket"
    one = server("environ", **{option: "127.0.0.1:0"})
    proxy = nginx(upstream=one.address, wire_protocol=wire_protocol)
    found = _environ(proxy.get("/x/y?z=1", {"X-Thing": "t"}))
    for key, value in {
        "PATH_INFO": "/x/y",
        "QUERY_STRING": "z=1",
        "HTTP_X_THING": "t",
        "REQUEST_METHOD": "GET",
        "HTTP_HOST": "localhost",
    }.items():
        assert found[key] == value
