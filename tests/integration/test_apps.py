# SPDX-License-Identifier: MIT
"""Every way to name an application, and applications of real frameworks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from server import APPS, ServerProcess

StartServer = Callable[..., ServerProcess]

NAMED = APPS / "mounts" / "named.py"

FLASK = """
from flask import Flask, request, stream_with_context, Response, abort
app = Flask(__name__)

@app.get("/")
def index():
    return {"host": request.host, "query": request.args.get("q"), "scheme": request.scheme}

@app.post("/form")
def form():
    sizes = {name: len(file.read()) for name, file in request.files.items()}
    return {"form": request.form.to_dict(), "files": sizes}

@app.get("/stream")
def stream():
    return Response((f"{n}\\n" for n in range(1000)), mimetype="text/plain")

@app.get("/broken")
def broken():
    raise RuntimeError("flask view broke")

@app.get("/gone")
def gone():
    abort(410)
"""
BOTTLE = """
import bottle
app = bottle.Bottle()

@app.get("/hello/<name>")
def hello(name):
    bottle.response.set_cookie("seen", "yes")
    return {"hello": name}

@app.post("/upload")
def upload():
    return str(len(bottle.request.body.read()))

@app.get("/file")
def file():
    return bottle.static_file("data.bin", root=".")
"""
FALCON = """
import falcon

class Things:
    def on_get(self, request, response, number):
        response.media = {"number": number, "q": request.get_param("q")}
    def on_post(self, request, response, number):
        response.media = request.media
        response.status = falcon.HTTP_201
    def on_put(self, request, response, number):
        response.data = b"%d" % len(request.bounded_stream.read())

