"""What every address works on, and the ways in which it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.app.commands import Studies, finished, flags
from beatnaive.app.home import Home
from beatnaive.app.index import Index
from beatnaive.app.pages import page
from beatnaive.app.security import SANDBOX, Access
from beatnaive.core.documents import is_file, read_bytes

if TYPE_CHECKING:
    from starlette.responses import Response
    from uvicorn import Server

EVERY = 1.0
"""Seconds between two looks at a folder that somebody watches."""


@dataclass(eq=False)
class Desk:
    """The folder, its index, the studies that were started, who may ask, pages that were made, where the ledger is."""

    home: Home
    index: Index
    studies: Studies
    access: Access
    shelf: Shelf
    ledger: Path | None = None
    server: Server | None = None

    @property
    def ending(self) -> bool:
        """Whether the server is about to end: streams of events end with it."""
        return self.server is not None and self.server.should_exit

    def page(self, template: str, here: str, /, *, figures: Any = (), status: int = 200, **context: Any) -> Response:
        """One of the app's own pages."""
        from starlette.responses import HTMLResponse

        html = page(template, context, here=here, post=self.access.post, figures=figures)
        return HTMLResponse(html, status)

    def events(self, look: Callable[[], Any]) -> Response:
        """A stream of server-sent events: what `look` returns, whenever it returns something else."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import StreamingResponse

        async def stream() -> AsyncIterator[str]:
            last = ""
            while not self.ending:
                now = json.dumps(await run_in_threadpool(look))
                yield f"data: {now}\n\n" if now != last else ": still here\n\n"
                last = now
                for _ in range(round(EVERY / 0.1)):
                    if not self.ending:
                        await asyncio.sleep(0.1)

        return StreamingResponse(stream(), media_type="text/event-stream")


@dataclass(eq=False)
class Shelf:
    """Pages that a command makes, each once, one at a time, into the app's own folder."""

    home: Home
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def page(self, name: str, words: Sequence[str]) -> Response:
        """The page of that name, made by `beatnaive WORDS` where it is not there yet; in its place why it cannot be."""
        place = self.home.own / "pages" / f"{name}.html"
        async with self._turn:
            if not is_file(place):
                done = await finished([*words, *flags({"out": place})])
                if done.code != 0:
                    return sandboxed(excuse(done.why))
        return sandboxed(read_bytes(place))


def sandboxed(html: bytes | str) -> Response:
    """A page that a run left: shown in an origin of its own, whatever it holds."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(html, headers={"Content-Security-Policy": SANDBOX})


def excuse(why: str) -> str:
    """What is shown in the place of a page that could not be made."""
    from markupsafe import escape

    head = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Not made</title></head>'
    return f"{head}<body><p>{escape(why)}</p></body></html>"
