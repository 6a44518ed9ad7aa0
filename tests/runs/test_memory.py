"""What a run does not need any more is let go: a panel's memory has room for it once."""

from pathlib import Path

import numpy as np

from beatnaive.runs import tables
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore
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
