# SPDX-License-Identifier: MIT
"""PEP 3333 to the letter, as a client and an application can observe it."""

from __future__ import annotations

import contextlib
import http.client
from pathlib import Path
from typing import Callable

import http_client
import pytest
import uwsgi_client
import wire
from nginx import Nginx
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]
StartNginx = Callable[..., Nginx]


@pytest.fixture
def pep3333(server: StartServer) -> ServerProcess:
    one = server("pep3333", threads=2)
    one.expect_errors()
    return one


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
@pytest.mark.parametrize(
    "method,body",
    [("GET", b""), ("HEAD", b""), ("POST", b"ab\ncd\n" * 50)],
    ids=["GET", "HEAD", "POST"],
)
def test_the_standard_validator_finds_nothing(
    server: StartServer, wire_option: str, method: str, body: bytes
) -> None:
    one = server("validated", **{wire_option: "127.0.0.1:0"})
    answer = one.request(method, "/", body=body)
    assert (answer.status, answer.body) == (
        200,
        b"" if method == "HEAD" else b"%d bytes" % len(body),
    )
    one.wait_log("^validated application was here$")
    assert not one.log_lines("Assertion|Traceback")


@pytest.mark.quick
@pytest.mark.parametrize(
    "path,raised",
    [
        ("/twice", "AssertionError"),
        ("/header-crlf", "ValueError"),
        ("/header-nul", "ValueError"),
        ("/header-name", "ValueError"),
        ("/header-name-lf", "ValueError"),
        ("/header-int", "(ValueError|AssertionError)"),
        ("/header-bytes", "(ValueError|AssertionError)"),
        ("/status-crlf", "ValueError"),
        ("/status-bytes", "(ValueError|AssertionError)"),
        ("/status-word", "(ValueError|AssertionError)"),
    ],
)
def test_start_response_refuses(pep3333: ServerProcess, path: str, raised: str) -> None:
    answer = pep3333.get(path)
    assert answer.status == 500
    assert answer.header("X-Injected") is None
    pep3333.wait_log(f"^saw: .*{raised}")
    assert pep3333.get("/200").status == 200


def test_exc_info_replaces_a_head_that_is_not_sent(pep3333: ServerProcess) -> None:
    answer = pep3333.get("/replaced")
    assert (answer.status, answer.body) == (503, b"replaced")
    assert answer.header("X-First") is None


def test_exc_info_after_output_is_raised_again(pep3333: ServerProcess) -> None:
    pep3333.get("/exc-info-after-output")
    pep3333.wait_log("^saw: reraised$")


@pytest.mark.quick
def test_write_sends_before_the_iterable(pep3333: ServerProcess) -> None:
    assert pep3333.get("/write").body == b"one two three"


@pytest.mark.parametrize("path", ["/close", "/close-error", "/close-early-error"])
def test_close_is_called_exactly_once(pep3333: ServerProcess, path: str) -> None:
    uwsgi_client.exchange(pep3333.address, _packet(path))
    pep3333.wait_log("^saw: close$")
    assert pep3333.get("/200").status == 200
    assert len(pep3333.log_lines("^saw: close$")) == 1


def test_close_is_called_once_when_the_client_has_gone(pep3333: ServerProcess) -> None:
    with wire.connect(pep3333.address) as connection:
        connection.sendall(_packet("/endless"))
        assert connection.recv(100)
    pep3333.wait_log("^saw: close$")
    assert pep3333.get("/200").status == 200
    assert len(pep3333.log_lines("^saw: close$")) == 1


@pytest.mark.quick
@pytest.mark.parametrize(
    "path,words",
    [
        ("/error", "RuntimeError: view broke"),
        ("/close-early-error", "RuntimeError: iteration broke"),
        ("/system-exit", "SystemExit"),
        ("/keyboard-interrupt", "KeyboardInterrupt"),
        ("/no-start-response", ""),
    ],
)
def test_an_exception_before_output_is_a_500_and_the_worker_lives(
    pep3333: ServerProcess, path: str, words: str
) -> None:
    workers = pep3333.workers()
    assert pep3333.get(path).status == 500
    if words:
        pep3333.wait_log(words)
        assert pep3333.log_lines("Traceback")
    assert pep3333.get("/200").status == 200
    assert pep3333.workers() == workers


