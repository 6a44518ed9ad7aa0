"""The app as a process of its own, and somebody who asks it as a browser would, by http.client."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class Answer:
    status: int
    text: str
    headers: dict[str, str]


@dataclass
class Visitor:
    """One browser: its cookie, and the token that its pages carry."""

    port: int
    start: str
    process: subprocess.Popen
    cookie: str = ""
    post_token: str = ""
    seen: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        own = {"Cookie": self.cookie} if self.cookie else {}
        sent = {**own, **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value is not None})
            reply = connection.getresponse()
            return Answer(reply.status, reply.read().decode(), {k.lower(): v for k, v in reply.getheaders()})
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: bytes = b"", **headers: str) -> Answer:
        return self.ask("POST", path, body, **{"X_BeatNaive_Token": self.post_token, **headers})

    def enter(self) -> Answer:
        """Come by the start URL: its token is used up, the cookie stays, and the first page has the second token."""
        answer = self.get(self.start)
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        page = self.get("/")
        self.post_token = re.search(r'name="post-token" content="([^"]+)"', page.text)[1]
        return answer


@contextlib.contextmanager
def app(folder: Path, *words: str, program: list[str] | None = None, **environment: str) -> Iterator[Visitor]:
    """`beatnaive app FOLDER --no-browser`, ended by Ctrl-C; `seen` holds what it printed afterwards."""
    command = program or ["-c", "from beatnaive.cli import main; main()"]
    process = subprocess.Popen(
        [sys.executable, *command, "app", str(folder), "--port", "0", "--no-browser", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
    )  # fmt: skip
    visitor = None
    try:
        process.stdout.readline()
        url = process.stdout.readline().strip()
        port, start = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/\?token=\S+)", url).groups()
        visitor = Visitor(int(port), start, process)
        yield visitor
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        if visitor is not None:
            visitor.seen += [*out.splitlines(), *err.splitlines()]


def forecast_file(n=60, comma=True) -> bytes:
    """A random walk and forecasts that miss it, with semicolons and decimal commas, or with commas and points."""
    rng = np.random.default_rng(1)
    y = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(n)))
    days = np.arange(np.datetime64("2024-01-01"), np.datetime64("2024-01-01") + n)
    lines = ["ds;y;mine", *(f"{day};{a:.4f};{b:.4f}" for day, a, b in zip(days, y, y * 1.01, strict=True))]
    text = "\n".join(lines) + "\n"
    return (text.replace(".", ",") if comma else text.replace(";", ",")).encode()


def until(true, seconds: float = 60.0, every: float = 0.1):
    """Wait until `true()` is; its value."""
    for _ in range(int(seconds / every)):
        if found := true():
            return found
        time.sleep(every)
    raise AssertionError("never true")
