"""PNG files from chart specifications, drawn by a process of its own while this one makes the page."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any

from beatnaive.core.files import write_atomically
from beatnaive.report.charts import drawable, to_png
from beatnaive.report.charts.theme import vega_theme

PAINTER = Path(__file__).with_name("painter.py")


class Pictures:
    """A context in which charts are drawn elsewhere; when it ends, every picture stands.

    The drawing library holds Python's lock while it draws, so that a thread would gain nothing: another process starts
    the library while this one prepares the first specification, and draws it while this one goes on. It writes no file.
    What it does not give (it could not be started, it was killed) is drawn here. An exception inside the context ends
    it and leaves no picture.

    >>> import tempfile
    >>> spec = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "bar.png"
    ...     with Pictures() as pictures:
    ...         pictures.draw([(path, spec)])
    ...     path.read_bytes()[1:4]
    b'PNG'
    """

    def __enter__(self) -> Pictures:
        self._wanted: dict[Path, Mapping[str, Any]] = {}
        self._answer = b""
        self._orders: SimpleQueue[bytes | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._painter: subprocess.Popen[bytes] | None = None
        with suppress(OSError):  # no executable, no room for a process: everything is drawn here
            self._painter = subprocess.Popen(
                [sys.executable, "-P", str(PAINTER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            # threads, since a pipe holds less than a chart or a picture: each side waits for the other
            self._threads = [
                threading.Thread(target=self._ask, args=(self._painter.stdin,), daemon=True),
                threading.Thread(target=self._listen, args=(self._painter.stdout,), daemon=True),
            ]
            for thread in self._threads:
                thread.start()
        return self

    def draw(self, specs: Iterable[tuple[Path, Mapping[str, Any]]]) -> None:
        """Have these drawn in the light theme: specifications of `to_spec`, by the file of each, as they are made."""
        settings = {"config": vega_theme("light", background=True), "scale": 2.0}
        for path, spec in specs:
            self._wanted[path] = dict(spec)
            self._orders.put(json.dumps({"spec": drawable(dict(spec)), **settings}).encode() + b"\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the pictures and write them. Raises CannotWrite when the disk is full or the folder closed to us."""
        try:
            self._orders.put(None)
            if kind is None and self._wanted:
                for thread in self._threads:
                    thread.join()
        finally:
            if self._painter is not None:
                self._painter.kill()
                for thread in self._threads:
                    thread.join()
                self._painter.wait()
        if kind is None:
            for number, (path, spec) in enumerate(self._wanted.items()):
                write_atomically(path, _picture(self._answer, number) or to_png(dict(spec)))

    def _ask(self, pipe: IO[bytes]) -> None:
        with suppress(OSError, ValueError), pipe:  # it was killed
            while order := self._orders.get():
                pipe.write(order)
                pipe.flush()

    def _listen(self, pipe: IO[bytes]) -> None:
        with suppress(OSError, ValueError), pipe:
            self._answer = pipe.read()


def _picture(answer: bytes, number: int) -> bytes:
    """A picture of the painter's answer, each of which follows its length in eight bytes; empty where it was cut off.

    >>> answer = b"".join(len(one).to_bytes(8, "big") + one for one in (b"first", b"second"))
    >>> _picture(answer, 1), _picture(answer[:-1], 1)
    (b'second', b'')
    """
    start = 0
    for _ in range(number):
        start += 8 + int.from_bytes(answer[start : start + 8], "big")
    length = int.from_bytes(answer[start : start + 8], "big")
    found = answer[start + 8 : start + 8 + length]
    return found if len(found) == length else b""