@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_an_exception_after_output_cuts_the_response(server: StartServer, wire_option: str) -> None:
    one = server("pep3333", **{wire_option: "127.0.0.1:0"})
    one.expect_errors()
    data = _packet("/error-after-output")
    if wire_option == "http_socket":
        data = b"GET /error-after-output HTTP/1.1\r\nHost: a\r\n\r\n"
    # A reset says it; so does an end before the announced length.
    raw = uwsgi_client.exchange(one.address, data)
    if raw:
        answer = wire.parse_response(raw)
        assert answer.header("Content-Length") == "100"
        assert b"some".startswith(answer.body)
    one.wait_log("RuntimeError: in the middle")


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_a_cut_response_without_a_length_is_a_reset_on_tcp(
    server: StartServer, wire_option: str
) -> None:
    one = server("pep3333", **{wire_option: "127.0.0.1:0"})
    one.expect_errors("exception in the application")
    data = _packet("/error-without-a-length")
    if wire_option == "http_socket":
        data = b"GET /error-without-a-length HTTP/1.0\r\n\r\n"
    with wire.connect(one.address) as client:
        client.sendall(data)
        with pytest.raises(ConnectionResetError):
            wire.read_to_end(client)


def test_nginx_does_not_take_a_cut_response_for_whole_over_tcp(
    server: StartServer, nginx: StartNginx
) -> None:
    one = server("pep3333", socket="127.0.0.1:0")
    one.expect_errors("exception in the application")
    proxy = nginx(upstream=one.address)
    with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
        assert proxy.get("/error-without-a-length").status == 502


def test_none_instead_of_an_iterable_is_a_500(pep3333: ServerProcess) -> None:
    assert pep3333.get("/none").status == 500
    pep3333.wait_log("TypeError")


def test_bytes_are_one_body(pep3333: ServerProcess) -> None:
    assert pep3333.get("/bytes").body == b"plain bytes"


def test_a_generator_may_start_the_response_with_its_first_chunk(pep3333: ServerProcess) -> None:
    assert pep3333.get("/lazy").body == b"lazy"


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
@pytest.mark.parametrize(
    "method,path,status",
    [("HEAD", "/200", 200), ("GET", "/204", 204), ("GET", "/205", 205), ("GET", "/304", 304)],
)
def test_no_body_where_there_must_be_none(
    server: StartServer, wire_option: str, method: str, path: str, status: int
) -> None:
    one = server("pep3333", **{wire_option: "127.0.0.1:0"})
    if wire_option == "socket":
        raw = uwsgi_client.exchange(one.address, _packet(path, method))
    else:
        with wire.connect(one.address) as connection:
            head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            raw = wire.read_to_end(connection)
    answer = wire.parse_response(raw)
    assert (answer.status, answer.body) == (status, b"")
    if status == 205 and wire_option == "http_socket":
        assert answer.header("Content-Length") == "0"


@pytest.mark.quick
def test_strings_are_latin_1_bytes(pep3333: ServerProcess) -> None:
    path = bytes(range(0x80, 0x100))
    echo = bytes([*range(0x20, 0x7F), *range(0xA0, 0x100)]).strip()
    variables = {"PATH_INFO": b"/" + path, "HTTP_X_ECHO": echo}
    answer = pep3333.get("/", variables=variables)
    assert answer.body == b"/" + path
    assert (answer.header("X-Echo") or "").encode("latin-1") == echo


