# SPDX-License-Identifier: MIT
"""The server in a container, and what examples/kubernetes/ says of it."""

from __future__ import annotations

import os
import shlex
import signal
from typing import Any, Callable

import processes
import pytest
import yaml
from pages import ROOT
from server import APPS, Binary, ServerProcess

pytestmark = [pytest.mark.quick, pytest.mark.not_for_oracle]

MANIFEST = ROOT / "examples" / "kubernetes" / "site.yaml"

CONTAINED = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]

# Everything is read-only but /tmp; the server is the first process, and has no right of root's.
CONTAINER = """
set -e
mount -t tmpfs tmpfs /mnt
cp {binary} {app} /mnt
cd /mnt
mount -o remount,bind,ro /mnt
mount -o remount,bind,ro /
mount -t tmpfs -o mode=1777 tmpfs /tmp
exec setpriv --reuid 33 --regid 33 --clear-groups --no-new-privs --bounding-set=-all \
  --inh-caps=-all ./{name} --http {address} --wsgi-file app.py
"""


def documents() -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in yaml.safe_load_all(MANIFEST.read_text())}


def test_kubernetes_takes_the_manifest() -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate")  # From Python 3.9 on.
    for one in documents().values():
        kubernetes_validate.validate(one, "1.34", strict=True)


def test_a_pod_has_time_for_its_last_requests(binary: Binary) -> None:
    pod = documents()["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    explained = binary.run("--explain", "worker-reload-mercy").stdout
    mercy = next(int(line.split()[1]) for line in explained.splitlines() if "default:" in line)
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > before + mercy


def test_the_manifest_and_the_image_name_the_same(binary: Binary) -> None:
    image = (ROOT / "examples" / "docker" / "site.Dockerfile").read_text()
    both = documents()
    (container,) = both["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert f"--tag {container['image']} " in image
    (port,) = container["ports"]
    assert f"EXPOSE {port['containerPort']}\n" in image
    (service,) = both["Service"]["spec"]["ports"]
    assert service["targetPort"] == port["name"]
    assert both["Service"]["spec"]["selector"].items() <= (
        both["Deployment"]["spec"]["template"]["metadata"]["labels"].items()
    )


def test_the_first_process_of_a_container_that_may_write_nothing(
    new_server: Callable[[], ServerProcess], binary: Binary
) -> None:
    if binary.is_wheel or os.getuid() != 0:
        pytest.skip("it takes root, and a command of one file")
    one = new_server()
    one.listen_on_free_port("http")
    script = CONTAINER.format(
        binary=shlex.quote(str(binary.path.resolve())),
        app=shlex.quote(str(APPS / "hello" / "app.py")),
        name=binary.path.name,
        address=one.address_text,
    )
    one.binary = Binary(binary.path, [*CONTAINED, "bash", "-c", script])
    one.launch()
    one.wait_log("ready in ")
    assert one.get("/").body == b"hello"
    assert one.process is not None
    os.kill(processes.first_child(one.process.pid), signal.SIGTERM)
    assert one.wait_exit() == 0
