# SPDX-License-Identifier: MIT
"""Certificates of clients: who is let in, and what lets nobody in who has shown none."""

from __future__ import annotations

import json
import shutil
import ssl
from pathlib import Path
from typing import Any, Callable, NamedTuple

import certificates
import pytest
import wire
from certificates import Authority
from server import ServerProcess

StartServer = Callable[..., ServerProcess]
versions = pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])

# The endpoints that _start opens, in its order.
OPEN, STRICT, STRANGERS = range(3)


class Answer(NamedTuple):
    status: int
    environ: dict[str, Any]
    session: ssl.SSLSession
    is_resumed: bool


@pytest.fixture(scope="session")
def identity(authority: Authority) -> tuple[Path, Path]:
    return authority.issue("localhost")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="session")
def someone(authority: Authority) -> tuple[Path, Path]:
    return authority.issue("someone")


@pytest.fixture
def one(
    server: StartServer, authority: Authority, stranger: Authority, identity: tuple[Path, Path]
) -> ServerProcess:
    files = "{},{}".format(*identity)
    addresses = ["{}:{}".format(*wire.free_port()) for _ in range(3)]
    lines = [
        f"https = {addresses[OPEN]},{files}",
        f"https = {addresses[STRICT]},{files},,!{authority.certificate}",
        f"https = {addresses[STRANGERS]},{files},,!{stranger.certificate}",
        f"sni = strict.test {files},,!{authority.certificate}",
        f"sni = polite.test {files},,{authority.certificate}",
        f"sni = open.test {files}",
    ]
    return server("environ", ini="\n".join(lines))


def _client(
    authority: Authority, version: str, identity: tuple[Path, Path] | None = None
) -> ssl.SSLContext:
    context = authority.client(identity)
    context.check_hostname = False  # All names share a certificate here.
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    return context


def _ask(
    address: wire.Address,
    context: ssl.SSLContext,
    name: str = "localhost",
    host: str | None = None,
    session: ssl.SSLSession | None = None,
) -> Answer:
    """Return what the server says; raise if the client is not let in."""
    request = f"GET / HTTP/1.1\r\nHost: {host or name}\r\nConnection: close\r\n\r\n"
    with certificates.connect(address, context, name, session=session) as client:
        client.sendall(request.encode())
        raw = wire.read_to_end(client)
        resumed, new_session = bool(client.session_reused), client.session
    if not raw:
        raise ConnectionResetError
    assert new_session is not None
    answer = wire.parse_response(raw)
    environ = json.loads(answer.body) if answer.status == 200 else {}
    return Answer(answer.status, environ, new_session, resumed)


def _is_let_in(*args: Any, **kwargs: Any) -> bool:
    try:
        return bool(_ask(*args, **kwargs))
    except (ssl.SSLError, ConnectionError):
        return False


@pytest.mark.quick
def test_clients_must_show_a_certificate(
    server: StartServer,
    authority: Authority,
    stranger: Authority,
    identity: tuple[Path, Path],
    someone: tuple[Path, Path],
) -> None:
    text = "127.0.0.1:0,{},{},,!{}".format(*identity, authority.certificate)
    one = server("environ", https=text, https_export_cert=True)
    answer = _ask(one.address, authority.client(someone))
    found = answer.environ
    assert found["SSL_CLIENT_VERIFY"] == "SUCCESS"
    assert found["HTTPS_DN"] == found["SSL_CLIENT_S_DN"] == "CN=someone,O=tests"
    assert found["SSL_CLIENT_I_DN"] == "CN=authority"
    assert found["HTTPS_CC"].startswith("-----BEGIN CERTIFICATE-----\n")
    assert not _is_let_in(one.address, authority.client())
    assert not _is_let_in(one.address, authority.client(stranger.issue("someone")))


@pytest.mark.quick
@pytest.mark.parametrize("option,is_let_in", [({}, True), ({"ssl_verify_depth": 0}, False)])
def test_ssl_verify_depth_bounds_the_chain_of_a_client(
    server: StartServer,
    authority: Authority,
    identity: tuple[Path, Path],
    tmp_path: Path,
    option: dict[str, int],
    is_let_in: bool,
) -> None:
    between = Authority(authority.directory, "between", signer=authority)
    certificate, key = between.issue("someone-else")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(certificate.read_bytes() + between.certificate.read_bytes())
    one = server(
        "environ", https="127.0.0.1:0,{},{},,!{}".format(*identity, authority.certificate), **option
    )
    assert _is_let_in(one.address, authority.client((chain, key))) is is_let_in
    assert _is_let_in(one.address, authority.client(authority.issue("direct")))


@pytest.mark.quick
def test_clients_may_show_a_certificate(
    server: StartServer,
    authority: Authority,
    stranger: Authority,
    identity: tuple[Path, Path],
    someone: tuple[Path, Path],
) -> None:
    one = server(
        "environ", https="127.0.0.1:0,{},{},HIGH,{}".format(*identity, authority.certificate)
    )
    without = _ask(one.address, authority.client())
    assert without.environ["SSL_CLIENT_VERIFY"] == "NONE"
    known = _ask(one.address, authority.client(someone))
    assert known.environ["SSL_CLIENT_VERIFY"] == "SUCCESS"
    assert "HTTPS_CC" not in known.environ
    assert not _is_let_in(one.address, authority.client(stranger.issue("someone")))