@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
@pytest.mark.parametrize(
    "path,body",
    [
        ("/file", slice(None)),
        ("/iterated", slice(None)),
        ("/offset", slice(10, None)),
        ("/limited", slice(7)),
    ],
)
def test_file_wrapper_sends_a_file(
    server: StartServer, tmp_path: Path, wire_option: str, path: str, body: slice
) -> None:
    content = bytes(range(256)) * 4000
    (tmp_path / "file.bin").write_bytes(content)
    env = {"FILE": str(tmp_path / "file.bin")}
    one = server("file_wrapper", env=env, **{wire_option: "127.0.0.1:0"})
    answer = one.get(path)
    assert answer.status == 200
    assert answer.body == content[body]
    one.wait_log("^saw: close$")
    assert one.get("/bytesio").body == b"from memory"
    assert len(one.log_lines("^saw: close$")) == 1


def test_file_wrapper_falls_back_for_what_is_no_file(server: StartServer) -> None:
    one = server("file_wrapper")
    assert one.get("/bytesio").body == b"from memory"
    assert one.get("/pipe").body == b"from a pipe"


def test_a_file_of_any_size_goes_out_by_sendfile(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(b"f" * 20_000_000)
    one = server("file_wrapper", env={"FILE": str(tmp_path / "file.bin")})
    assert len(one.get("/file").body) == 20_000_000
    one.wait_log(r"via sendfile\(\)")


@pytest.mark.quick
@pytest.mark.parametrize("wire_option", ["socket", "http_socket"])
def test_a_long_stream_arrives_whole(server: StartServer, wire_option: str) -> None:
    one = server("streaming", **{wire_option: "127.0.0.1:0"})
    assert one.get("/?30000000").body == b"s" * 30_000_000


def test_environ_is_a_fresh_dict_for_each_request(server: StartServer) -> None:
    one = server("introspect")
    one.post("/", b"setattr(sys, 'kept', environ)")
    kept = one.post("/", b"[sys.kept is environ, len(sys.kept) > 10]")
    assert kept.text == "[false, true]"


@pytest.mark.quick
def test_environ_has_the_keys_of_the_pep(server: StartServer) -> None:
    one = server("introspect", processes=2, threads=3)
    expression = b"""[environ['wsgi.version'], environ['wsgi.url_scheme'],
        environ['wsgi.multithread'], environ['wsgi.multiprocess'], environ['wsgi.run_once'],
        type(environ) is dict, environ['uwsgi.version'] == uwsgi.version,
        environ['uwsgi.node'] == uwsgi.hostname, type(environ['uwsgi.core']) is int,
        isinstance(environ['wsgi.file_wrapper'], type)]"""
    answer = one.post("/", b"".join(line.strip() for line in expression.splitlines()))
    assert answer.text == '[[1, 0], "http", true, true, false, true, true, true, true, true]'


def test_keep_alive_survives_every_kind_of_response(server: StartServer) -> None:
    one = server("pep3333", http="127.0.0.1:0", threads=2)
    connection = http_client.HttpConnection(one.address)
    for method, path, status, body in [
        ("GET", "/200", 200, b"this must not be sent"),
        ("HEAD", "/200", 200, b""),
        ("GET", "/204", 204, b""),
        ("GET", "/205", 205, b""),
        ("GET", "/304", 304, b""),
        ("GET", "/write", 200, b"one two three"),
        ("GET", "/bytes", 200, b"plain bytes"),
        ("GET", "/lazy", 200, b"lazy"),
        ("GET", "/close", 200, b"ab"),
    ]:
        answer = connection.fetch(method, path)
        assert (path, answer.status, answer.body) == (path, status, body)
        assert (answer.header("Connection") or "").lower() != "close", path
    connection.close()
    wait_until(lambda: len(one.log_lines(r"HTTP/1\.1 \d")) == 9, "9 lines in the log")


def _packet(path: str, method: str = "GET") -> bytes:
    variables = uwsgi_client.request_vars(method, path)
    return uwsgi_client.packet(uwsgi_client.encode_vars(variables.items()))
