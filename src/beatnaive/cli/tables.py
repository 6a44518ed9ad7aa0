"""`beatnaive list`: what there is to choose from."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from beatnaive.cli.options import Json
from beatnaive.core.errors import UnknownName
from beatnaive.core.registry import resolve, sentence_of

TABLES = {
    "sources": "beatnaive.prices:SOURCES",
    "features": "beatnaive.features:FEATURES",
    "releases": "beatnaive.releases:RELEASES",
    "models": "beatnaive.models:MODELS",
    "tests": "beatnaive.judging.significance:TESTS",
    "charts": "beatnaive.report.charts:CHARTS",
}
"""The tables whose rows are {name: import string}; "studies" are files."""


def list_tables(
    what: Annotated[str, typer.Argument(help="sources, features, releases, models, tests, charts or studies")],
    as_json: Json = False,
) -> None:
    """List the sources, features, releases, models, tests, charts or studies, one line each."""
    if what == "studies":
        from beatnaive.study.spec import presets

        shipped = {name: path.read_text(encoding="utf-8").splitlines()[0] for name, path in presets().items()}
        rows = {name: first.lstrip("# ") for name, first in shipped.items()}
    elif what in TABLES:
        table: dict[str, str] = dict(resolve(TABLES[what]))
        if what == "models":
            table["combination"] = "beatnaive.backtest.walk:combine"
        rows = {name: sentence_of(reference) for name, reference in table.items()}
    else:
        raise UnknownName("list", what, (*TABLES, "studies"))
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    width = max(len(name) for name in rows)
    for name, line in rows.items():
        print(f"{name:<{width}}  {line}")
