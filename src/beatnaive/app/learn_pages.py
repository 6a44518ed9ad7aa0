"""The guide to LSTMs, and the inside of a run's network: made by `beatnaive explain`, kept, shown in a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beatnaive.app.desk import Desk

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route


def routes(desk: Desk) -> list[Route]:
    """The addresses of what teaches."""
    from starlette.routing import Route

    def learn(request: Request) -> Response:
        runs = [row for row in desk.index.rows() if row.state == "complete" and row.networks]
        chosen = desk.index.row(request.query_params["run"]) if request.query_params.get("run") else None
        return desk.page("learn.html", "/learn", runs=runs, chosen=chosen)

    async def guide(request: Request) -> Response:
        return await desk.shelf.page("lstm-guide", ["explain", "guide"])

    async def inside(request: Request) -> Response:
        row = desk.index.row(request.path_params["path"])
        name = f"{row.path.replace('/', '%2F')}-{row.when[:19].replace(':', '')}"
        return await desk.shelf.page(name, ["explain", "run", str(desk.home.inside(row.path))])

    return [Route("/learn", learn), Route("/made/guide", guide), Route("/made/inside/{path:path}", inside)]
