"""`beatnaive list`: what there is to choose from."""

from __future__ import annotations

import ast
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from beatnaive.cli.options import Json
from beatnaive.core.errors import UnknownName
from beatnaive.core.registry import resolve

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


def sentence_of(reference: str) -> str:
    """The first paragraph about what an import string names, else about its module, read from the source.

    Nothing is imported: a model's library may take seconds.

    >>> sentence_of("beatnaive.models.baselines:Naive")
    'Tomorrow = today: log return 0, price close * exp(0). The forecast of a martingale (Samuelson 1965).'
    """
    module, _, name = reference.partition(":")
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return reference
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    nodes = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
    text = (ast.get_docstring(nodes[0]) if nodes else None) or ast.get_docstring(tree) or reference
    return " ".join(text.split("\n\n")[0].split())
