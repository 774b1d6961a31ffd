# SPDX-License-Identifier: MIT
"""What stands in examples/, beside the Django site: it does what its comments and pages say."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest
from clients import Gate
from nginx import Nginx
from pages import ROOT, Command, ShownFile, follow, steps
from sandbox import CommandFailed, Sandbox, sandbox
from server import APPS, Binary, ServerProcess
from waiting import wait_until

NewServer = Callable[..., ServerProcess]

EXAMPLES = ROOT / "examples"

pytestmark = pytest.mark.not_for_oracle


@pytest.fixture
def terminal(binary: Binary, tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path, binary.path) as one:
        yield one


# Three servers behind one nginx.

FRONT = "http://127.0.0.1:8080"


@pytest.fixture
def three(terminal: Sandbox) -> Sandbox:
    terminal.run(f"cp -r {EXAMPLES}/three-servers ~/three && cd ~/three")
    for number in (1, 2, 3):
        terminal.run(f"uwsgi --set number={number} --ini server.ini")
    terminal.run("nginx -p . -c nginx.conf -e nginx-error.log")
    return terminal


def who_answers(terminal: Sandbox) -> set[str]:
    """Return the numbers of the servers that answer nine requests, of which none may fail.

    The pages are below /public/, where nobody is limited, and new, so that no cache has them.
    """
    url = f"{FRONT}/public/{time.monotonic_ns()}-[1-9]"
    text = terminal.make(f"curl --silent --fail '{url}' || cat /srv/home/three/nginx-error.log >&2")
    assert text.count("\n") == 9, text
    return set(re.findall(r"server (\d)", text))


def public_page(terminal: Sandbox) -> tuple[str, str]:
    """Return what nginx's cache says of a page, and the page."""
    head, _, body = terminal.make(f"curl --silent --fail -i {FRONT}/public/a").partition("\n\n")
    found = re.search(r"X-Cache: (\w+)", head)
    assert found, head
    return found.group(1), body


def test_three_servers_share_the_requests(three: Sandbox) -> None:
    assert who_answers(three) == {"1", "2", "3"}


def test_a_server_that_fails_is_passed_over_and_comes_back(three: Sandbox) -> None:
    three.run("kill -KILL $(cat server-2.pid)")
    assert who_answers(three) == {"1", "3"}
    three.run("uwsgi --set number=2 --ini server.ini")
    wait_until(lambda: who_answers(three) == {"1", "2", "3"}, "the second server's return", 30)


def test_servers_that_are_reloaded_in_turn_lose_no_request(three: Sandbox) -> None:
    for number in (1, 2, 3):
        three.run(f"uwsgi --reload server-{number}.pid --wait")
        assert who_answers(three) == {"1", "2", "3"}


def test_nginx_limits_who_asks_too_fast(three: Sandbox) -> None:
    load = "--silent --output /dev/null --write-out '%{http_code}\\n' --parallel"
    statuses = three.make(f"curl {load} '{FRONT}/[1-600]'").split()
    assert len(statuses) == 600
    assert set(statuses) == {"200", "429"}


def test_nginx_caches_public_pages_and_keeps_them_while_no_server_answers(three: Sandbox) -> None:
    assert who_answers(three)
    state, page = public_page(three)
    assert state == "MISS"
    assert public_page(three) == ("HIT", page)
    for number in (1, 2, 3):
        three.run(f"uwsgi --stop server-{number}.pid --wait")
    wait_until(lambda: public_page(three)[0] != "HIT", "the page to get old", 30)
    assert public_page(three) == ("STALE", page)


# systemd


def nginx_workers(terminal: Sandbox) -> set[str]:
    return set(terminal.make("pgrep --parent $(cat /run/nginx.pid)").split())


