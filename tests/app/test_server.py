"""Starting and ending the app: what can be wrong is one line, and the studies that run are named at the end."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from app_client import app, until
from commands import command

from beatnaive.app.server import listening
from beatnaive.core.errors import InputError

__all__ = ["command"]


def test_a_folder_that_is_none_and_a_port_that_is_taken_are_told_in_a_line(command, tmp_path):
    said = command("app", "nowhere", "--no-browser")
    assert said.code == 2
    assert "nowhere is not a folder" in said.err
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = command("app", ".", "--no-browser", "--port", other.getsockname()[1])
    assert said.code == 2
    assert "in use" in said.err
    assert "(--port)" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_cannot_be_is_refused(port):
    with pytest.raises(InputError, match="port"):
        listening("127.0.0.1", port)


def test_where_the_extra_is_missing_it_says_what_to_install(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = command("app", ".", "--no-browser")
    assert said.code == 2
    assert "install beatnaive[app]" in said.err


def test_listing_and_help_import_no_server():
    code = "import sys; from beatnaive.cli import main\ntry: main(['app', '--help'])\nexcept SystemExit: pass\n"
    code += "print([name for name in ('starlette', 'uvicorn', 'pandas', 'jinja2') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_beyond_loopback_it_answers_whoever_has_the_token_by_an_address_and_no_other_name(tmp_path):
    with app(tmp_path, "--host", "0.0.0.0") as visitor:
        assert visitor.get("/").status == 403  # without the cookie
        visitor.enter()
        assert visitor.get("/", Host=f"192.0.2.7:{visitor.port}").status == 200
        assert visitor.get("/", Host=f"evil.example:{visitor.port}").status == 403
        with socket.create_connection((socket.gethostbyname(socket.gethostname()), visitor.port), 20):
            pass  # it listens on the machine's own address, too
    assert visitor.process.returncode == 0


def test_a_study_goes_on_after_the_app_ended_and_was_named(tmp_path):
    form = {"source": "sample", "models": ["lstm"]}  # works for half a minute at least, unless it is stopped
    with app(tmp_path) as visitor:
        visitor.enter()
        path = json.loads(visitor.post("/new", json.dumps(form).encode()).text)["go"].removeprefix("/runs/")
        until(lambda: (tmp_path / path / ".lock").exists())
    number = json.loads((tmp_path / path / ".lock").read_text())["pid"]
    assert f"still running: {path} (process {number}); beatnaive app shows it again" in visitor.seen
    os.kill(number, signal.SIGTERM)  # it works on, and nobody waits for it here
    until(lambda: not (tmp_path / path / ".lock").exists())
