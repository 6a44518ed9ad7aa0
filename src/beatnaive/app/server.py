"""The app's addresses put together, and the server behind them."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.app import judge_pages, learn_pages, ledger_pages, run_pages, study_pages
from beatnaive.app.commands import Studies
from beatnaive.app.desk import Desk, Shelf
from beatnaive.app.home import Home
from beatnaive.app.index import Index
from beatnaive.app.pages import static
from beatnaive.app.security import Access, Guard
from beatnaive.core.errors import BeatNaiveError, InputError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

PORT = 8423
"""Where it listens unless told otherwise; any other where that is taken."""
CLOSING = 2
"""Seconds that open connections are given when the app ends."""
ROOMS = (run_pages, study_pages, judge_pages, ledger_pages, learn_pages)
"""Every module with addresses."""


def application(desk: Desk) -> Starlette:
    """Every address of the app. What goes wrong is said as the command line says it."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.responses import PlainTextResponse
    from starlette.responses import Response as Answer
    from starlette.routing import Route

    def told(request: Request, error: Exception) -> Response:
        status, why = 400, str(error)
        if isinstance(error, HTTPException):
            status, why = error.status_code, f"there is no page {request.url.path}"
        if request.method == "POST":
            return PlainTextResponse(f"beatnaive: {why}\n", status)
        return desk.page("said.html", "", heading="That did not work", why=why, status=status)

    def file(request: Request) -> Response:
        found = static(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return Answer(found[0], media_type=found[1], headers={"Cache-Control": "private, max-age=600"})

    handlers: Any = {BeatNaiveError: told, HTTPException: told}
    return Starlette(
        routes=[*(route for room in ROOMS for route in room.routes(desk)), Route("/static/{name}", file)],
        exception_handlers=handlers,
    )


def listening(host: str, port: int | None) -> socket.socket:
    """A socket that listens; port: None = the usual one, or any other where that is taken.

    Raises InputError for a port that is taken, or a host that is not this machine's.
    """
    if port is not None and not 0 <= port <= 65535:
        raise InputError(f"port {port}: ports are numbers from 1 to 65535", option="port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in (PORT, 0) if port is None else (port,):
        try:
            return socket.create_server((host, number), family=family)
        except OSError as error:
            taken = error
    why = taken.strerror or str(taken)
    raise InputError(f"cannot listen on {host}, port {number}: {why}; name another", option="port") from taken


def serve(
    folder: Path, *, host: str = "127.0.0.1", port: int | None = None, ledger: Path | None = None,
    ready: Callable[[str], None], renewed: Callable[[str], None],
) -> dict[str, int]:  # fmt: skip
    """Serve the app until it is told to end; the studies that still run then, by path, with their process numbers.

    ready: told the start URL once it listens; renewed: told the next one when one was used. Raises InputError for a
    folder or port that cannot be had, and where the extra `app` is not installed.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise InputError("the app needs starlette and uvicorn: install beatnaive[app]") from error
    home = Home.at(folder)
    with contextlib.closing(listening(host, port)) as door:
        access = Access(host=host, port=door.getsockname()[1], renewed=renewed)
        desk = Desk(home, Index(home), Studies(home), access, Shelf(home), ledger)
        desk.index.rows()  # read before the first browser asks
        settings: dict[str, Any] = {
            "log_level": "warning", "access_log": False, "server_header": False, "lifespan": "off", "ws": "none",
            "proxy_headers": False, "timeout_graceful_shutdown": CLOSING,
        }  # fmt: skip
        desk.server = uvicorn.Server(uvicorn.Config(Guard(application(desk), access), **settings))
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how one ends it
            ready(access.url)
            desk.server.run(sockets=[door])
    return desk.studies.running
