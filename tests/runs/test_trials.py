"""Earlier runs in the same folder count as trials, once each, and only if they are comparable."""

import json

import numpy as np
import pandas as pd
import pytest
from examples import losses, noise

from beatnaive.core.errors import InputError
from beatnaive.judging.significance import examine
from beatnaive.runs.trials import find_trials, fingerprint, load_trials

DAYS = np.datetime64("2020-01-01") + np.arange(200)


def write_run(runs, name, forecasts, **options):
    """A finished run folder with these {model: (n,) log returns}, from closes of 100 unless told."""
    symbol, target, horizon, state, close = (
        options.get(key, default)
        for key, default in (
            ("symbol", "X"),
            ("target", "return"),
            ("horizon", 1),
            ("state", "complete"),
            ("close", 100.0),
        )
    )
    folder = runs / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"state": state}))
    (folder / "study.toml").write_text(f'target = {{ kind = "{target}", horizon = {horizon} }}\n')
    parts = [
        pd.DataFrame(
            {
                "symbol": symbol,
                "model": model,
                "seed": seed,
                "origin": DAYS[: len(f)],
                "close": close,
                "yhat": close * np.exp(f),
            }
        )
        for model, f in forecasts.items()
        for seed in (-1, 0)
    ]
    pd.concat(parts).to_parquet(folder / "forecasts.parquet")
    return folder


def found(runs, **options):
    asked = {"symbols": ("X",), "target": "return", "horizon": 1, "own": runs / "now"} | options
    return find_trials(runs, **asked)


def listed(record):
    return {(entry["run"], entry["model"]) for entry in record["trials"]}


def test_a_fingerprint_survives_being_stored_as_prices():
    f = 0.01 * np.random.default_rng(0).standard_normal(50)
    stored = np.log((123.45 * np.exp(f)) / 123.45)
    assert fingerprint(DAYS[:50], f) == fingerprint(DAYS[:50], stored)
    assert fingerprint(DAYS[:50], f) != fingerprint(DAYS[:50], f + 1e-9)
    assert fingerprint(DAYS[:50], f) != fingerprint(DAYS[1:51], f)
    assert fingerprint(DAYS[:1], np.array([0.0])) == fingerprint(DAYS[:1], np.array([-0.0]))


def test_runs_of_the_same_question_are_listed(tmp_path):
    _, f = noise(200, 4)
    write_run(tmp_path, "a", {"m0": f["m0"], "m1": f["m1"]})
    write_run(tmp_path, "b", {"again": f["m0"], "m2": f["m2"]}, close=50.0)
    write_run(tmp_path, "longer", {"m3": f["m3"]}, horizon=5)
    write_run(tmp_path, "variance", {"m3": f["m3"]}, target="volatility")
    write_run(tmp_path, "broken", {"m3": f["m3"]}, state="interrupted")
    write_run(tmp_path, "other", {"m3": f["m3"]}, symbol="MSFT")
    write_run(tmp_path, "now", {"m3": f["m3"]})
    (tmp_path / "notes").mkdir()
    record = found(tmp_path)
    assert listed(record) == {("a", "m0"), ("a", "m1"), ("b", "m2")}
    assert record["other_symbols"] == ["MSFT"]
    assert json.loads(json.dumps(record)) == record


def test_no_folder_no_trials(tmp_path):
    assert found(tmp_path / "absent") == {"trials": [], "other_symbols": []}


def test_trials_become_losses_on_this_runs_rows(tmp_path):
    y, f = noise(180, 3)
    padded = {name: np.append(values, np.zeros(20)) for name, values in f.items()}
    write_run(tmp_path, "a", padded)
    part = losses(y, {"mine": 0.5 * f["m0"]})
    trials = load_trials(tmp_path, found(tmp_path), part)
    assert set(trials.loss) == {"a/m0", "a/m1", "a/m2"}
    assert trials.runs == ("a",)
    assert trials.loss["a/m1"] == pytest.approx((y - f["m1"]) ** 2)
    assert examine(part, replications=99, trials=trials).counted == 4


def test_only_what_covers_nine_tenths_counts(tmp_path):
    y, f = noise(200, 2)
    write_run(tmp_path, "enough", {"m0": f["m0"][:181]})
    write_run(tmp_path, "little", {"m1": f["m1"][:179]})
    trials = load_trials(tmp_path, found(tmp_path), losses(y, {"mine": 0 * y + 0.001}))
    assert set(trials.loss) == {"enough/m0"}
    assert np.isnan(trials.loss["enough/m0"]).sum() == 19


def test_the_runs_own_forecasts_and_naive_are_no_further_trials(tmp_path):
    y, f = noise(200, 2)
    write_run(tmp_path, "a", {"naive": 0 * y, "m0": f["m0"], "m1": f["m1"]})
    trials = load_trials(tmp_path, found(tmp_path), losses(y, {"m0": f["m0"]}))
    assert set(trials.loss) == {"a/m1"}


def test_a_list_made_at_the_start_does_not_grow(tmp_path):
    y, f = noise(200, 2)
    write_run(tmp_path, "a", {"m0": f["m0"]})
    record = found(tmp_path)
    write_run(tmp_path, "b", {"m1": f["m1"]})
    assert set(load_trials(tmp_path, record, losses(y, {"mine": 0 * y + 0.001})).loss) == {"a/m0"}


def test_a_listed_run_that_changed_is_an_error(tmp_path):
    y, f = noise(200, 2)
    folder = write_run(tmp_path, "a", {"m0": f["m0"]})
    record = found(tmp_path)
    part = losses(y, {"mine": 0 * y + 0.001})
    table = pd.read_parquet(folder / "forecasts.parquet")
    table.assign(yhat=table.yhat * 1.001).to_parquet(folder / "forecasts.parquet")
    with pytest.raises(InputError, match="has changed since"):
        load_trials(tmp_path, record, part)
    (folder / "forecasts.parquet").unlink()
    with pytest.raises(InputError, match="has changed since"):
        load_trials(tmp_path, record, part)
