"""The public names: the same object however often and in whatever order they are used, and no module in their way."""

from __future__ import annotations

import ast
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

import beatnaive as bn

AFTER_EVERYTHING = """
import importlib, json, pkgutil
import beatnaive as bn

for found in pkgutil.walk_packages(bn.__path__, "beatnaive."):
    importlib.import_module(found.name)
print(json.dumps({name: [getattr(bn, name) is getattr(bn, name), callable(getattr(bn, name))] for name in bn.__all__}))
"""

CALLED = """
import json, sys
import pandas as pd
import beatnaive as bn

source = bn.Source("synthetic", years=2)
study = bn.Study("tiny", source, {name: bn.ModelSpec(name) for name in ("naive", "drift")})
prices = bn.load(source)
close = prices["Close"].to_numpy()
table = pd.DataFrame({"ds": prices.index[1:], "y": close[1:], "naive": close[:-1], "mine": 1.001 * close[:-1]})
call = {
    "run": lambda: bn.run(study=study, jobs=1).verdict.words,
    "forecast": lambda: bn.forecast(study=study).steps[0].session,
    "explore": lambda: bn.explore(prices, symbol="S").symbol,
    "judge": lambda: bn.judge(table).words,
    "audit": lambda: str(bn.audit("close").clean),
}
print(json.dumps([[name, call[name]()] for name in sys.argv[1:]]))
"""


def test_after_every_module_is_imported_each_name_is_still_the_same_object() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_EVERYTHING], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(bn.__all__)
    for name, (same, can_be_called) in found.items():
        assert same, f"bn.{name} is another object the second time"
        assert can_be_called == (name != "checks"), name


def test_the_verbs_can_be_called_again_and_in_every_order_of_two() -> None:
    verbs = ["run", "forecast", "explore", "judge", "audit"]
    # each name, then it and every later one in turn: the shortest walk in which every ordered pair is neighbours once
    order = [name for k, one in enumerate(verbs) for name in (one, *(x for two in verbs[k + 1 :] for x in (one, two)))]
    order.append(verbs[0])
    assert set(itertools.pairwise(order)) == set(itertools.product(verbs, repeat=2))
    done = subprocess.run([sys.executable, "-c", CALLED, *order], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert [name for name, _ in said] == order
    for verb in verbs:
        assert len({words for name, words in said if name == verb}) == 1, f"bn.{verb} says something else again"


def hidden(root: Path) -> list[str]:
    """Names that a package exports although one of its submodules bears them: importing it would take their place."""
    found = []
    for start in sorted(root.rglob("__init__.py")):
        folder, names = start.parent, set[str]()
        package = ".".join((root.name, *folder.relative_to(root).parts))
        below = {path.stem for path in folder.glob("*.py")} | {
            path.parent.name for path in folder.glob("*/__init__.py")
        }
        itself = set()
        for node in ast.parse(start.read_text(encoding="utf-8")).body:
            for each in ast.walk(node) if isinstance(node, ast.If | ast.Try) else [node]:
                if isinstance(each, ast.ImportFrom):
                    bound = {alias.asname or alias.name for alias in each.names}
                    names |= bound
                    itself |= bound if each.module == package else set()
                elif isinstance(each, ast.FunctionDef | ast.ClassDef):
                    names.add(each.name)
                elif isinstance(each, ast.Assign | ast.AnnAssign):
                    targets = each.targets if isinstance(each, ast.Assign) else [each.target]
                    names |= {one.id for one in targets if isinstance(one, ast.Name)}
                    if "__all__" in names and isinstance(each.value, ast.List | ast.Tuple):
                        names |= {one.value for one in each.value.elts if isinstance(one, ast.Constant)}
        found += [f"{package}.{name}" for name in sorted((names - itself) & below)]
    return found


def test_no_package_exports_a_name_that_one_of_its_submodules_bears() -> None:
    assert hidden(Path(bn.__file__).parent) == []


@pytest.mark.parametrize(
    ("start", "caught"),
    [
        ("from house.forecast import forecast", True),
        ("__all__ = ['forecast']\ndef __getattr__(name): ...", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.other import forecast", True),
        ("def forecast(): ...", True),
        ("forecast = 1", True),
        ("from house import forecast", False),
        ("from house.forecast import forecasts", False),
    ],
)
def test_a_planted_name_is_caught_at_every_level(tmp_path: Path, start: str, caught: bool) -> None:
    house = tmp_path / "house"
    for folder in (house, house / "room"):
        folder.mkdir()
        (folder / "forecast.py").touch()
    (house / "__init__.py").write_text(start, encoding="utf-8")
    (house / "room" / "__init__.py").write_text(start.replace("house", "house.room"), encoding="utf-8")
    assert hidden(house) == (["house.forecast", "house.room.forecast"] if caught else [])
