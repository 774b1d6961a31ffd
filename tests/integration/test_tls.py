# SPDX-License-Identifier: MIT
"""TLS: what is offered, to whom, and what goes wrong at the start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any, Callable

import certificates
import http_client
import processes
import pytest
import wire
from certificates import Authority
from server import ServerProcess
from waiting import wait_until

StartServer = Callable[..., ServerProcess]
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="session")
def identity(authority: Authority) -> tuple[Path, Path]:
    return authority.issue("localhost")


def _environ(one: ServerProcess, context: ssl.SSLContext) -> dict[str, Any]:
    with certificates.connect(one.address, context) as client:
        client.sendall(REQUEST)
        found: dict[str, Any] = json.loads(wire.parse_response(wire.read_to_end(client)).body)
        return found


def _is_named(one: ServerProcess, authority: Authority, name: str) -> bool:
    with contextlib.suppress(ssl.SSLError, ConnectionError, socket.timeout):
        with certificates.connect(one.address, authority.client(), name):
            return True
    return False


def _https(identity: tuple[Path, Path], *more: object) -> str:
    return ",".join(map(str, ["127.0.0.1:0", *identity, *more]))


@pytest.mark.quick
@pytest.mark.parametrize("option", ["https", "https_socket", "https2"])
def test_https(
    server: StartServer, authority: Authority, identity: tuple[Path, Path], option: str
) -> None:
    text = _https(identity)
    if option == "https2":
        text = f"addr=127.0.0.1:0,cert={identity[0]},key={identity[1]}"
    one = server("environ", **{option: text})
    found = _environ(one, authority.client())
    assert (found["HTTPS"], found["wsgi.url_scheme"]) == ("on", "https")
    assert found["SERVER_PORT"] == str(one.address[1])


@pytest.mark.quick
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize(
    "version,is_served",
    [("TLSv1", False), ("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)],
)
def test_versions(
    server: StartServer,
    authority: Authority,
    identity: tuple[Path, Path],
    version: str,
    is_served: bool,
) -> None:
    one = server("hello", https=_https(identity))
    context = authority.client()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    try:
        with certificates.connect(one.address, context) as client:
            client.sendall(REQUEST)
            assert wire.read_to_end(client).endswith(b"hello")
        assert is_served
    except ssl.SSLError:
        assert not is_served


def test_openssl_finds_nothing_old(server: StartServer, identity: tuple[Path, Path]) -> None:
    one = server("hello", https=_https(identity))
    for offered in ["-tls1", "-tls1_1", "-tls1_2 -cipher AES128-SHA:AES256-SHA256:@SECLEVEL=0"]:
        command = ["openssl", "s_client", "-connect", one.address_text, *offered.split()]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode != 0, done.stdout
        assert "Cipher is (NONE)" in done.stdout
    command = ["openssl", "s_client", "-connect", one.address_text, "-alpn", "h2,http/1.1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert "ALPN protocol: http/1.1" in done.stdout
    assert "Compression: NONE" in done.stdout


@pytest.mark.quick
def test_a_client_that_knows_http2_only_is_refused(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("hello", https=_https(identity))
    context = authority.client()
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError), certificates.connect(one.address, context):
        pass
    context.set_alpn_protocols(["h2", "http/1.1"])
    with certificates.connect(one.address, context) as client:
        assert client.selected_alpn_protocol() == "http/1.1"


@pytest.mark.quick
def test_keep_alive_and_pipelining(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("hello", https=_https(identity), threads=2)
    with certificates.connect(one.address, authority.client()) as client:
        for _ in range(3):
            client.sendall(REQUEST.replace(b"Connection: close\r\n", b""))
            answer = b""
            while not answer.endswith(b"hello"):
                answer += client.recv(1000)
        client.sendall(REQUEST.replace(b"Connection: close\r\n", b"") * 4 + REQUEST)
        assert wire.read_to_end(client).count(b"hello") == 5


@pytest.mark.quick
def test_a_large_upload(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("body", https=_https(identity))
    body = os.urandom(6_000_000)
    with certificates.connect(one.address, authority.client()) as client:
        head = (
            b"POST /digest HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        )
        client.sendall(head % len(body) + body)
        answer = wire.parse_response(wire.read_to_end(client))
        assert answer.text == hashlib.sha256(body).hexdigest()


@pytest.mark.quick
def test_a_slow_client_gets_all_of_it(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("streaming", https=_https(identity))
    slow_request = REQUEST.replace(b"/ ", b"/?20000000 ")
    with certificates.connect(one.address, authority.client()) as slow:
        slow.sendall(slow_request)
        first = slow.recv(10)
        with certificates.connect(one.address, authority.client()) as other:
            other.sendall(REQUEST.replace(b"/ ", b"/?5 "))
            assert b"sssss" in wire.read_to_end(other)
        assert (first + wire.read_to_end(slow)).count(b"s") >= 20_000_000


@pytest.mark.quick
def test_static_files(
    server: StartServer, authority: Authority, identity: tuple[Path, Path], tmp_path: Path
) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "big.bin").write_bytes(content)
    one = server("hello", https=_https(identity), static_map=f"/static={tmp_path}")
    with certificates.connect(one.address, authority.client()) as client:
        client.sendall(REQUEST.replace(b"/ ", b"/static/big.bin "))
        assert wire.parse_response(wire.read_to_end(client)).body == content


@pytest.mark.quick
def test_server_names(server: StartServer, authority: Authority, tmp_path: Path) -> None:
    default = authority.issue("localhost", file="default")
    exact = authority.issue("one.example.com")
    wild = authority.issue("*.example.org")
    directory = tmp_path / "names"
    directory.mkdir()
    for path in authority.issue("in.dir.example"):
        shutil.copy(path, directory)
    one = server(
        "hello",
        https=_https(default),
        ini="\n".join(
            [
                "sni = one.example.com {},{}".format(*exact),
                "sni = *.example.org {},{}".format(*wild),
                f"sni-dir = {directory}",
            ]
        ),
    )
    for name in ["localhost", "one.example.com", "ONE.example.com", "x.example.org"]:
        with certificates.connect(one.address, authority.client(), name) as client:
            client.sendall(REQUEST)
            assert wire.read_to_end(client).endswith(b"hello")
    with certificates.connect(one.address, authority.client(), "in.dir.example"):
        pass
    with pytest.raises(ssl.SSLCertVerificationError), certificates.connect(
        one.address, authority.client(), "b.test"
    ):
        pass


def test_sni_dir_ciphers_hold_for_the_names_of_the_directory(
    server: StartServer, authority: Authority, tmp_path: Path
) -> None:
    directory = tmp_path / "names"
    directory.mkdir()
    for path in authority.issue("in.dir.example"):
        shutil.copy(path, directory)
    only = "ECDHE-RSA-AES256-GCM-SHA384"
    one = server(
        "hello",
        https=_https(authority.issue("localhost", file="default")),
        sni_dir=directory,
        sni_dir_ciphers=f"{only}:ECDHE-ECDSA-AES256-GCM-SHA384",
    )
    context = authority.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with certificates.connect(one.address, context, "in.dir.example") as client:
        assert client.cipher()[0].endswith("AES256-GCM-SHA384")
    context.set_ciphers("ECDHE+AES128")
    with certificates.connect(one.address, context, "localhost"):
        pass
    with pytest.raises(ssl.SSLError), certificates.connect(one.address, context, "in.dir.example"):
        pass


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_sessions_are_resumed_by_every_worker_and_after_a_reload(
    server: StartServer, authority: Authority, identity: tuple[Path, Path], version: str
) -> None:
    one = server("hello", https=_https(identity), processes=2)
    context = authority.client()
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    session = None

    def fetch() -> bool:
        nonlocal session
        with certificates.connect(one.address, context, session=session) as client:
            client.sendall(REQUEST)
            assert wire.read_to_end(client).endswith(b"hello")
            session = client.session
            return bool(client.session_reused)

    assert not fetch()
    assert all(fetch() for _ in range(8))
    before = one.workers()
    one.send_signal(1)
    one.wait_replaced(before)
    assert fetch()


def test_idle_connections_hold_no_buffers(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("hello", https=_https(identity))
    context = authority.client()

    with contextlib.ExitStack() as idle:

        def connect(count: int) -> None:
            for _ in range(count):
                client = idle.enter_context(certificates.connect(one.address, context))
                client.sendall(REQUEST.replace(b"Connection: close\r\n", b""))
                answer = b""
                while not answer.endswith(b"hello"):
                    answer += client.recv(1000)

        worker = one.workers()[1]
        connect(300)
        before = processes.private_bytes(worker)
        connect(1000)
        each = (processes.private_bytes(worker) - before) / 1000
        assert each < 16 * 1024, f"{each} bytes for a connection"


@pytest.mark.quick
def test_slow_handshakes_hold_no_thread(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("hello", https=_https(identity))
    held = [wire.connect(one.address) for _ in range(100)]
    for number, connection in enumerate(held):
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[: 1 + number % 11])
    for _ in range(5):
        with certificates.connect(one.address, authority.client()) as client:
            client.sendall(REQUEST)
            assert wire.read_to_end(client).endswith(b"hello")
    for connection in held:
        connection.close()


def test_a_handshake_has_a_deadline(server: StartServer, identity: tuple[Path, Path]) -> None:
    one = server("hello", https=_https(identity), http_headers_timeout=1)
    with wire.connect(one.address) as client:
        client.sendall(b"\x16\x03\x01")
        assert client.recv(100) == b""
    one.wait_log("the TLS handshake took too long, see --http-headers-timeout")


@pytest.mark.quick
def test_http_without_tls_is_told_so(server: StartServer, identity: tuple[Path, Path]) -> None:
    one = server("hello", https=_https(identity))
    with wire.connect(one.address) as client:
        client.sendall(REQUEST)
        assert wire.read_to_end(client).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    one.wait_log("HTTP without TLS on a TLS socket")


@pytest.mark.quick
def test_a_response_that_breaks_off_can_be_told_from_one_that_ends(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("pep3333", https=_https(identity))
    one.expect_errors(".")
    with certificates.connect(
        one.address, authority.client(), suppress_ragged_eofs=False
    ) as client:
        client.sendall(REQUEST.replace(b"/ ", b"/error-after-output "))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            wire.read_to_end(client)


@pytest.mark.quick
def test_http_to_https(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    plain, secure = wire.free_port(), wire.free_port()
    one = server(
        "hello",
        https=",".join(map(str, ["{}:{}".format(*secure), *identity])),
        http_to_https="{}:{}".format(*plain),
        add_header="Strict-Transport-Security: max-age=1",
    )
    answer = http_client.request(plain, "GET", "/a/b?c=d", headers={"Host": "example.com:80"})
    assert answer.status == 301
    assert answer.header("Location") == f"https://example.com:{secure[1]}/a/b?c=d"
    assert answer.header("Strict-Transport-Security") == "max-age=1"
    assert http_client.request(plain, "POST", "/x", b"body").status == 308
    one.stop()


@pytest.mark.quick
def test_the_proxy_header_comes_before_the_handshake(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("environ", https=_https(identity), enable_proxy_protocol=True)
    with wire.connect(one.address) as plain:
        plain.sendall(b"PROXY TCP4 192.0.2.44 198.51.100.7 56324 443\r\n")
        with authority.client().wrap_socket(plain, server_hostname="localhost") as client:
            client.sendall(REQUEST)
            found = json.loads(wire.parse_response(wire.read_to_end(client)).body)
    assert (found["REMOTE_ADDR"], found["HTTPS"]) == ("192.0.2.44", "on")


@pytest.mark.quick
def test_a_handshake_without_a_proxy_header_is_taken_unless_it_is_demanded(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("environ", https=_https(identity), proxy_protocol="accept")
    assert _environ(one, authority.client())["REMOTE_ADDR"] == "127.0.0.1"


def test_without_a_master(
    server: StartServer, authority: Authority, identity: tuple[Path, Path]
) -> None:
    one = server("environ", https=_https(identity), master=False)
    assert _environ(one, authority.client())["HTTPS"] == "on"


@pytest.mark.quick
@pytest.mark.parametrize(
    "lines,message",
    [
        ("{at},missing.crt,{key}", r"cannot read the certificate missing.crt: No such .* path"),
        ("{at},{certificate},missing.key", r"cannot read the key missing.key: No such .* path"),
        ("{at},{certificate},{other}", r"the key .* does not belong to the certificate .*; name"),
        ("{at},{certificate},{rsa}", r"the key .* does not belong to the certificate .*; name"),
        ("{at},{key},{key}", r"cannot use the certificate .*: no start line; .* PEM format"),
        ("{at},{broken},{key}", r"cannot use the certificate .*broken.crt: .*; .* PEM format"),
        ("{at},{certificate},{certificate}", r"cannot use the key .*: .*; .* PEM format"),
        ("{at},{certificate},{locked}", r"cannot use the key .*: it has a passphrase; `openssl"),
        ("{at},{certificate},{key},none", r"cannot use the ciphers none: no cipher match; `openss"),
        ("{at},{certificate},{key},,!", r"no clients' authority is named; write its file after"),
        ("{at},{certificate},{key},,!missing", r"cannot read the clients' authority missing: No"),
        ("{at},{certificate},{key},,{empty}", r"cannot use the clients' authority .*: no start"),
        ("{at},{certificate},{key},,{broken}", r"cannot use the clients' authority .*broken.crt: "),
        ("{good}\nsni = b.test missing.crt,{key}", r"cannot read the certificate .*\(--sni b.test"),
        ("{good}\nsni-dir = /nowhere", r"cannot read the directory /nowhere: .*\(--sni-dir /nowh"),
        ("{good}\nsni-dir = {names}", r"cannot read the clients' authority .*\(--sni-dir c.test"),
    ],
)
def test_what_cannot_be_used_ends_the_start(
    new_server: Callable[..., ServerProcess],
    authority: Authority,
    identity: tuple[Path, Path],
    tmp_path: Path,
    lines: str,
    message: str,
) -> None:
    broken, names = tmp_path / "broken.crt", tmp_path / "names"
    text = identity[0].read_text()
    broken.write_text(text + text.replace("M", "!", 1))
    (tmp_path / "empty").touch()
    names.mkdir()
    shutil.copy(identity[0], names / "c.test.crt")
    shutil.copy(identity[1], names / "c.test.key")
    (names / "c.test.ca").symlink_to("nowhere")
    one = new_server()
    one.expected_status = 1
    one.expect_errors("error: ")
    ini = "https = " + lines.format(
        at="127.0.0.1:0",
        good=_https(identity),
        certificate=identity[0],
        key=identity[1],
        other=authority.issue("other.example")[1],
        rsa=certificates.make_rsa_key(tmp_path / "rsa.key"),
        locked=certificates.encrypt_key(identity[1]),
        broken=broken,
        empty=tmp_path / "empty",
        names=names,
    )
    one.start("hello", ini=ini, ready=False)
    assert one.wait_exit() == 1
    assert one.log_lines(f"^error: {message}")
    _, *others = one.log.splitlines()  # The first one names the ini file.
    assert len(others) == 1, one.log
    option = "sni" if "sni" in lines else "https 127.0.0.1:0"
    assert re.search(rf" \(--{option}.*\)$", one.log.rstrip())


@pytest.mark.quick
@pytest.mark.parametrize("line", ["https = :8443", "https2 = addr=:1,cert=c", "sni = name"])
def test_what_is_not_well_formed_is_an_error(
    new_server: Callable[..., ServerProcess], line: str
) -> None:
    one = new_server()
    one.expected_status = 1
    one.expect_errors("expected")
    one.start("hello", ini=f"http = 127.0.0.1:0\n{line}", ready=False)
    assert one.wait_exit() == 1
    assert one.log_lines(r"server.ini:4: .*expected ")


def test_an_expired_certificate_is_said_once_and_served(
    server: StartServer, authority: Authority
) -> None:
    files = authority.issue("old.example", days=0)
    other = "{}:{}".format(*wire.free_port())
    one = server(
        "hello", https=_https(files), ini=_https(files).replace("127.0.0.1:0", f"https = {other}")
    )
    message = r"the certificate .*old.example.crt (has expired|expires) on .*; .*renew"
    lines = one.wait_log(message)
    assert len(lines) == 1
    assert lines[0].endswith("(--https 127.0.0.1:0)")


def test_a_touched_certificate_is_taken(
    server: StartServer, authority: Authority, tmp_path: Path
) -> None:
    files = (tmp_path / "site.crt", tmp_path / "site.key")
    for source, target in zip(authority.issue("first.example"), files):
        shutil.copy(source, target)
    one = server("hello", https=_https(files))
    assert _is_named(one, authority, "first.example")

    one.expect_errors("does not belong to the certificate")  # Between the two copies.
    for source, target in zip(authority.issue("second.example"), files):
        shutil.copy(source, target)
    wait_until(lambda: _is_named(one, authority, "second.example"), "the second certificate", 20)


def test_a_new_pair_in_the_directory_of_names_is_taken(
    server: StartServer, authority: Authority, identity: tuple[Path, Path], tmp_path: Path
) -> None:
    directory = tmp_path / "names"
    directory.mkdir()
    one = server("hello", https=_https(identity), sni_dir=directory)
    one.expect_errors("reload failed: ")  # A directory is no certificate.
    assert not _is_named(one, authority, "new.example")
    for path in reversed(authority.issue("new.example")):  # The key is there when it is looked for.
        os.replace(shutil.copy(path, tmp_path), directory / path.name)
    wait_until(lambda: _is_named(one, authority, "new.example"), "the new name", 20)
    one.wait_log(r"\*\*\* .*/names has been touched")
    (directory / "odd.crt").mkdir()
    one.wait_log(r"reload failed: cannot read the certificate .*odd\.crt: Is a directory")
    (directory / "odd.crt").rmdir()
    (directory / "new.example.crt").unlink()
    wait_until(lambda: not _is_named(one, authority, "new.example"), "the name's end", 20)
