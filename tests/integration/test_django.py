# SPDX-License-Identifier: MIT
"""The example site: real Django, its database, forms, uploads, downloads and admin."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest
import wire
from clients import Crowd
from nginx import Nginx
from server import ServerProcess

NewServer = Callable[..., ServerProcess]
StartNginx = Callable[..., Nginx]

EXAMPLE = Path(__file__).parents[2] / "examples" / "mmcsite"

pytestmark = pytest.mark.skipif(not EXAMPLE.exists(), reason="the example site is not here")


class Browser:
    """Keeps cookies and finds the token of a form."""

    def __init__(self, ask: Callable[..., wire.Response]) -> None:
        """Use `ask(method, target, body, headers)` for every request."""
        self._ask = ask
        self.cookies: dict[str, str] = {}

    def _request(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> wire.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**(headers or {}), **({"Cookie": cookie} if cookie else {})}
        answer = self._ask(method, target, body, sent)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer

    def get(self, target: str) -> wire.Response:
        """Do a GET with the cookies."""
        return self._request("GET", target)

    def submit(self, target: str, **fields: str) -> wire.Response:
        """Fetch a page for its token, then post its form."""
        token = self._token(target)
        pairs = {"csrfmiddlewaretoken": token, **fields}
        body = "&".join(f"{k}={v}" for k, v in pairs.items()).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._request("POST", target, body, headers)

    def upload(self, target: str, content: bytes) -> wire.Response:
        """Fetch a page for its token, then post a file."""
        token = self._token(target).encode()
        body = (
            b'--bound\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            + token
            + b'\r\n--bound\r\nContent-Disposition: form-data; name="file"; filename="f.bin"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--bound--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=bound"}
        return self._request("POST", target, body, headers)

    def _token(self, target: str) -> str:
        page = self.get(target).text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        return found.group(1)


@pytest.fixture(scope="session")
def prepared_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the example and prepare its database once."""
    pytest.importorskip("django")
    site = tmp_path_factory.mktemp("site") / "mmcsite"
    ignored = shutil.ignore_patterns("db.sqlite3*", "*.log", "*.pid", "__pycache__", ".nginx*")
    shutil.copytree(EXAMPLE, site, ignore=ignored)
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=site, check=True)
    return site


@pytest.fixture
def site(prepared_site: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared_site, tmp_path / "mmcsite")
    return tmp_path / "mmcsite"


@pytest.fixture
def standalone(new_server: NewServer, site: Path, virtualenv: str) -> ServerProcess:
    """Start the second journey: `uwsgi --http … --file mmcsite/wsgi.py --static-map …`."""
    one = new_server()
    one.listen_on_free_port("http")
    one.files_may_grow = True
    arguments = ["--http", one.address_text, "--file", "mmcsite/wsgi.py"]
    arguments += ["--static-map=/static=static", "--home", virtualenv, "--threads", "4"]
    one.launch(*arguments, cwd=site).wait_ready()
    return one


@pytest.fixture
def behind_nginx(
    new_server: NewServer, nginx: StartNginx, site: Path, virtualenv: str
) -> tuple[ServerProcess, Nginx]:
    """Start the first journey with the example's own files, its ports replaced."""
    one = new_server()
    one.listen_on_free_port()
    one.files_may_grow = True
    one.daemonized = True
    one.log_path = site / "uwsgi.log"
    ini = (site / "uwsgi.ini").read_text()
    port = one.address_text.partition(":")[2]
    (site / "uwsgi.ini").write_text(ini.replace("3031", port) + f"\nhome = {virtualenv}\n")
    one.launch("--ini", "uwsgi.ini", cwd=site, processes=5).wait_ready()
    text = (site / "nginx.conf").read_text()
    if os.getuid() == 0:  # Root's nginx would not be let into a directory of root's.
        text = f"user root;\n{text}"
    text = text.replace("127.0.0.1:3031", one.address_text)
    text = text.replace("listen 127.0.0.1:8080", f"listen unix:{site}/nginx.sock")
    proxy = nginx(directory=site, configuration=text, address=f"{site}/nginx.sock")
    return one, proxy


def check_pages(browser: Browser) -> None:
    """Visit every page of the site as a visitor would."""
    assert browser.get("/").status == 200
    assert browser.get("/hello/").body == b"hello\n"
    answer = browser.submit("/notes/", author="Ada", text="Hello+from+a+test")
    assert answer.status == 302
    assert "Hello from a test" in browser.get("/notes/").text
    assert browser._request("POST", "/notes/", b"author=x&text=y").status == 403
    content = bytes(range(256)) * 8000
    answer = browser.upload("/upload/", content)
    assert answer.status == 200
    assert hashlib.sha256(content).hexdigest() in answer.text
    lines = browser.get("/download/?rows=20000").text.splitlines()
    assert lines[0] == "number,square"
    assert lines[-1] == "19999,399960001"
    assert browser.get("/no-such-page/").status == 404
    assert browser.get("/admin/").status == 302
    login = "/admin/login/?next=/admin/"
    assert browser.submit(login, username="admin", password="admin").status == 302
    assert "Site administration" in browser.get("/admin/").text


@pytest.mark.quick
def test_the_site_works_alone(standalone: ServerProcess) -> None:
    check_pages(Browser(lambda m, t, b, h: standalone.request(m, t, body=b or None, headers=h)))
    page = standalone.get("/").text
    links = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert links
    for link in links:
        answer = standalone.get(link)
        assert answer.status == 200
        assert answer.header("Last-Modified")
    assert standalone.get("/static/admin/css/base.css").status == 200


@pytest.mark.quick
def test_the_site_works_behind_nginx(behind_nginx: tuple[ServerProcess, Nginx]) -> None:
    one, proxy = behind_nginx
    check_pages(Browser(lambda m, t, b, h: proxy.request(m, t, b or None, h)))
    assert proxy.get("/static/admin/css/base.css").status == 200
    one.wait_log(r"GET /download/\?rows=20000 => generated \d+ bytes")


def test_an_upload_beyond_nginx_s_limit_is_nginx_s_413(
    behind_nginx: tuple[ServerProcess, Nginx],
) -> None:
    one, proxy = behind_nginx
    proxy.expected_errors.append("too large body")
    assert proxy.request("POST", "/upload/", b"x" * 6_000_000).status == 413
    assert one.get("/hello/").status == 200


def test_many_visitors_write_at_once(standalone: ServerProcess) -> None:
    def visit(number: int) -> int:
        browser = Browser(lambda m, t, b, h: standalone.request(m, t, body=b or None, headers=h))
        return browser.submit("/notes/", author=f"visitor{number}", text="busy").status

    with Crowd(8) as crowd:
        visits = [crowd.call(visit, number) for number in range(24)]
    assert {visit.result() for visit in visits} == {302}


def test_sleeping_views_share_the_slots(behind_nginx: tuple[ServerProcess, Nginx]) -> None:
    _, proxy = behind_nginx
    with Crowd(60) as crowd:
        answers = [crowd.call(proxy.get, "/sleep/?ms=50") for _ in range(120)]
    assert {a.result().status for a in answers} == {200}
