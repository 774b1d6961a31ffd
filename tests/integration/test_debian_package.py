# SPDX-License-Identifier: MIT
"""The Debian package, installed beside Debian's own uwsgi, in a Debian of its own."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Iterator

import pytest
from chroots import ROOT, Chroot, chroot
from waiting import wait_until

pytestmark = [pytest.mark.package, pytest.mark.not_for_oracle]

UNIT = ROOT / "cmake" / "debian" / "uwsgi@.service"

# As Debian's packages want it.
SITE = """
[uwsgi]
plugins = python3
master = true
processes = 2
uid = www-data
gid = www-data
chdir = /srv/site
module = app:app
socket = /run/uwsgi/app/site/socket
pidfile = /run/uwsgi/app/site/pid
http-socket = 127.0.0.1:8300
"""

APP = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Release 1"]
"""


@pytest.fixture
def package() -> Path:
    made = list((ROOT / "build" / "deb").glob("*.deb"))
    assert len(made) == 1, "tools/build_deb makes the package"
    return made[0]


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[Chroot]:
    """Return a Debian of which the whole uwsgi is installed."""
    packages = ("python3", "uwsgi", "uwsgi-plugin-python3", "man-db", "systemd", "curl")
    with chroot("bookworm", tmp_path / "debian", packages) as one:
        yield one


def install(debian: Chroot, package: Path) -> None:
    debian.copy(package, f"/srv/{package.name}")
    debian.install(f"/srv/{package.name}")


def files(debian: Chroot) -> list[str]:
    """Return the names of all files, without what is apt's, dpkg's and the logs'."""
    kept = "/proc /sys /dev /run /tmp /mnt /srv /var/cache /var/log /var/lib/apt /var/lib/dpkg"
    pruned = " -o ".join(f"-path {path}" for path in kept.split())
    return sorted(debian.run(f"find / \\( {pruned} \\) -prune -o -print").splitlines())


def alternative(debian: Chroot) -> str:
    return debian.run("readlink -f /usr/bin/uwsgi").strip()


def of_unit(name: str) -> str:
    """Return the value of a line of the unit, as of the site `site`."""
    found = re.search(f"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)
    assert found
    return found[1].replace("%i", "site")


def as_user(command: str) -> str:
    return f"setpriv --reuid www-data --regid www-data --init-groups {command}"


def get(debian: Chroot) -> str:
    return debian.run("curl --silent --show-error --fail http://127.0.0.1:8300/")


def test_the_package_and_debians_own_are_alternatives(debian: Chroot, package: Path) -> None:
    before = files(debian)
    install(debian, package)
    assert alternative(debian) == "/usr/bin/uwsgi-server"
    assert debian.run("uwsgi --version").startswith("3.")
    manual = debian.run("man -P cat uwsgi")
    assert "--wsgi-file" in manual
    assert "apps-enabled" in manual
    debian.run("update-alternatives --quiet --set uwsgi /usr/bin/uwsgi-core")
    assert debian.run("uwsgi --version").startswith("2.")
    debian.run("update-alternatives --quiet --auto uwsgi")
    assert alternative(debian) == "/usr/bin/uwsgi-server"
    # Nor does what it runs leave anything.
    debian.run("uwsgi --help >/dev/null; uwsgi-server --python-version")
    debian.run("apt-get -q -y purge --autoremove uwsgi-server")
    assert alternative(debian) == "/usr/bin/uwsgi-core"
    assert files(debian) == before


def test_no_file_of_debians_own_is_touched(debian: Chroot, package: Path) -> None:
    install(debian, package)
    assert debian.run("dpkg --verify uwsgi-core uwsgi uwsgi-plugin-python3") == ""
    ours = debian.run("dpkg --listfiles uwsgi-server").splitlines()
    theirs = debian.run("dpkg --listfiles uwsgi-core uwsgi uwsgi-plugin-python3").splitlines()
    shared = [path for path in set(ours) & set(theirs) if path not in ("", "/.")]
    for path in shared:
        assert debian.path(path).is_dir(), path


def test_the_units_commands_serve_a_site_of_debians(debian: Chroot, package: Path) -> None:
    install(debian, package)
    assert debian.run("systemd-analyze verify uwsgi@site.service") == ""
    debian.run("mkdir -p /srv/site /run/uwsgi/app/site")
    debian.run("chown www-data:www-data /run/uwsgi/app/site")
    debian.path("/srv/site/app.py").write_text(APP)
    debian.path("/etc/uwsgi/apps-enabled/site.ini").write_text(SITE)
    start = as_user(of_unit("ExecStart"))
    debian.run(f"setsid {start} </dev/null >/srv/log 2>&1 & sleep 0")
    log = debian.path("/srv/log")
    wait_until(lambda: "ready in " in log.read_text(), "the site to serve", 20)
    assert get(debian) == "Release 1"
    assert "error" not in log.read_text()
    assert "warning" not in log.read_text()
    debian.path("/srv/site/app.py").write_text(APP.replace("Release 1", "Release 2"))
    debian.run(as_user(of_unit("ExecReload")))
    assert get(debian) == "Release 2"
    master = debian.run("cat /run/uwsgi/app/site/service.pid").strip()
    assert debian.run("cat /run/uwsgi/app/site/pid").strip() == master
    debian.run(f"kill -TERM {shlex.quote(master)}")
    wait_until(lambda: not debian.path(f"/proc/{master}").exists(), "the site to stop")
    assert debian.run("ls /run/uwsgi/app/site") == ""
