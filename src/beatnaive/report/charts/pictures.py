"""PNG files from chart specifications, drawn by a process of its own while this one makes the page."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from beatnaive.core.files import write_atomically
from beatnaive.report.charts import drawable, to_png
from beatnaive.report.charts.theme import vega_theme

PAINTER = Path(__file__).with_name("painter.py")


class Pictures:
    """A context in which charts are drawn elsewhere; when it ends, every picture stands.

    The drawing library holds Python's lock while it draws, so that a thread would gain nothing: another process starts
    the library while this one prepares the specifications, and draws while this one goes on. It writes nothing itself.
    What it does not give (it could not be started, it was killed) is drawn here. An exception inside the context ends
    it and leaves no picture.

    >>> import tempfile
    >>> spec = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "bar.png"
    ...     with Pictures() as pictures:
    ...         pictures.draw({path: spec})
    ...     path.read_bytes()[1:4]
    b'PNG'
    """

    def __enter__(self) -> Pictures:
        self._wanted: dict[Path, Mapping[str, Any]] = {}
        self._answer = b""
        self._waiting: threading.Thread | None = None
        self._painter: subprocess.Popen[bytes] | None = None
        with suppress(OSError):  # no executable, no room for a process: everything is drawn here
            self._painter = subprocess.Popen(
                [sys.executable, "-P", str(PAINTER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self

    def draw(self, specs: Mapping[Path, Mapping[str, Any]]) -> None:
        """Have these drawn (specifications of `to_spec`, by the file of each), in the light theme; asked once."""
        self._wanted = dict(specs)
        texts = [drawable(dict(spec)) for spec in specs.values()]
        order = {"specs": texts, "config": vega_theme("light", background=True), "scale": 2.0}
        # a thread, since a pipe holds less than a chart: writing to it waits for the reader
        self._waiting = threading.Thread(target=self._hand_over, args=(json.dumps(order).encode(),), daemon=True)
        self._waiting.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the pictures and write them. Raises CannotWrite when the disk is full or the folder closed to us."""
        try:
            if kind is None and self._waiting is not None:
                self._waiting.join()
        finally:
            if self._painter is not None:
                self._painter.kill()
                if self._waiting is not None:
                    self._waiting.join()
                self._painter.wait()
                for pipe in (self._painter.stdin, self._painter.stdout):
                    if pipe is not None:
                        with suppress(OSError):
                            pipe.close()
        if kind is None:
            for number, (path, spec) in enumerate(self._wanted.items()):
                write_atomically(path, _picture(self._answer, number) or to_png(dict(spec)))

    def _hand_over(self, order: bytes) -> None:
        if self._painter is not None:
            with suppress(OSError, ValueError):  # it was killed
                self._answer = self._painter.communicate(order)[0]


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