@pytest.fixture
def deployed(terminal: Sandbox, virtualenv: str) -> Sandbox:
    """Set the site of docs/operating.md up, up to its first deploy."""
    if not terminal.has_systemd:
        pytest.skip("no systemd can be started here")
    terminal.start_nginx()
    before = nginx_workers(terminal)
    terminal.install_server()
    follow(terminal, "docs/operating.md", until="uwsgi --ini site.ini --check-config")
    # `nginx -s reload` returns at once, and until they are gone the old ones answer, too.
    wait_until(lambda: not before & nginx_workers(terminal), "nginx to be reloaded")
    return terminal


def site(terminal: Sandbox) -> str:
    return terminal.make("curl --silent --show-error --fail http://localhost/")


def test_systemd_finds_no_fault_with_the_units(terminal: Sandbox) -> None:
    if not terminal.has_systemd:
        pytest.skip("no systemd can be started here")
    terminal.install_server()
    for unit in ("site.service", "site.socket"):
        assert terminal.run(f"systemd-analyze verify {EXAMPLES}/systemd/{unit}") == ""


def test_systemd_finds_no_fault_with_the_template_of_the_package(terminal: Sandbox) -> None:
    if not terminal.has_systemd:
        pytest.skip("no systemd can be started here")
    terminal.install_server()
    text = (ROOT / "cmake" / "debian" / "uwsgi@.service").read_text()
    # What only the package installs.
    text = text.replace("/usr/bin/uwsgi-server", "/usr/local/bin/uwsgi")
    text = text.replace("Documentation=man:uwsgi-server(1)\n", "")
    terminal.write("/etc/systemd/system/uwsgi@site.service", text)
    assert terminal.run("systemd-analyze verify uwsgi@site.service") == ""


def show(terminal: Sandbox, name: str) -> str:
    """Return what systemd knows of the service."""
    return terminal.make(f"systemctl show site.service --property {name} --value").strip()


def test_systemd_takes_a_start_for_done_when_the_application_is_loaded(deployed: Sandbox) -> None:
    deployed.run("sudo systemctl stop site.service")
    deployed.run("mkfifo gate && echo \"open('/srv/site/gate').read()\" >>current/app.py")
    deployed.run("sudo systemctl start --no-block site.service")
    wait_until(lambda: show(deployed, "ActiveState") == "activating", "the start to begin")
    deployed.run("echo go >gate")
    wait_until(lambda: show(deployed, "ActiveState") == "active", "the start to end")


def test_a_start_fails_with_its_application(deployed: Sandbox) -> None:
    deployed.run("sudo systemctl stop site.service site.socket")
    deployed.run("echo 'import nowhere' >>current/app.py")
    with pytest.raises(CommandFailed, match="failed"):
        deployed.run("sudo systemctl start site.service")
    assert show(deployed, "ExecMainStatus") == "22"
    deployed.make("systemctl stop site.service site.socket")


def test_systemd_takes_ten_reloads_for_reloads(deployed: Sandbox) -> None:
    before = show(deployed, "MainPID")
    for _ in range(10):
        deployed.run("sudo systemctl reload site")
    assert site(deployed) == "Release 1\n"
    assert (show(deployed, "ActiveState"), show(deployed, "SubState")) == ("active", "running")
    assert (show(deployed, "MainPID"), show(deployed, "NRestarts")) == (before, "0")


def test_a_master_that_hangs_is_replaced(deployed: Sandbox) -> None:
    short = "/etc/systemd/system/site.service.d/short.conf"
    deployed.write(short, "[Service]\nWatchdogSec=1\nTimeoutAbortSec=1\n")
    deployed.run("sudo systemctl daemon-reload && sudo systemctl restart site.service")
    hung = show(deployed, "MainPID")
    deployed.make(f"kill -STOP {hung}")
    wait_until(lambda: show(deployed, "NRestarts") == "1", "systemd to lose patience", 20)
    wait_until(lambda: show(deployed, "ActiveState") == "active", "the site's return")
    assert show(deployed, "MainPID") != hung
    assert site(deployed) == "Release 1\n"