@pytest.mark.quick
@versions
@pytest.mark.parametrize(
    "has_certificate,first,second",
    [
        (False, (OPEN, "localhost"), (STRICT, "localhost")),
        (False, (OPEN, "localhost"), (OPEN, "strict.test")),
        (False, (OPEN, "polite.test"), (OPEN, "strict.test")),
        (False, (STRICT, "open.test"), (STRICT, "localhost")),
        (True, (STRICT, "localhost"), (STRANGERS, "localhost")),
        (True, (OPEN, "strict.test"), (STRANGERS, "localhost")),
    ],
)
def test_a_session_is_not_resumed_where_more_is_demanded(
    one: ServerProcess,
    authority: Authority,
    someone: tuple[Path, Path],
    version: str,
    has_certificate: bool,
    first: tuple[int, str],
    second: tuple[int, str],
) -> None:
    context = _client(authority, version, someone if has_certificate else None)
    addresses = one.addresses()
    fresh = _ask(addresses[first[0]], context, first[1])
    again = _ask(addresses[first[0]], context, first[1], session=fresh.session)
    assert again.is_resumed
    for session in (fresh.session, again.session):
        assert not _is_let_in(addresses[second[0]], context, second[1], session=session)


@pytest.mark.quick
@versions
def test_a_session_is_not_resumed_for_another_name(
    one: ServerProcess, authority: Authority, version: str
) -> None:
    context = _client(authority, version)
    fresh = _ask(one.address, context, "open.test")
    other = _ask(one.address, context, "polite.test", session=fresh.session)
    assert not other.is_resumed
    assert other.environ["SSL_CLIENT_VERIFY"] == "NONE"


@versions
def test_a_session_does_not_outlive_the_authority_of_its_client(
    server: StartServer,
    authority: Authority,
    stranger: Authority,
    identity: tuple[Path, Path],
    someone: tuple[Path, Path],
    version: str,
    tmp_path: Path,
) -> None:
    trusted = tmp_path / "trusted.crt"
    shutil.copy(authority.certificate, trusted)
    one = server("environ", https="127.0.0.1:0,{},{},,!{}".format(*identity, trusted))
    context = _client(authority, version, someone)
    fresh = _ask(one.address, context)
    assert fresh.environ["SSL_CLIENT_VERIFY"] == "SUCCESS"
    before = one.workers()
    one.send_signal(1)
    one.wait_replaced(before)
    again = _ask(one.address, context, session=fresh.session)
    assert again.is_resumed
    assert again.environ["SSL_CLIENT_S_DN"] == "CN=someone,O=tests"
    before = one.workers()
    shutil.copy(stranger.certificate, trusted)
    one.wait_replaced(before)
    for session in (fresh.session, again.session, None):
        assert not _is_let_in(one.address, context, session=session)
    accepted = _ask(one.address, _client(authority, version, stranger.issue("other")))
    assert accepted.environ["SSL_CLIENT_VERIFY"] == "SUCCESS"


@pytest.mark.quick
@pytest.mark.parametrize(
    "has_certificate,endpoint,name,host,status",
    [
        (False, OPEN, "open.test", "open.test", 200),
        (False, OPEN, "open.test", "localhost", 200),
        (False, OPEN, "open.test", "strict.test", 421),
        (False, OPEN, "localhost", "STRICT.test.:443", 421),
        (False, OPEN, "polite.test", "strict.test", 421),
        (False, OPEN, "open.test", "polite.test", 421),
        (False, OPEN, "polite.test", "polite.test:443", 200),
        (True, OPEN, "strict.test", "Strict.Test:443", 200),
        (True, OPEN, "strict.test", "open.test", 200),
        (False, STRICT, "open.test", "open.test", 200),
        (False, STRICT, "open.test", "localhost", 421),
        (True, STRICT, "localhost", "strict.test", 200),
        (True, OPEN, "strict.test", "other.test", 200),
    ],
)
def test_a_host_is_not_reached_past_its_demands(
    one: ServerProcess,
    authority: Authority,
    someone: tuple[Path, Path],
    has_certificate: bool,
    endpoint: int,
    name: str,
    host: str,
    status: int,
) -> None:
    context = _client(authority, "TLSv1_3", someone if has_certificate else None)
    assert _ask(one.addresses()[endpoint], context, name, host).status == status


@pytest.mark.quick
def test_each_request_of_a_connection_is_held_to_its_host(
    one: ServerProcess, authority: Authority
) -> None:
    request = "GET / HTTP/1.1\r\nHost: {}\r\n\r\n"
    context = _client(authority, "TLSv1_3")
    with certificates.connect(one.address, context, "open.test") as client:
        client.sendall("".join(map(request.format, ["open.test", "strict.test"])).encode())
        answer = wire.read_to_end(client)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 421 Misdirected Request\r\n" in answer
