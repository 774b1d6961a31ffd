# SPDX-License-Identifier: MIT
"""The uwsgi protocol: what is served, and what happens to packets that are not right."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from typing import Any, Callable, Iterable

import pytest
import uwsgi_client
import wire
from server import ServerProcess
from uwsgi_client import Text, encode_vars, packet, request_vars

StartServer = Callable[..., ServerProcess]


def _block(target: str = "/", **replaced: Text) -> bytes:
    return encode_vars({**request_vars("GET", target), **replaced}.items())


def _without(*keys: str) -> bytes:
    return encode_vars((k, v) for k, v in request_vars().items() if k not in keys)


def _string(text: bytes) -> bytes:
    return struct.pack("<H", len(text)) + text


def _many(count: int) -> bytes:
    return _block() + encode_vars((f"HTTP_X_{n}", "v") for n in range(count))


def _environ(one: ServerProcess, variables: Iterable[tuple[Text, Text]]) -> dict[str, Any]:
    raw = uwsgi_client.exchange(one.address, packet(encode_vars(variables)))
    return dict(json.loads(wire.parse_response(raw).body))


# Each is answered with this status or, where None, closed without a byte; never served.
MALFORMED = {
    "no_vars": (packet(b""), {400, None}),
    "one_trailing_byte": (packet(_block() + b"\x01"), {400, None}),
    "two_trailing_bytes": (packet(_block() + b"\x01\x00"), {400, None}),
    "key_runs_past_the_end": (packet(_block() + struct.pack("<H", 500) + b"KEY"), {400, None}),
    "key_ends_the_block": (packet(_block() + _string(b"KEY")), {400, None}),
    "empty_key": (packet(_block() + _string(b"") + _string(b"v")), {400, None}),
    "value_runs_past_the_end": (
        packet(_block() + _string(b"KEY") + struct.pack("<H", 9) + b"v"),
        {400, None},
    ),
    "too_many_vars": (packet(_many(1500)), {400, 431}),
    "modifier_5": (packet(_block(), modifier1=5), {400, 500, 501, None}),
    "modifier_255": (packet(_block(), modifier1=255), {400, 500, 501, None}),
    "content_length_with_junk": (packet(_block(CONTENT_LENGTH="5abc")), {400}),
    "content_length_negative": (packet(_block(CONTENT_LENGTH="-5")), {400}),
    "content_length_signed": (packet(_block(CONTENT_LENGTH="+5")), {400}),
    "content_length_of_2_to_the_63": (packet(_block(CONTENT_LENGTH=str(2**63))), {413}),
    "content_length_overflows": (packet(_block(CONTENT_LENGTH=str(2**64 + 5))), {413}),
    "method_with_line_break": (packet(_block(REQUEST_METHOD="GET\r\nX: y")), {400}),
}


@pytest.mark.quick
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_packet_is_refused_and_the_server_serves_on(
    server: StartServer, name: str
) -> None:
    data, statuses = MALFORMED[name]
    one = server("hello")
    before = len(one.log.splitlines())
    raw = uwsgi_client.exchange(one.address, data)
    assert (wire.parse_response(raw).status if raw else None) in statuses
    assert b"hello" not in raw
    one.wait_log("", count=before + 1)
    assert one.get("/").body == b"hello"


# What is no packet at all, and what the log says of it; none of it waits for a timeout.
STRANGERS = {
    "http": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP request .*(uwsgi_pass|http-socket)"),
    "rare_method": (b"PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP request .*http-socket"),
    "lower_case_like_a_ping": (b"delete / HTTP/1.1\r\n\r\n", "HTTP request .*http-socket"),
    "lower_case": (b"get / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP request .*http-socket"),
    "empty_line_first": (b"\r\nGET / HTTP/1.1\r\n\r\n", "HTTP request .*http-socket"),
    "proxy_v1": (b"PROXY TCP4 1.2.3.4 1.2.3.4 5 6\r\n", "PROXY header .*with proxy-protocol"),
    "proxy_v2": (b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c", "PROXY header"),
    "tls": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS hello .*https-socket"),
}


@pytest.mark.quick
@pytest.mark.parametrize("name", STRANGERS)
def test_another_protocol_gets_a_plain_400_at_once_and_a_hint_in_the_log(
    server: StartServer, name: str
) -> None:
    data, hint = STRANGERS[name]
    one = server("hello")
    with wire.connect(one.address, timeout=10) as client:  # A head may take 30 s.
        client.sendall(data)
        answer = wire.parse_response(wire.read_to_end(client))
    assert answer.status == 400
    assert answer.header("Connection") == "close"
    one.wait_log(hint)


@pytest.mark.quick
@pytest.mark.parametrize("modifier", [5, 255])
def test_a_modifier_that_nobody_serves_does_not_wait_for_its_block(
    server: StartServer, modifier: int
) -> None:
    one = server("hello")
    with wire.connect(one.address, timeout=10) as client:
        client.sendall(packet(b"", modifier1=modifier, size=500))
        assert wire.parse_response(wire.read_to_end(client)).status == 501
    one.wait_log(f"unavailable modifier requested: {modifier} ")


@pytest.mark.quick
@pytest.mark.parametrize("block", [b"", b"\1\0A\1\0b", b"nonsense"])
@pytest.mark.parametrize("modifier2", [0, 1, 5])
def test_a_ping_is_answered(server: StartServer, block: bytes, modifier2: int) -> None:
    one = server("hello")
    sent = packet(block, modifier1=100, modifier2=modifier2)
    assert uwsgi_client.exchange(one.address, sent) == b"d\0\0\1"
    one.wait_log("^PING$")
    assert one.get("/").body == b"hello"
    one.wait_log(r"req: 1/1\]")  # It is no request.


@pytest.mark.quick
def test_a_refusal_names_the_peer(server: StartServer) -> None:
    one = server("hello", socket="127.0.0.1:0")
    uwsgi_client.exchange(one.address, packet(b""))
    one.wait_log(r"^refused a request on \S+ from 127\.0\.0\.1: uwsgi packet without variables")


def test_a_block_beyond_buffer_size_is_a_431(server: StartServer) -> None:
    one = server("hello", buffer_size=8192)
    assert one.get("/", headers={"X-Pad": "p" * 7000}).status == 200
    raw = uwsgi_client.exchange(one.address, packet(_block(HTTP_X_PAD="p" * 9000)))
    assert wire.parse_response(raw).status == 431
    one.wait_log("buffer-size")


@pytest.mark.quick
def test_the_largest_block_is_served(server: StartServer) -> None:
    one = server("environ")
    rest = 65535 - len(_block()) - len(encode_vars([("HTTP_X_PAD", "")]))
    answer = uwsgi_client.exchange(one.address, packet(_block(HTTP_X_PAD="p" * rest)))
    assert len(json.loads(wire.parse_response(answer).body)["HTTP_X_PAD"]) == rest


def test_five_hundred_vars_are_served(server: StartServer) -> None:
    one = server("environ")
    raw = uwsgi_client.exchange(one.address, packet(_many(500)))
    assert json.loads(wire.parse_response(raw).body)["HTTP_X_499"] == "v"


@pytest.mark.quick
def test_every_split_of_a_packet_is_the_same_packet(server: StartServer) -> None:
    one = server("hello")
    data = packet(encode_vars(request_vars().items()))
    for split in range(1, len(data)):
        raw = uwsgi_client.exchange(one.address, data, split=split)
        assert wire.parse_response(raw).body == b"hello", split


def test_the_last_of_two_equal_keys_wins(server: StartServer) -> None:
    variables = [*request_vars().items(), ("PATH_INFO", "/first"), ("PATH_INFO", "/last")]
    assert _environ(server("environ"), variables)["PATH_INFO"] == "/last"


@pytest.mark.quick
@pytest.mark.parametrize(
    "key", ["REQUEST_METHOD", "PATH_INFO", "SERVER_PROTOCOL", "SERVER_NAME", "SERVER_PORT"]
)
def test_a_missing_required_variable_is_made_up_or_refused(server: StartServer, key: str) -> None:
    raw = uwsgi_client.exchange(server("environ").address, packet(_without(key)))
    answer = wire.parse_response(raw)
    assert answer.status == 400 or key in json.loads(answer.body)


def test_script_name_is_always_there(server: StartServer) -> None:
    assert _environ(server("environ"), request_vars().items())["SCRIPT_NAME"] == ""


@pytest.mark.parametrize("value", ["", None])
def test_no_content_length_is_an_empty_body(server: StartServer, value: str | None) -> None:
    one = server("body")
    block = _without("CONTENT_LENGTH") if value is None else _block("/twice", CONTENT_LENGTH=value)
    if value is None:
        block += encode_vars([("PATH_INFO", "/twice")])
    raw = uwsgi_client.exchange(one.address, packet(block) + b"not a body")
    assert wire.parse_response(raw).text == "[0, 0, 0]"


@pytest.mark.quick
def test_a_second_packet_on_a_connection_is_never_parsed(server: StartServer) -> None:
    one = server("hello")
    raw = uwsgi_client.exchange(one.address, packet(_block("/one")) + packet(_block("/two")))
    assert raw.count(b"200 OK") == 1
    one.get("/three")
    one.wait_log("GET /three =>")
    assert one.log_lines("GET /one =>")
    assert not one.log_lines("GET /two =>")


@pytest.mark.quick
@pytest.mark.parametrize("protocol", ["X", "HTTP/9.9", "HTTP/1.1\r\nX-Injected: 1"])
def test_the_status_line_is_never_the_clients(server: StartServer, protocol: str) -> None:
    raw = uwsgi_client.exchange(server("hello").address, packet(_block(SERVER_PROTOCOL=protocol)))
    answer = wire.parse_response(raw)
    assert answer.protocol in ("HTTP/1.0", "HTTP/1.1")
    assert answer.header("X-Injected") is None


@pytest.mark.quick
def test_magic_variables_are_visible_and_do_nothing(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(
        "def application(e, s):\n  s('200 OK', [])\n  return [b'evil']"
    )
    (tmp_path / "secret").write_text("secret")
    one = server("introspect")
    source = b"[environ['wsgi.input'].read(), os.environ.get('EVIL'), os.getcwd(), environ[%r]]"
    magic = {
        "UWSGI_FILE": str(tmp_path / "evil.py"),
        "UWSGI_SCRIPT": "evil",
        "UWSGI_MODULE": "evil",
        "UWSGI_CALLABLE": "evil",
        "UWSGI_PYHOME": str(tmp_path),
        "UWSGI_HOME": str(tmp_path),
        "UWSGI_SETENV": "EVIL=1",
        "UWSGI_POSTFILE": str(tmp_path / "secret"),
        "UWSGI_CHDIR": "/",
        "UWSGI_TOUCH_RELOAD": str(tmp_path / "secret"),
    }
    for key, value in magic.items():
        answer = one.post("/", source % key, variables={key: value})
        assert json.loads(answer.body) == [{"bytes": ""}, None, str(tmp_path), value], key


def test_a_packet_cannot_replace_the_servers_own_keys(server: StartServer) -> None:
    variables = {**request_vars(), "wsgi.url_scheme": "evil", "wsgi.input": "x", "wsgi.errors": "x"}
    found = _environ(server("environ"), variables.items())
    assert found["wsgi.url_scheme"] == "http"
    assert "object" in found["wsgi.input"]


@pytest.mark.parametrize(
    "variables,scheme",
    [
        ({}, "http"),
        ({"HTTPS": "on"}, "https"),
        ({"HTTPS": "1"}, "https"),
        ({"UWSGI_SCHEME": "https"}, "https"),
        ({"HTTP_X_FORWARDED_PROTO": "https"}, "https"),
        ({"HTTP_X_FORWARDED_SSL": "on"}, "https"),
    ],
)
def test_the_url_scheme_comes_from_the_front_end(
    server: StartServer, variables: dict[str, str], scheme: str
) -> None:
    found = _environ(server("environ"), {**request_vars(), **variables}.items())
    assert found["wsgi.url_scheme"] == scheme


def test_modifier_30_is_wsgi_too(server: StartServer) -> None:
    raw = uwsgi_client.exchange(server("hello").address, packet(_block(), modifier1=30))
    assert wire.parse_response(raw).body == b"hello"


def test_a_peer_that_leaves_in_the_middle_costs_nothing(server: StartServer) -> None:
    one = server("hello")
    data = packet(_block())
    for cut in (0, 1, 3, 4, 5, len(data) - 1):
        with wire.connect(one.address) as connection:
            connection.sendall(data[:cut])
    assert one.get("/").body == b"hello"


@pytest.mark.quick
def test_random_bytes_never_disturb_the_server(server: StartServer) -> None:
    one = server("hello")
    workers = one.workers()
    valid = packet(_block())
    for seed in range(200):
        noise = bytearray(valid)
        rng = random.Random(seed)
        for _ in range(1 + seed % 7):
            noise[rng.randrange(len(noise))] = rng.randrange(256)
        with wire.connect(one.address) as connection:
            connection.sendall(bytes(noise))
    assert one.get("/").body == b"hello"
    assert one.workers() == workers
