"""Judge a file of forecasts by dropping it; an audit, which runs foreign code, is a command to type oneself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from beatnaive.app.commands import AS_JSON, finished, flags, line_of
from beatnaive.app.desk import Desk
from beatnaive.app.form import UPLOADS, whole
from beatnaive.core.documents import is_file, json_of, read_json
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.files import to_json, write_atomically
from beatnaive.judging.tables.losses import NAMES
from beatnaive.report import tables
from beatnaive.report.html import Cell, Row, Section, Table
from beatnaive.runs.folder import sha256

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

HOLDS = {"price": "prices (currency)", "return": "log returns", "variance": "variances of log returns"}
"""What the column y may hold, in words."""
SECONDS = 300
"""The longest that a file is judged while somebody waits."""


def routes(desk: Desk) -> list[Route]:
    """The addresses of judging and auditing."""
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def form(request: Request) -> Response:
        return desk.page("judge.html", "/judge", holds=HOLDS, losses=NAMES)

    async def judge(request: Request) -> Response:
        given = json_of(await request.body(), "the form")
        words = words_of(given if isinstance(given, dict) else {}, desk)
        done = await finished([*words, AS_JSON], seconds=SECONDS)
        if done.code != 0:
            raise InputError(done.why)
        found = {"command": line_of(words), "file": given["file"], "verdict": json_of(done.out.encode(), "the verdict")}
        text = to_json(found)
        key = sha256(text.encode())[:24]
        write_atomically(desk.home.own / "judged" / f"{key}.json", text)
        return JSONResponse({"go": f"/judged/{key}"})

    def judged(request: Request) -> Response:
        key = request.path_params["key"]
        if not re.fullmatch(r"[0-9a-f]{24}", key):
            raise InputError("no such judged file")
        found = read_json(desk.home.own / "judged" / f"{key}.json")
        sections = sections_of(found["verdict"])
        return desk.page("judged.html", "/judge", sections=sections, command=found["command"], file=found["file"])

    def audit(request: Request) -> Response:
        return desk.page("audit.html", "/judge")

    return [
        Route("/judge", form), Route("/judge", judge, methods=["POST"]), Route("/judged/{key}", judged),
        Route("/audit", audit),
    ]  # fmt: skip


def words_of(given: Mapping[str, Any], desk: Desk) -> list[str]:
    """The words of `beatnaive judge FILE ...` for a filled-in form. Raises InputError, UnknownName."""
    text = {name: str(given.get(name) or "").strip() for name in ("file", "horizon", "trials", "y", "loss", "dates")}
    path = desk.home.inside(f"{UPLOADS}/{text['file']}")
    if not text["file"] or not is_file(path):
        raise InputError("drop a file with forecasts first")
    for name, table in (("y", tuple(HOLDS)), ("loss", NAMES), ("dates", ("DMY", "MDY"))):
        if text[name] and text[name] not in table:
            raise UnknownName(name, text[name][:40], table)
    trials = text["trials"] if text["trials"] != "0" else ""
    options = {
        "horizon": whole(text["horizon"], "horizon", 1000), "trials": whole(trials, "trials", 1_000_000),
        "y": text["y"], "loss": text["loss"], "dates": text["dates"],
    }  # fmt: skip
    return ["judge", str(path), *flags(options)]


def sections_of(verdict: Mapping[str, Any]) -> list[Section]:
    """A judged table as the sections of a report: the words, how it was read, and a table for each horizon."""
    horizons = verdict.get("horizons")
    own = {f"Horizon {h}": one for h, one in horizons.items()} if horizons else {"Rulings": verdict}
    over = [rulings_over(verdict)] if horizons else []
    doubts = [f"{name}: {text}" for name, one in verdict["models"].items() for text in one["because"]]
    return [
        Section("words", "In words", lines=[verdict["words"], *doubts], tables=over),
        *(Section(f"table-{k}", title, tables=[rulings(one)]) for k, (title, one) in enumerate(own.items())),
        Section("reading", "How the file was read", lines=verdict.get("reading") or ["As it stands."]),
    ]


def rulings(one: Mapping[str, Any]) -> Table:
    """Naive first, then a row per model, as the terminal shows them."""
    naive = one["naive"] or {}
    rows = [Row((Cell(str(one["benchmark"])), Cell("to beat", None, "text"), *[Cell("")] * 4,
                 tables.cell(one["n"], ",.0f"), tables.cell(naive.get("rmse"), ".6g")), reference=True)]  # fmt: skip
    for name, found in one["models"].items():
        pair = found["skill_ci90"]
        rows.append(Row((
            Cell(name), tables.ruling_cell(found["ruling"]), tables.cell(found["skill_pct"], "+.2f"),
            Cell(f"{pair[0]:+.2f} to {pair[1]:+.2f}", float(pair[0])) if pair else Cell(""),
            tables.p_cell(found["p_adjusted"]), tables.cell(found["mde_pct"], ".2f"),
            tables.cell(found["n"], ",.0f"), tables.cell(found["rmse"], ".6g"),
        )))  # fmt: skip
    names = ("model", "ruling", "skill, %", "90 % interval", "p adjusted", "detectable from, %", "n", "RMSE")
    caption = f"On {one['n']:,} rows, {one['horizon']} ahead, by the loss “{one['loss']}”. Click a heading to sort."
    return Table(caption, tables.columns(*names, text=("model", "ruling")), tuple(rows))


def rulings_over(verdict: Mapping[str, Any]) -> Table:
    """A row per model: what holds over all horizons together."""
    rows = [
        Row((Cell(name), tables.ruling_cell(one["ruling"]), tables.p_cell(one["p_adjusted"]),
             Cell(", ".join(map(str, one["horizons_better"])), None, "text"), tables.cell(one["n"], ",.0f")))
        for name, one in verdict["models"].items()
    ]  # fmt: skip
    names = ("model", "ruling", "smallest p, adjusted", "better at horizons", "n")
    return Table("All horizons together.", tables.columns(*names, text=("model", "ruling", "better at horizons")),
                 tuple(rows))  # fmt: skip