def test_a_site_whose_master_is_killed_comes_back_by_itself(deployed: Sandbox) -> None:
    before = deployed.make("cat /run/site/site.pid")
    deployed.make(f"kill -KILL {before}")
    wait_until(
        lambda: deployed.make("cat /run/site/site.pid || true") not in (before, ""), "a new master"
    )
    assert site(deployed) == "Release 1\n"


def test_a_restart_turns_no_client_away(deployed: Sandbox) -> None:
    deployed.run("(for i in $(seq 40); do curl -sSf http://localhost/ || exit 1; done) >got 2>&1 &")
    deployed.run("sudo systemctl restart site")
    wait_until(lambda: deployed.make("wc -l </srv/site/got") == "40\n", "forty answers")
    assert set(deployed.make("cat /srv/site/got").splitlines()) == {"Release 1"}


def test_a_release_that_does_not_load_is_told_and_the_old_one_serves(deployed: Sandbox) -> None:
    deployed.run("mkdir releases/2 && echo 'import nowhere' >releases/2/app.py")
    deployed.run("cp -r releases/1/.venv releases/2/ && ln -sfn releases/2 current")
    with pytest.raises(CommandFailed):
        deployed.run("sudo systemctl reload site")
    assert site(deployed) == "Release 1\n"
    assert "No module named 'nowhere'" in deployed.make("journalctl -u site -o cat")


def test_the_journal_names_the_slowest_requests(deployed: Sandbox) -> None:
    slowest = next(
        step.text
        for step in steps("docs/operating.md")
        if isinstance(step, Command) and "sort -rn" in step.text
    )
    assert site(deployed) == "Release 1\n"

    def lines() -> list[str]:
        return deployed.run(slowest).splitlines()

    wait_until(lambda: lines(), "a request in the journal")
    assert all(re.fullmatch(r"\d+ ms GET /", line) for line in lines()), lines()


def test_nginx_says_502_where_the_page_says_so(deployed: Sandbox) -> None:
    def status_and_reason() -> tuple[str, str]:
        status = deployed.make(
            "curl --silent --output /dev/null --write-out '%{http_code}' http://localhost/"
        )
        return status, deployed.make("tail -n 1 /var/log/nginx/error.log")

    deployed.make("chown root:root /run/site.sock")
    status, reason = status_and_reason()
    assert (status, "Permission denied" in reason) == ("502", True), reason
    deployed.make("chown www-data /run/site.sock")
    assert status_and_reason()[0] == "200"
    deployed.make("systemctl stop site.socket site.service")
    status, reason = status_and_reason()
    assert status == "502"
    assert re.search("Connection refused|No such file", reason), reason


HUGE = """
def application(environ, start_response):
    start_response("200 OK", [("X-Huge", "x" * 20000)])
    return [b""]
"""

CRASH = """
import ctypes

def application(environ, start_response):
    ctypes.string_at(0)
"""


@pytest.mark.parametrize(
    "app, location, body, status, reason",
    [
        (HUGE, "", None, 502, "too big header"),
        (CRASH, "", None, 502, "prematurely closed"),
        (None, "uwsgi_read_timeout 1s;", None, 504, "timed out"),
        (None, "client_max_body_size 1m;", b"x" * 1_100_000, 413, "too large body"),
    ],
    ids=["header", "crash", "slow", "body"],
)
def test_nginx_says_what_the_page_says(
    server: Callable[..., ServerProcess],
    nginx: Callable[..., Nginx],
    gate: Gate,
    tmp_path: Path,
    app: str | None,
    location: str,
    body: bytes | None,
    status: int,
    reason: str,
) -> None:
    file = tmp_path / "app.py"
    file.write_text(app or (APPS / "gate" / "app.py").read_text())
    one = server(wsgi_file=file, threads=2, env={"GATE": str(gate.directory)})
    one.expect_errors()
    proxy = nginx(upstream=one.address, location=location)
    assert proxy.request("POST" if body else "GET", "/wait?slow", body).status == status
    log = proxy.directory / "nginx-error.log"
    wait_until(lambda: reason in log.read_text(), f"`{reason}` in nginx's log")
    gate.open()


