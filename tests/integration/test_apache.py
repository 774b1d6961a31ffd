# SPDX-License-Identifier: MIT
"""Behind Apache, by mod_proxy_uwsgi and mod_proxy_http."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import uwsgi_client
from apache import Apache
from server import ServerProcess

StartServer = Callable[..., ServerProcess]
StartApache = Callable[[str], Apache]


@pytest.fixture
def apache(tmp_path: Path) -> Iterator[StartApache]:
    if shutil.which("apache2") is None:
        pytest.skip("apache2 is not installed")
    started: list[Apache] = []

    def start(extra: str) -> Apache:
        started.append(Apache(tmp_path, extra))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.mark.parametrize(
    "target, script_name, path_info",
    [
        ("/", "", "/"),
        ("/page", "", "/page"),
        ("/app/", "/app", "/"),  # Apache sends /app/ and /.
        ("/app/page", "/app", "/page"),
    ],
)
def test_script_name_and_path_info_make_the_requests_path(
    server: StartServer, apache: StartApache, target: str, script_name: str, path_info: str
) -> None:
    one = server("environ", socket="127.0.0.1:0")
    upstream = f"uwsgi://{one.address_text}/"
    proxy = apache(f"ProxyPass /app/ {upstream}\nProxyPass / {upstream}")
    found: dict[str, Any] = json.loads(proxy.get(target).body)
    assert (found["SCRIPT_NAME"], found["PATH_INFO"]) == (script_name, path_info)


def test_an_application_below_a_prefix_satisfies_the_validator(
    server: StartServer, apache: StartApache
) -> None:
    one = server("validated", socket="127.0.0.1:0")
    proxy = apache(f"ProxyPass /app/ uwsgi://{one.address_text}/")
    assert proxy.get("/app/").body == b"0 bytes"


@pytest.mark.quick
@pytest.mark.parametrize("script_name", ["/", "/app/"])
def test_a_slash_that_script_name_and_path_info_share_is_cut(
    server: StartServer, script_name: str
) -> None:
    # Older releases of Apache send a slash where they mean nothing.
    one = server("validated")
    variables = {"SCRIPT_NAME": script_name, "PATH_INFO": "/page", "CONTENT_LENGTH": "0"}
    assert uwsgi_client.request(one.address, variables=variables).body == b"0 bytes"


@pytest.mark.parametrize("allowed", [True, False])
def test_single_sign_on_by_a_header_with_underscores(
    server: StartServer, apache: StartApache, allowed: bool
) -> None:
    options = {"http_allow_underscore": "OIDC_CLAIM_email"} if allowed else {}
    one = server("environ", http="127.0.0.1:0", **options)
    proxy = apache(
        f"RequestHeader set OIDC_CLAIM_email joe@example.com\nProxyPass / http://{one.address_text}/"
    )
    found = json.loads(proxy.get("/", {"OIDC-CLAIM-EMAIL": "forged@example.com"}).body)
    expected = "joe@example.com" if allowed else "forged@example.com"
    assert found["HTTP_OIDC_CLAIM_EMAIL"] == expected
    if not allowed:
        one.wait_log(
            "warning: the header OIDC_CLAIM_email from 127.0.0.1 is left out: .*underscore"
        )
