"""A new study: a form, the file that it may bring, and the ordinary command that it becomes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from beatnaive.app.commands import line_of
from beatnaive.app.desk import Desk
from beatnaive.app.estimate import costs
from beatnaive.app.form import choices, words_of
from beatnaive.app.pages import address
from beatnaive.app.uploads import kept
from beatnaive.core.documents import json_of
from beatnaive.core.errors import InputError
from beatnaive.study.spec import load_study, presets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route


def routes(desk: Desk) -> list[Route]:
    """The addresses of new studies and of uploads."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def form(request: Request) -> Response:
        estimate = {**costs(desk.home, desk.index), "studies": _studies()}
        return desk.page("new.html", "/new", choices=choices(), costs=estimate, folder=desk.home.runs)

    async def start(request: Request) -> Response:
        given = json_of(await request.body(), "the form")
        if not isinstance(given, dict):
            raise InputError("the form is not one of this app's: load the page again")
        words, path = await run_in_threadpool(words_of, given, desk.home)
        if request.query_params.get("only") == "show":
            return JSONResponse({"command": line_of(words)})
        await run_in_threadpool(desk.studies.start, words, path)
        return JSONResponse({"go": address(path, "runs")})

    async def upload(request: Request) -> Response:
        name = await kept(desk.home, request.query_params.get("name", ""), request.stream())
        return JSONResponse({"file": name})

    return [
        Route("/new", form), Route("/new", start, methods=["POST"]), Route("/upload", upload, methods=["POST"]),
    ]  # fmt: skip


@cache
def _studies() -> dict[str, dict[str, Any]]:
    """By shipped study: its models, its seeds, and about how many times each model is fitted with each seed."""
    found: dict[str, dict[str, Any]] = {}
    for name in presets():
        study = load_study(name)
        monthly = study.split.kind != "single"
        found[name] = {"models": list(study.models), "seeds": study.seeds, "folds": 100 if monthly else 2}
    return found