def test_a_crash_says_where_in_python(server: Callable[..., ServerProcess], tmp_path: Path) -> None:
    (tmp_path / "crash.py").write_text(CRASH)
    one = server(wsgi_file=tmp_path / "crash.py", env={"PYTHONFAULTHANDLER": "1"})
    one.expect_errors("DAMN")
    with pytest.raises((OSError, AssertionError)):
        one.get("/")
    one.wait_log("died, killed by signal 11")
    one.wait_log(r'File ".*crash\.py", line 5 in application')


# logrotate


def test_logrotate_keeps_what_was_logged_and_the_server_goes_on(
    new_server: NewServer, tmp_path: Path
) -> None:
    log = tmp_path / "uwsgi.log"
    one = new_server()
    one.log_path = log
    one.start("hello", logto=log)
    one.get("/before")
    one.wait_log("GET /before ")
    configuration = tmp_path / "logrotate.conf"
    text = (EXAMPLES / "logrotate" / "site").read_text()
    assert "/srv/site/uwsgi.log" in text
    configuration.write_text(text.replace("/srv/site/uwsgi.log", str(log)))
    configuration.chmod(0o644)
    command = ["/usr/sbin/logrotate", "--force", "--state", str(tmp_path / "state")]
    if not Path(command[0]).exists():
        pytest.skip("logrotate is not installed")
    subprocess.run([*command, str(configuration)], check=True, timeout=60)
    assert "GET /before " in Path(f"{log}.1").read_text()
    one.get("/after")
    one.wait_log("GET /after ")
    assert b"\0" not in log.read_bytes()
    assert "GET /before " not in one.log


# Docker


def instructions(name: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, their continued lines joined."""
    text = (EXAMPLES / "docker" / name).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], " ".join(line.split()[1:])) for line in lines]


def readme_commands() -> list[str]:
    return [step.text for step in steps("README.md") if isinstance(step, Command)]


def test_the_dockerfiles_have_the_commands_of_the_readme() -> None:
    readme = readme_commands()
    typed = [
        command
        for name in ("server.Dockerfile", "site.Dockerfile")
        for what, line in instructions(name)
        if what == "RUN" and "apt-get" not in line
        for command in line.replace("cd /src && ", "").split(" && ")
    ]
    assert typed == ["tools/install", "python3 -m venv .venv", ".venv/bin/pip install flask"]
    assert set(typed) <= set(readme)
    command = json.loads(dict(instructions("site.Dockerfile"))["CMD"])
    assert " ".join(command).replace(":8000", "127.0.0.1:8000") in readme
    files = [step.path for step in steps("README.md") if isinstance(step, ShownFile)]
    copied = dict(instructions("site.Dockerfile"))["COPY"].split()[0]
    assert copied in files


def test_the_image_has_every_library_that_the_server_needs(binary: Binary) -> None:
    """The others are in every Debian: apt needs them."""
    listed = next(line for what, line in instructions("server.Dockerfile") if "libuv1" in line)
    needed = subprocess.run(["ldd", str(binary.path)], capture_output=True, text=True, check=True)
    for path in re.findall(r"=> (/\S+)", needed.stdout):
        found = subprocess.run(
            ["dpkg-query", "--search", f"*/{Path(path).name}"], capture_output=True, text=True
        )
        packages = re.findall(r"^([a-z0-9.+-]+)", found.stdout, re.MULTILINE)
        if not packages:
            pytest.skip(f"{path} is of no Debian package")
        given = [*listed.split(), "libc6", "libgcc-s1", "libstdc++6"]
        assert set(packages) & set(given), f"{path} is in {packages}"
