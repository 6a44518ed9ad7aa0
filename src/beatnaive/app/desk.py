"""What every address works on, and the ways in which it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.app.commands import Studies
from beatnaive.app.home import Home
from beatnaive.app.index import Index
from beatnaive.app.pages import page
from beatnaive.app.security import SANDBOX, Access

if TYPE_CHECKING:
    from starlette.responses import Response
    from uvicorn import Server

EVERY = 1.0
"""Seconds between two looks at a folder that somebody watches."""


@dataclass(eq=False)
class Desk:
    """The folder, its index, the studies that were started, who may ask, and where the ledger is said to be."""

    home: Home
    index: Index
    studies: Studies
    access: Access
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


def sandboxed(html: bytes | str) -> Response:
    """A page that a run left: shown in an origin of its own, whatever it holds."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(html, headers={"Content-Security-Policy": SANDBOX})
