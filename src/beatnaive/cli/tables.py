"""`beatnaive list`: what there is to choose from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

import typer

from beatnaive.cli.options import Json
from beatnaive.core.errors import UnknownName


def list_tables(
    what: Annotated[str, typer.Argument(help="sources, features, models, tests, charts or studies")],
    as_json: Json = False,
) -> None:
    """List the sources, features, models, tests, charts or studies, one line each."""
    listing = LISTINGS.get(what)
    if listing is None:
        raise UnknownName("list", what, LISTINGS)
    rows = listing()
    if as_json:
        print(json.dumps(dict(rows), indent=1))
        return
    width = max(len(name) for name, _ in rows)
    for name, line in rows:
        print(f"{name:<{width}}  {line}")


Rows = list[tuple[str, str]]


def _described(table: dict[str, str]) -> Rows:
    """Each row with the first sentence of what it names, read from the source: nothing is imported."""
    return [(name, _sentence(reference)) for name, reference in table.items()]


def _sentence(reference: str) -> str:
    """The docstring of the named class or function, else of its module."""
    import ast
    from importlib.util import find_spec
    from pathlib import Path

    module, _, name = reference.partition(":")
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return reference
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    nodes = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
    text = (ast.get_docstring(nodes[0]) if nodes else None) or ast.get_docstring(tree) or reference
    return " ".join(text.split("\n\n")[0].split())


def _sources() -> Rows:
    from beatnaive.prices import SOURCES

    return _described(SOURCES)


def _features() -> Rows:
    from beatnaive.features import FEATURES

    return _described(FEATURES)


def _models() -> Rows:
    from beatnaive.models import MODELS

    return [*_described(MODELS), ("combination", _sentence("beatnaive.backtest.walk:combine"))]


def _tests() -> Rows:
    from beatnaive.judging.significance import TESTS

    return _described(TESTS)


def _charts() -> Rows:
    from beatnaive.report.charts import CHARTS

    return _described(CHARTS)


def _studies() -> Rows:
    from beatnaive.study.spec import presets

    first = {name: path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ") for name, path in presets().items()}
    return list(first.items())


LISTINGS: dict[str, Callable[[], Rows]] = {
    "sources": _sources,
    "features": _features,
    "models": _models,
    "tests": _tests,
    "charts": _charts,
    "studies": _studies,
}
