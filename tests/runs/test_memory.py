"""What a run does not need any more is let go: a panel's memory has room for it once."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from beatnaive.backtest.engines import local
from beatnaive.core import mapped
from beatnaive.core.types import VOLUME
from beatnaive.prices import Source, load
from beatnaive.prices.source import Synthetic
from beatnaive.runs import tables
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore
from beatnaive.study.panel import inputs_of
from beatnaive.study.pipeline import Execution, run_study, still_needed
from beatnaive.study.spec import Study, parse


def study(**more: object) -> Study:
    return parse({"source": {"kind": "synthetic", "symbols": ["A", "B"], "synthetic": {"n": 400}},
                  "features": ["close"], "models": {"naive": {}, "drift": {}}, **more}, "small")  # fmt: skip


def test_bars_are_let_go_where_nobody_needs_them_and_nothing_else_changes() -> None:
    kept, gone = run_study(study()), run_study(study(), execution=Execution(keep=False))
    assert [len(one) for one in kept.prices] == [400, 400]
    assert [(one.symbol, one.calendar, len(one)) for one in gone.prices] == [
        (one.symbol, one.calendar, 0) for one in kept.prices
    ]
    assert all(one.bars.base is None for one in gone.prices), "a view would hold the bars"
    assert gone.scores == kept.scores
    assert gone.verdict.to_json() == kept.verdict.to_json()
    assert still_needed(kept.prices, study(placebo=1)) == kept.prices
    assert still_needed(kept.prices, study(releases={"vix": {"kind": "vix"}})) == kept.prices


def test_a_run_that_keeps_nothing_writes_the_same_files(tmp_path: Path) -> None:
    for name, keep in (("kept", True), ("gone", False)):
        Recorder(RunStore(tmp_path / name / "run")).run(study(), pages=False, keep=keep)
    for file in ("scores.csv", "forecasts.parquet", "bars.parquet", "worth.json"):
        assert (tmp_path / "kept" / "run" / file).read_bytes() == (tmp_path / "gone" / "run" / file).read_bytes(), file


def test_a_panel_whose_columns_lie_in_files_gives_the_same_bytes(tmp_path: Path, monkeypatch) -> None:
    models = {"naive": {}, "drift": {}, "ridge": {}, "boosting": {"trees": 3}}
    asked = study(
        features=["published"], models=models, split={"kind": "walk_forward", "first": 200, "refit_every": 90}
    )
    for name, large in (("memory", mapped.LARGE), ("files", 0)):
        monkeypatch.setattr(mapped, "LARGE", large)
        monkeypatch.setattr(local, "ROWS_WORTH_PROCESSES", 0)
        Recorder(RunStore(tmp_path / name / "run")).run(asked, jobs=2, pages=False, keep=False)
    for file in ("scores.csv", "forecasts.parquet", "bars.parquet", "worth.json"):
        here, there = (tmp_path / name / "run" / file for name in ("memory", "files"))
        assert here.read_bytes() == there.read_bytes(), file


def test_a_column_that_one_symbol_lacks_is_left_out_for_all() -> None:
    whole = load(Source("synthetic", symbols=("A", "B"), synthetic=Synthetic(n=200)))
    bars = whole[1].bars.copy()
    bars[:, VOLUME] = np.nan
    asked = study(features=["published"], exclude=["Close"])
    lacking, notes = inputs_of(asked, (whole[0], replace(whole[1], bars=bars)))
    complete, none = inputs_of(asked, whole)
    assert not none
    assert [(one.symbol, one.count) for one in notes] == [("B", len(complete.features) - len(lacking.features))]
    for name in lacking.features:
        np.testing.assert_array_equal(
            lacking.x[:, lacking.features.index(name)], complete.x[:, complete.features.index(name)]
        )


def test_forecasts_in_parts_are_those_in_one(monkeypatch) -> None:
    result = run_study(study())
    (whole,) = tables.forecasts(result.tracks, result.samples)
    monkeypatch.setattr(tables, "PART", 100)
    parts = list(tables.forecasts(result.tracks, result.samples))
    assert len(parts) == 2
    rows = 0
    for part in parts:
        assert part.equals(whole.slice(rows, part.num_rows))
        rows += part.num_rows
    assert rows == whole.num_rows
    assert np.unique(parts[0]["symbol"].to_numpy()).tolist() == ["A"]
