"""The table of runs, one run with its report, several side by side."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from beatnaive.app.commands import flags, line_of
from beatnaive.app.desk import Desk, sandboxed
from beatnaive.app.index import Row
from beatnaive.core.documents import is_file, read_bytes
from beatnaive.core.errors import BeatNaiveError, InputError
from beatnaive.runs.folder import sha256
from beatnaive.runs.progress import progress_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

COLUMNS = (
    ("study", True), ("symbol", True), ("state", True), ("n", False), ("best model", True), ("ruling", True),
    ("skill, %", False), ("p", False), ("started (UTC)", True),
)  # fmt: skip
"""Heading, and whether it is text."""


def routes(desk: Desk) -> list[Route]:
    """The addresses of runs."""
    from starlette.routing import Route

    gets = {
        "/": runs, "/events": states, "/events/{path:path}": progress, "/runs/{path:path}": run,
        "/report/{path:path}": report, "/plots/{path:path}": plot, "/compare": compare, "/compared": compared,
    }  # fmt: skip
    posts = {"/stop": stop, "/resume": resume, "/forget": forget}
    return [
        *(Route(path, partial(answer, desk)) for path, answer in gets.items()),
        *(Route(path, partial(answer, desk), methods=["POST"]) for path, answer in posts.items()),
    ]


def runs(desk: Desk, request: Request) -> Response:
    """The table of all runs, those that just start and those that failed."""
    rows = _rows(desk)
    failed = desk.studies.failed()
    return desk.page("runs.html", "/", rows=rows, failed=failed, folder=desk.home.root, columns=COLUMNS)


def states(desk: Desk, request: Request) -> Response:
    """The state of every run, as it changes."""
    return desk.events(lambda: {row.path: row.state for row in _rows(desk, age=0.9)})


def run(desk: Desk, request: Request) -> Response:
    """One run: its report, or how far it has come."""
    path = request.path_params["path"]
    row = _row(desk, path)
    folder = desk.home.inside(path)
    there = row.state == "complete" and is_file(folder / "report.html")
    plots = sorted(one.name for one in folder.glob("plots/*.png")) if there else []
    seen = _progress(desk, path)
    return desk.page(
        "one_run.html", "/", path=path, row=row, report=there, plots=plots, log=desk.studies.log(path),
        study=_text(desk, f"{path}/study.toml"), done=seen["done"], expected=seen["expected"],
        resume=line_of(["run", *flags({"resume": folder})]),
    )  # fmt: skip


def progress(desk: Desk, request: Request) -> Response:
    """How far a run has come, as it goes."""
    path = request.path_params["path"]
    _row(desk, path)
    return desk.events(lambda: _progress(desk, path))


def report(desk: Desk, request: Request) -> Response:
    """The page that a run left, in an origin of its own."""
    path = request.path_params["path"]
    row = desk.index.row(path)
    if row.state == "damaged":
        raise InputError(row.why)
    return sandboxed(read_bytes(desk.home.inside(f"{path}/report.html")))


def plot(desk: Desk, request: Request) -> Response:
    """One picture of a run."""
    from starlette.responses import Response as Answer

    path, _, name = request.path_params["path"].rpartition("/")
    desk.index.row(path)
    if not name.endswith(".png"):
        raise InputError(f"{name} is not a picture of a run")
    return Answer(read_bytes(desk.home.inside(f"{path}/plots/{name}")), media_type="image/png")


def compare(desk: Desk, request: Request) -> Response:
    """Several runs side by side: the page around their comparison."""
    rows = _ticked(desk, request)
    if len(rows) < 2:
        raise InputError("tick at least two runs in the table, then compare them")
    return desk.page("compare.html", "/", rows=rows, query=request.url.query)


async def compared(desk: Desk, request: Request) -> Response:
    """The comparison itself, made by `beatnaive report`."""
    rows = _ticked(desk, request)
    key = sha256("".join(f"{row.path} {row.when}\n" for row in rows).encode())[:16]
    return await desk.shelf.page(f"comparison-{key}", ["report", *(str(desk.home.inside(row.path)) for row in rows)])


def stop(desk: Desk, request: Request) -> Response:
    """Tell a run to stop."""
    from starlette.responses import JSONResponse

    desk.studies.stop(_row(desk, request.query_params.get("run", "")).path)
    return JSONResponse({"said": "Told to stop; what is finished is kept."})


def resume(desk: Desk, request: Request) -> Response:
    """Go on with a run that was broken off."""
    from starlette.responses import JSONResponse

    row = desk.index.row(request.query_params.get("run", ""))
    if row.state not in ("interrupted", "killed"):
        raise InputError(f"{row.path} is {row.state}: there is nothing to resume")
    desk.studies.start(["run", *flags({"resume": desk.home.inside(row.path)})], row.path)
    return JSONResponse({})


def forget(desk: Desk, request: Request) -> Response:
    """Leave a failed study out of the table."""
    from starlette.responses import JSONResponse

    desk.studies.forget(request.query_params.get("run", ""))
    return JSONResponse({})


def _ticked(desk: Desk, request: Request) -> list[Row]:
    """The runs that are to be compared."""
    return [desk.index.row(path) for path in request.query_params.getlist("run")]


def _rows(desk: Desk, *, age: float = 0.0) -> list[Row]:
    """Studies of this app's that work and have no run folder yet, then all runs."""
    rows, running = desk.index.rows(age=age), desk.studies.running
    there = {row.path for row in rows}
    starting = [Row(path=path, state="starting") for path in running if path not in there]
    return starting + [replace(row, state=_state(row.state)) if row.path in running else row for row in rows]


def _state(state: str) -> str:
    """The state of a run that this app has at work: just resumed, it says for a moment still how it was left."""
    return "running" if state in ("interrupted", "killed") else state


def _row(desk: Desk, path: str) -> Row:
    """A run, or one that is just starting. Raises InputError for any other path, with the reason where it failed."""
    desk.home.inside(path)
    with suppress(InputError):
        row = desk.index.row(path)
        return replace(row, state=_state(row.state)) if path in desk.studies.running else row
    if path in desk.studies.running:
        return Row(path=path, state="starting")
    if (why := desk.studies.failed().get(path)) is not None:
        return Row(path=path, state="failed", why=why)
    return desk.index.row(path)


def _progress(desk: Desk, path: str) -> dict[str, Any]:
    """What a watcher is told: state, fits, stage, and the end of the log where the app has one."""
    log = desk.studies.log(path)
    try:
        seen = progress_of(desk.home.inside(path))
    except BeatNaiveError:
        state = "starting" if path in desk.studies.running else "failed"
        return {"state": state, "done": 0, "expected": None, "stage": "reading prices", "log": log}
    state = _state(seen.state) if path in desk.studies.running else seen.state
    return {"state": state, "done": seen.done, "expected": seen.expected, "stage": seen.stage, "log": log}


def _text(desk: Desk, path: str) -> str:
    try:
        return read_bytes(desk.home.inside(path)).decode("utf-8", errors="replace")
    except InputError:
        return ""