app = falcon.App()
app.add_route("/things/{number:int}", Things())
"""


@pytest.mark.quick
@pytest.mark.parametrize(
    "options,name",
    [
        ({"module": "named"}, "application"),
        ({"module": "named:app"}, "app"),
        ({"module": "named:factory()"}, "factory"),
        ({"module": "named", "callable": "app"}, "app"),
        ({"module": "package.inner:app"}, "app"),
        ({"wsgi": "named"}, "application"),
        ({"wsgi_file": "named.py"}, "application"),
        ({"wsgi_file": NAMED, "callable": "app"}, "app"),
        ({"file": "named.py"}, "application"),
        ({"module": "named", "callable": "factory()"}, "factory"),
        ({"wsgi_file": NAMED, "callable": "factory()"}, "factory"),
        ({"file": "named.py", "callable": "factory()"}, "factory"),
        ({"file": "named.py:factory()"}, "factory"),
        ({"wsgi_file": "named.py:app"}, "app"),
        ({"module": "named.py:app"}, "app"),
        ({"mount": "/=named.py"}, "application"),
        ({"mount": "/=named.py:factory()"}, "factory"),
        ({"mount": "/=named.py", "callable": "factory()"}, "factory"),
        ({"mount": "/=named:app"}, "app"),
    ],
)
def test_an_application_is_found_by(
    server: StartServer, tmp_path: Path, options: dict[str, Any], name: str
) -> None:
    (tmp_path / "named.py").write_text(NAMED.read_text())
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "inner.py").write_text(NAMED.read_text())
    one = server(**options)
    assert one.get("/x").text.split("|")[0] == name


# Pickles, job stores and the settings of loggers keep these names.
@pytest.mark.quick
def test_modules_of_files_are_named_as_ever(server: StartServer, tmp_path: Path) -> None:
    source = (
        "import sys, threading\n"
        "sys.names = getattr(sys, 'names', []) + [__name__]\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [' '.join(sys.names + [threading.current_thread().name]).encode()]\n"
    )
    for name in ("early.py", "later.py", "site-app.v2.py", "site.wsgi"):
        (tmp_path / name).write_text(source)
    folder = str(tmp_path).replace("/", "_")
    one = server(
        **{"import": "later.py"},
        shared_import=tmp_path / "early.py",
        wsgi_file=tmp_path / "site-app.v2.py",
        mount="/w=site.wsgi",
    )
    assert one.get("/").text.split() == [
        f"{folder}_early",
        "later",
        f"uwsgi_file_{folder}_site-app_v2",
        "uwsgi_file_site_wsgi",
        "uWSGIWorker1Core0",
    ]


@pytest.mark.parametrize(
    "args",
    [["named:app"], ["named.py"], ["-w", "named:app"], ["named.py:app"], ["./named.py:factory()"]],
)
def test_an_application_is_named_on_the_command_line(
    new_server: Callable[..., ServerProcess], tmp_path: Path, args: list[str]
) -> None:
    (tmp_path / "named.py").write_text(NAMED.read_text())
    one = new_server()
    one.listen_on_free_port()
    one.launch("--socket", one.address_text, *args, cwd=tmp_path).wait_ready()
    assert one.get("/x").text.split("|")[0] in ("app", "application", "factory")


@pytest.mark.quick
def test_mounts_choose_by_prefix_and_rewrite_the_path(server: StartServer) -> None:
    mounts = [f"/one={NAMED}", "/two=named:app", "/two/three=named:factory()", "/slash/=named:app"]
    one = server(mount=mounts, manage_script_name=True, pythonpath=NAMED.parent)
    for path, expected in [
        ("/one", "application|/one|"),
        ("/one/x", "application|/one|/x"),
        ("/two/x/y", "app|/two|/x/y"),
        ("/two/three/x", "factory|/two/three|/x"),
        ("/two/threex", "app|/two|/threex"),
        ("/slash/x", "app|/slash|/x"),
        ("/other", "application||/other"),
        ("/onex", "application||/onex"),
    ]:
        assert one.get(path).text == expected, path


def test_without_manage_script_name_the_front_end_chooses(server: StartServer) -> None:
    one = server(mount=[f"/one={NAMED}", "/two=named:app"], pythonpath=NAMED.parent)
    answer = one.get("/two/x", variables={"SCRIPT_NAME": "/two", "PATH_INFO": "/x"})
    assert answer.text == "app|/two|/x"
    assert one.get("/two/x").text.startswith("application|")
    by_id = one.get("/x", variables={"UWSGI_APPID": "/two"})
    assert by_id.text.startswith("app|")


def test_no_default_app_is_the_500_of_old(server: StartServer) -> None:
    one = server(mount=[f"/one={NAMED}"], manage_script_name=True, no_default_app=True)
    one.expect_errors("no python application found")
    answer = one.get("/other")
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert answer.header("Connection") == "close"
    one.wait_log("no python application found, check your startup logs for errors")
    assert one.get("/one/x").text == "application|/one|/x"


@pytest.mark.quick
def test_the_application_finds_its_place_and_environment(
    server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "named.py").write_text(NAMED.read_text())
    one = server(
        module="named",
        chdir=tmp_path / "work",
        pythonpath=[tmp_path / "lib", tmp_path / "other"],
        env={},
        ini="env = GREETING=hello = there",
        socket=tmp_path / "s.sock",
    )
    _, _, _, cwd, _, greeting, first_path = one.get("/where").text.split("|")
    assert cwd == str(tmp_path / "work")
    assert greeting == "hello = there"
    assert first_path == str(tmp_path / "other")


@pytest.mark.parametrize("option", ["home", "virtualenv", "venv", "pyhome"])
def test_a_virtual_environment_is_used(
    server: StartServer, virtualenv: str, tmp_path: Path, option: str
) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True
    )
    packages = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    (packages / "only_here.py").write_text("VALUE = 'from the environment'\n")
    (tmp_path / "uses.py").write_text(
        "import only_here, sys\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [(only_here.VALUE + '|' + sys.prefix).encode()]\n"
    )
    one = server(wsgi_file=tmp_path / "uses.py", **{option: tmp_path / "venv"})
    assert one.get("/").text == f"from the environment|{tmp_path / 'venv'}"


def test_imports_run_before_the_application(server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "early.py").write_text("import sys\nsys.early = ['shared']\n")
    (tmp_path / "later.py").write_text("import sys\nsys.early.append('import')\n")
    (tmp_path / "app.py").write_text(
        "import sys\nSEEN = ','.join(sys.early)\n"
        "def application(e, s):\n    s('200 OK', [])\n    return [SEEN.encode()]\n"
    )
    options = {"shared_import": "early", "import": "later"}
    one = server(wsgi_file=tmp_path / "app.py", **options)
    assert one.get("/").text == "shared,import"


def test_flask_runs(server: StartServer, virtualenv: str, tmp_path: Path) -> None:
    pytest.importorskip("flask")
    (tmp_path / "site.py").unlink(missing_ok=True)
    (tmp_path / "flask_site.py").write_text(FLASK)
    one = server(module="flask_site:app", home=virtualenv, threads=4, processes=2)
    one.expect_errors()
    assert '"query":"\\u00e9"' in one.get("/?q=%C3%A9").text.replace(" ", "")
    body = (
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n'
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
        + b"z" * 3_000_000
        + b"\r\n--b--\r\n"
    )
    answer = one.post("/form", body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert '"f":3000000' in answer.text.replace(" ", "").replace("\n", "")
    assert one.get("/stream").text == "".join(f"{n}\n" for n in range(1000))
    assert one.get("/broken").status == 500
    assert one.get("/gone").status == 410
    one.wait_log("RuntimeError: flask view broke")


def test_bottle_runs(server: StartServer, virtualenv: str, tmp_path: Path) -> None:
    pytest.importorskip("bottle")
    (tmp_path / "bottle_site.py").write_text(BOTTLE)
    (tmp_path / "data.bin").write_bytes(b"d" * 100_000)
    one = server(module="bottle_site:app", home=virtualenv, threads=2, chdir=tmp_path)
    one.files_may_grow = True
    answer = one.get("/hello/w%C3%B6rld")
    assert answer.text == '{"hello": "w\\u00f6rld"}'
    assert (answer.header("Set-Cookie") or "").startswith("seen=yes")
    assert one.post("/upload", b"u" * 200_000).text == "200000"
    assert one.get("/file").body == b"d" * 100_000
    assert one.request("HEAD", "/file").header("Content-Length") == "100000"
    assert one.get("/none").status == 404


def test_falcon_runs(server: StartServer, virtualenv: str, tmp_path: Path) -> None:
    pytest.importorskip("falcon")
    (tmp_path / "falcon_site.py").write_text(FALCON)
    one = server(module="falcon_site:app", home=virtualenv, threads=2)
    assert one.get("/things/7?q=x").text == '{"number": 7, "q": "x"}'
    json_type = {"Content-Type": "application/json"}
    answer = one.post("/things/7", b'{"a": [1, 2]}', headers=json_type)
    assert (answer.status, answer.text) == (201, '{"a": [1, 2]}')
    assert one.request("PUT", "/things/7", body=b"p" * 50_000).text == "50000"
