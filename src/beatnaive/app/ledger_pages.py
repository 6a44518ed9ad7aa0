"""The ledger's page: tomorrow's forecasts, yesterday's outcomes, the odds so far, calibration, chain and anchors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.app.commands import AS_JSON, finished, flags
from beatnaive.app.desk import Desk
from beatnaive.core.documents import is_file, json_of
from beatnaive.core.errors import InputError
from beatnaive.forecasting.ledger import anchor, chain
from beatnaive.forecasting.ledger.board import board
from beatnaive.forecasting.ledger.standing import standing
from beatnaive.judging.significance.always_valid import told
from beatnaive.report import charts, tables
from beatnaive.report.charts.fan import fan
from beatnaive.report.charts.odds import SIDES, odds
from beatnaive.report.html import Cell, Figure, Row, Section, Table, figure

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

FANS = 6
"""Symbols whose fans are drawn; the table has all."""


def routes(desk: Desk) -> list[Route]:
    """The addresses of the ledger."""
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def ledger(request: Request) -> Response:
        folder = place_of(desk)
        if folder is None:
            return desk.page("ledger.html", "/ledger", sections=(), folder=desk.home.root, models=(), model="")
        found, shown = standing(folder), board(folder)
        models = list(dict.fromkeys(row["model"] for one in found["contests"] for row in one["models"]))
        model = request.query_params.get("model", "")
        model = model if model in models else "naive"
        sections = [one for one in sections_of(found, shown, folder, model) if one]
        drawn = [one for section in sections for one in section.figures]
        return desk.page(
            "ledger.html", "/ledger", figures=drawn, sections=sections, folder=folder, models=models, model=model
        )

    async def verify(request: Request) -> Response:
        folder = place_of(desk)
        if folder is None:
            raise InputError("there is no ledger here")
        done = await finished(["ledger", "verify", *flags({"ledger": folder}), AS_JSON])
        if done.code != 0:
            raise InputError(done.why)
        found = json_of(done.out.encode(), "the answer")
        anchored = max((one["number"] for one in found["anchors"]), default=0)
        stamped = f"; a time-stamp vouches for entries 1 to {anchored}" if anchored else "; none is anchored"
        notes = "".join(f"; {note}" for note in found["notes"])
        said = f"All {found['entries']} entries are as they were written, and the scores follow from them"
        return JSONResponse({"said": f"{said}{stamped}{notes}. Head {found['head']}."})

    return [Route("/ledger", ledger), Route("/ledger/verify", verify, methods=["POST"])]


def place_of(desk: Desk) -> Path | None:
    """The ledger's folder: the one that was named, else `ledger` in the app's folder, else that folder itself."""
    here = [desk.ledger] if desk.ledger is not None else [desk.home.root / "ledger", desk.home.root]
    return next((one for one in here if is_file(chain.path_of(one)) and not one.is_symlink()), None)


def sections_of(found: Mapping[str, Any], shown: Mapping[str, Any], folder: Path, model: str) -> Iterator[Section]:
    """The page's sections, contest by contest, and the chain's state at the end."""
    for k, contest in enumerate(found["contests"]):
        own = shown.get(contest["name"], {"ahead": [], "came": [], "odds": []})
        more = f": {contest['name']}" if len(found["contests"]) > 1 else ""
        yield Section(
            f"ahead-{k}", f"Forecast{more}", lines=_waiting(contest), tables=_ahead(own["ahead"], model),
            figures=list(_fans(own["ahead"], model, k)),
        )  # fmt: skip
        yield Section(f"came-{k}", f"What came last{more}", tables=_came(own["came"]))
        words = [row["words"] for row in contest["models"] if "words" in row and contest["sessions"]]
        yield Section(
            f"odds-{k}", f"The odds so far{more}", lines=words, tables=_rulings(contest), figures=_odds(own["odds"], k)
        )
        yield Section(f"calibration-{k}", f"Calibration so far{more}", tables=_calibration(contest))
    yield Section("chain", "Chain and anchors", lines=_chain(found, folder))


def _waiting(contest: Mapping[str, Any]) -> list[str]:
    count = f"{contest['settled']:,} forecasts settled on {contest['sessions']:,} sessions, {contest['waiting']:,} wait"
    late = (
        f", {contest['late']:,} were made after the close they are about and are never scored"
        if contest["late"]
        else ""
    )
    troubles = [f"{one['symbol']} {one['session']} waits: {one['reason']}" for one in contest["troubles"][:20]]
    revised = [
        f"{one['symbol']} {one['session']} was revised by its source; its score stays with the first"
        for one in contest["revised"][:20]
    ]
    return [f"{count}{late}.", *troubles, *revised]


def _ahead(calls: Sequence[Mapping[str, Any]], model: str) -> list[Table]:
    rows = [
        Row((Cell(one["symbol"]), Cell(one["session"], None, "text"), Cell(name, None, "text"),
             tables.cell(one["close"], ",.2f"), tables.cell(made["price"], ",.2f"),
             *(Cell("{:,.2f} to {:,.2f}".format(*made["intervals"][which])) for which in ("80", "95"))),
            reference=name == "naive")
        for one in calls for name, made in one["models"].items()
    ]  # fmt: skip
    names = ("symbol", "session", "model", "last close", "expected close", "80 % within", "95 % within")
    caption = f"Closes expected, in currency, naive's shaded. Fans are drawn for {model}."
    return [Table(caption, tables.columns(*names, text=names[:3]), tuple(rows))] if rows else []


def _fans(calls: Sequence[Mapping[str, Any]], model: str, contest: int) -> Iterator[Figure]:
    for one in [call for call in calls if model in call["models"]][:FANS]:
        step = {**one["models"][model], "session": one["session"]}
        forecast = {**one, "model": model, "stale": "", "steps": [step]}
        yield figure(f"fan {contest} {one['symbol']}", charts.to_spec(fan(forecast, one["recent"])))


def _came(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    made = [
        Row((Cell(one["symbol"]), Cell(one["session"], None, "text"), Cell(one["model"], None, "text"),
             tables.cell(one["price"], ",.2f"), tables.cell(one["came"], ",.2f"), tables.cell(one["miss"], "+.3f"),
             tables.cell(one["naive_miss"], "+.3f"), Cell("inside" if one["inside"] else "outside", None, "text")),
            reference=one["model"] == "naive")
        for one in rows
    ]  # fmt: skip
    names = (
        "symbol",
        "session",
        "model",
        "expected close",
        "close that came",
        "miss, %",
        "naive's miss, %",
        "95 % interval",
    )
    caption = "The last session that is settled; a miss is the log return that came less the one expected."
    return [Table(caption, tables.columns(*names, text=(*names[:3], "95 % interval")), tuple(made))] if made else []


def _rulings(contest: Mapping[str, Any]) -> list[Table]:
    rows = []
    for row in contest["models"]:
        if row["n"]:
            ruled = "ruling" in row
            rows.append(Row((
                Cell(row["model"]), tables.ruling_cell(row["ruling"]) if ruled else Cell("to beat", None, "text"),
                tables.cell(row["skill_pct"], "+.2f"), tables.cell(row["rmse"], ".4f"),
                tables.cell(row["naive_rmse"], ".4f"), Cell(told(row["odds"]) if ruled else "", row.get("odds")),
                Cell(told(row["peak"]) if ruled else "", row.get("peak")), tables.cell(row["n"], ",d"),
            ), reference=not ruled))  # fmt: skip
    names = ("model", "ruling", "skill, %", "RMSE, %", "naive's RMSE, %", "odds today", "odds at best", "n")
    caption = "Errors of the log return. Odds of 20 to 1 decide, on whatever day one looks."
    return [Table(caption, tables.columns(*names, text=("model", "ruling")), tuple(rows))] if rows else []


def _odds(path: Sequence[Any], contest: int) -> list[Figure]:
    drawn = [(side, odds(path, side)) for side in SIDES]
    return [figure(f"odds {contest} {side}", charts.to_spec(one)) for side, one in drawn if one is not None]


def _calibration(contest: Mapping[str, Any]) -> list[Table]:
    rows = []
    for row in contest["models"]:
        if row["n"]:
            spans = [row["inside"][level] for level in ("50", "80", "95")]
            cells = [Cell(f"{one['share']:.0%} ({one['low']:.0%} to {one['high']:.0%})", one["share"]) for one in spans]
            off = ", ".join(f"{100 * coverage:g} %: {side} inside" for coverage, _, side in row.get("drifted", ()))
            rows.append(Row((Cell(row["model"]), *cells, Cell(off, None, "text"), tables.cell(row["n"], ",d"))))
    names = ("model", "in 50 %", "in 80 %", "in 95 %", "beyond luck", "n")
    caption = "How many outcomes fell into the intervals that were stated, with a 95 % interval of that share."
    return [Table(caption, tables.columns(*names, text=("model", "beyond luck")), tuple(rows))] if rows else []


def _chain(found: Mapping[str, Any], folder: Path) -> list[str]:
    stamped = sorted(int(one.stem) for one in (folder / anchor.FOLDER).glob("*.tsr") if one.stem.isdecimal())
    last = (
        f"A time-stamp lies beside entry {stamped[-1]}; verifying compares it with the chain."
        if stamped else "No entry is anchored: beatnaive ledger anchor has the head signed by a time-stamp service."
    )  # fmt: skip
    head = f"{found['entries']:,} entries, each holding the hash of the one before; the last one's is {found['head']}."
    return [head, last]
