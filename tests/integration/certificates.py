# SPDX-License-Identifier: MIT
"""Certificates that are made for a test, by openssl."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
from pathlib import Path
from typing import Any, Iterator

import wire

_SUBORDINATE = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"


class Authority:
    """Signs certificates; clients that trust it trust them."""

    def __init__(
        self, directory: Path, name: str = "authority", signer: Authority | None = None
    ) -> None:
        """Make its own, or have `signer` sign it."""
        self.directory = directory
        self.name = name
        self.certificate = directory / f"{name}.crt"
        self.key = directory / f"{name}.key"
        self._serial = 1
        if signer:
            signer.issue(name, extensions=_SUBORDINATE)
            return
        _openssl(
            "req -x509 -nodes -days 30 -newkey ec -pkeyopt ec_paramgen_curve:P-256",
            *("-keyout", self.key, "-out", self.certificate, "-subj", f"/CN={name}"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),  # Python 3.13 is strict.
        )

    def issue(
        self, name: str, *, file: str = "", days: int = 30, extensions: str = ""
    ) -> tuple[Path, Path]:
        """Make a certificate for a server name or a client; return it and its key."""
        stem = self.directory / (file or name.replace("*", "any"))
        certificate, key = stem.with_name(stem.name + ".crt"), stem.with_name(stem.name + ".key")
        request, extra = stem.with_name("request.pem"), stem.with_name("extensions.txt")
        extra.write_text(
            f"subjectAltName=DNS:{name},IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n{extensions}"
        )
        _openssl(
            "req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256",
            *("-keyout", key, "-out", request, "-subj", f"/O=tests/CN={name}"),
        )
        self._serial += 1
        _openssl(
            "x509 -req",
            *("-in", request, "-out", certificate, "-extfile", extra, "-days", days),
            *("-CA", self.certificate, "-CAkey", self.key, "-set_serial", self._serial),
        )
        return certificate, key

    def client(self, identity: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        """Return what a client needs that trusts this authority."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if identity:
            context.load_cert_chain(*identity)
        return context


def encrypt_key(key: Path) -> Path:
    """Return a copy of a key that has a passphrase."""
    encrypted = key.with_suffix(".locked")
    _openssl("pkey -aes256 -passout pass:secret", "-in", key, "-out", encrypted)
    return encrypted


def make_rsa_key(key: Path) -> Path:
    """Make a key that belongs to no certificate here: theirs are of elliptic curves."""
    _openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-out", key)
    return key


@contextlib.contextmanager
def connect(
    address: wire.Address, context: ssl.SSLContext, name: str = "localhost", **kwargs: Any
) -> Iterator[ssl.SSLSocket]:
    """Connect with TLS, asking for a server name."""
    with wire.connect(address) as plain:
        with context.wrap_socket(plain, server_hostname=name, **kwargs) as secure:
            yield secure


def _openssl(command: str, *arguments: object) -> None:
    done = subprocess.run(
        ["openssl", *command.split(), *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
