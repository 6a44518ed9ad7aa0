"""Earlier runs in the same folder count as trials, once each, in their own loss on their own rows."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from examples import losses, noise, panel

from beatnaive.judging.ruling import rule
from beatnaive.judging.significance import examine
from beatnaive.runs.series import fingerprint
from beatnaive.runs.trials import find_trials, load_trials

DAYS = np.datetime64("2020-01-01") + np.arange(400)
IDENTITY = {"study_sha256": "s", "data_sha256": "d"}


def write_run(runs, name, forecasts, y=None, *, symbol="X", state="complete", close=100.0, first=0, **study):
    """A run folder with these {model: (n,) log returns} and naive, from closes of 100 unless told; outcomes y."""
    folder = runs / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps({"state": state, **IDENTITY, "study_sha256": name}))
    write_study(folder, symbol=symbol, **study)
    parts = []
    for model, f in {"naive": 0 * next(iter(forecasts.values())), **forecasts}.items():
        actual = np.zeros(len(f)) if y is None else y
        days = DAYS[first : first + len(f)]
        table = {"symbol": symbol, "model": model, "origin": days, "close": close}
        table |= {"y": close * np.exp(actual), "yhat": close * np.exp(f)}
        parts += [pd.DataFrame({**table, "seed": seed}) for seed in (-1, 0)]
    pd.concat(parts).to_parquet(folder / "forecasts.parquet")
    return folder


def write_study(folder, *, symbol="X", target="return", horizon=1, loss=None, start="2019-01-01", naive="naive"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(
        (f'loss = "{loss}"\n' if loss else "")
        + f'target = {{ kind = "{target}", horizon = {horizon} }}\n'
        + f'source = {{ kind = "file", symbols = ["{symbol}"], start = {start} }}\n'
        + f'[models.naive]\nkind = "{naive}"\n'
    )


def found(runs, **options):
    write_study(runs / "now")
    asked = {"symbols": ("X",), "identity": IDENTITY, "own": runs / "now"} | options
    return find_trials(runs, **asked)


def loaded(runs, part, record=None):
    return load_trials(runs, found(runs) if record is None else record, part, own=runs / "now")


def listed(record):
    return {(entry["run"], entry["model"]) for entry in record["trials"]}


def models(trials):
    return {name for part in trials.earlier.values() for name in part.loss if name not in part.benchmarks}


def test_a_fingerprint_survives_being_stored_as_prices():
    f = 0.01 * np.random.default_rng(0).standard_normal(50)
    stored = np.log((123.45 * np.exp(f)) / 123.45)
    assert fingerprint(DAYS[:50], f) == fingerprint(DAYS[:50], stored)
    assert fingerprint(DAYS[:50], f) != fingerprint(DAYS[:50], f + 1e-9)
    assert fingerprint(DAYS[:50], f) != fingerprint(DAYS[1:51], f)
    assert fingerprint(DAYS[:1], np.array([0.0])) == fingerprint(DAYS[:1], np.array([-0.0]))


def test_runs_of_the_same_symbol_and_target_are_listed(tmp_path):
    """Whatever their horizon and state; not those of another target, and not naive."""
    _, f = noise(200, 4)
    write_run(tmp_path, "a", {"m0": f["m0"], "m1": f["m1"]})
    write_run(tmp_path, "b", {"again": f["m0"], "m2": f["m2"]}, close=50.0)
    write_run(tmp_path, "longer", {"m3": f["m3"]}, horizon=5)
    write_run(tmp_path, "variance", {"m3": f["m3"]}, target="volatility")
    write_run(tmp_path, "plots_missing", {"m3": 2 * f["m3"]}, state="interrupted")
    write_run(tmp_path, "other", {"m3": f["m3"]}, symbol="MSFT")
    (tmp_path / "notes").mkdir()
    record = found(tmp_path)
    assert listed(record) == {("a", "m0"), ("a", "m1"), ("b", "m2"), ("longer", "m3"), ("plots_missing", "m3")}
    assert record["other_symbols"] == ["MSFT"]
    assert json.loads(json.dumps(record)) == record


def test_no_folder_no_trials(tmp_path):
    record = find_trials(tmp_path / "absent", symbols=("X",), identity=IDENTITY, own=tmp_path / "absent" / "now")
    assert record == {"trials": [], "unjoined": [], "other_symbols": []}


def test_a_run_that_did_not_end_counts_by_bonferroni(tmp_path):
    """Its models that were fitted, unless it is this very study and data, begun once before."""
    y, f = noise(200, 1)
    for name, study in (("stopped", "another"), ("before", "s")):
        folder = tmp_path / name
        write_study(folder)
        (folder / "run.json").write_text(json.dumps({"state": "interrupted", **IDENTITY, "study_sha256": study}))
        for model in ("naive", "lstm"):
            (folder / "units" / model / "0" / "1").mkdir(parents=True)
            (folder / "units" / model / "0" / "1" / "0.npz").write_bytes(b"")
        (folder / "units" / "gru").mkdir()  # never fitted
    record = found(tmp_path)
    why = "the run is interrupted and left no forecasts"
    assert record["unjoined"] == [{"run": "stopped", "model": "lstm", "why": why}]
    part = losses(y, f)
    trials = loaded(tmp_path, part, record)
    assert trials.unjoined == {"stopped/lstm": why}
    counted, alone = examine(part, replications=99, trials=trials), examine(part, replications=99)
    assert counted.uncounted == 1
    assert counted.models["m0"].p_adjusted == pytest.approx(min(1.0, 2 * alone.models["m0"].p_adjusted))
    assert why in rule(part, counted).words


def test_trials_become_losses_on_their_own_rows(tmp_path):
    y, f = noise(200, 3)
    write_run(tmp_path, "a", f, y)
    part = losses(y[:180], {"mine": 0.5 * f["m0"][:180]})
    trials = loaded(tmp_path, part)
    assert models(trials) == {"m0", "m1", "m2"}
    assert trials.runs == ("a",)
    assert len(trials.earlier["a"]) == 200
    assert trials.earlier["a"].loss["m1"] == pytest.approx((y - f["m1"]) ** 2)
    assert examine(part, replications=99, trials=trials).counted == 4


@pytest.mark.parametrize("loss", ["absolute", "scaled"])
def test_a_trial_keeps_its_own_loss_and_horizon(tmp_path, loss):
    y, f = noise(200, 1)
    write_run(tmp_path, "a", f, y, loss=loss, horizon=5)
    (earlier,) = loaded(tmp_path, losses(y, {"mine": 0.3 * f["m0"]})).earlier.values()
    assert earlier.loss_name == loss
    assert earlier.horizon == 5
    if loss == "absolute":
        assert earlier.loss["m0"] == pytest.approx(np.abs(y - f["m0"]))
    else:
        assert len(earlier) == 200 - 25
        ratio = earlier.loss["m0"] / (y - f["m0"])[25:] ** 2
        assert ratio == pytest.approx(earlier.loss["naive"] / y[25:] ** 2)


def test_the_same_series_under_another_end_date_seed_or_name_is_one_trial(tmp_path):
    y, f = noise(300, 3)
    write_run(tmp_path, "a", {"m0": f["m0"], "m1": f["m1"]}, y)
    write_run(tmp_path, "shorter", {"m1": f["m1"][:280], "m2": f["m2"][:280]}, y[:280])
    write_run(tmp_path, "renamed", {"twin": f["m1"]}, y)
    part = losses(y[:260], {"mine": f["m0"][:260]})
    trials = loaded(tmp_path, part)
    assert sorted(name for one in trials.earlier.values() for name in one.loss if name != "naive") == ["m1", "m2"]
    assert trials.varied == ()


def test_naive_under_another_name_is_no_trial(tmp_path):
    y, f = noise(200, 2)
    write_run(tmp_path, "a", {"zero": 0 * y, "m0": f["m0"], "m1": f["m1"]}, y)
    assert models(loaded(tmp_path, losses(y, {"m0": f["m0"]}))) == {"m1"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"loss": "absolute"}, "loss"), ({"horizon": 5}, "horizon"), ({"start": "2018-01-01"}, "start date"),
     ({"naive": "drift"}, "benchmark")],
)  # fmt: skip
def test_what_may_not_be_chosen_after_looking_counts_even_for_the_same_series(tmp_path, changed, words):
    """The same forecasts judged in another loss, horizon, from another start or against another benchmark."""
    y, f = noise(200, 1)
    write_run(tmp_path, "a", f, y, **changed)
    part = losses(y, f)
    trials = loaded(tmp_path, part)
    assert models(trials) == {"m0"}
    assert trials.varied == (words,)
    verdict = rule(part, examine(part, replications=99, trials=trials))
    assert verdict.to_json()["trials"]["varied"] == [words]
    assert f"which differ in {words}" in verdict.words


def test_an_earlier_end_date_cannot_make_a_winner(tmp_path):
    """Counting replaced the run's own p by the joint one on fewer rows; now the larger of the two rules."""
    rng = np.random.default_rng(3)
    y, f = 0.01 * rng.standard_normal((2, 300))
    lucky = np.where(np.arange(300) < 240, 0.3 * y + 0.1 * f, -0.6 * y)
    write_run(tmp_path, "a", {"linear": 1.1 * lucky[:240]}, y[:240])
    part = losses(y, {"linear": lucky})
    alone = examine(part, replications=499)
    counted = examine(part, replications=499, trials=loaded(tmp_path, part))
    assert counted.counted == 2
    assert counted.models["linear"].p_adjusted >= alone.models["linear"].p_adjusted > 0.05


def test_a_trial_counts_for_the_symbols_it_covers(tmp_path):
    y, f = 0.01 * np.random.default_rng(1).standard_normal((2, 100, 2))
    run = replace(panel(y, {"mine": 0.1 * f}), symbols=("X", "Y"))
    write_run(tmp_path, "a", {"m": 0.2 * f[:, 0]}, y[:, 0])
    trials = load_trials(tmp_path, found(tmp_path, symbols=("X", "Y")), run, own=tmp_path / "now")
    counted = examine(run, replications=99, trials=trials)
    assert (counted.counted, counted.symbols["X"].counted, counted.symbols["Y"].counted) == (2, 2, 1)


def test_a_list_made_at_the_start_does_not_grow(tmp_path):
    y, f = noise(200, 2)
    write_run(tmp_path, "a", {"m0": f["m0"]}, y)
    record = found(tmp_path)
    write_run(tmp_path, "b", {"m1": f["m1"]}, y)
    assert models(loaded(tmp_path, losses(y, {"mine": 0 * y + 0.001}), record)) == {"m0"}


def test_a_listed_run_that_changed_counts_by_bonferroni(tmp_path):
    y, f = noise(200, 2)
    folder = write_run(tmp_path, "a", {"m0": f["m0"]}, y)
    record = found(tmp_path)
    part = losses(y, {"mine": 0 * y + 0.001})
    table = pd.read_parquet(folder / "forecasts.parquet")
    table.assign(yhat=table.yhat * 1.001).to_parquet(folder / "forecasts.parquet")
    why = {"a/m0": "its forecasts have changed or gone since this run began"}
    assert loaded(tmp_path, part, record).unjoined == why
    (folder / "forecasts.parquet").write_bytes(b"PAR1")
    assert loaded(tmp_path, part, record).unjoined == why
    (folder / "study.toml").unlink()
    (folder / "forecasts.parquet").unlink()
    trials = loaded(tmp_path, part, record)
    assert trials.unjoined == why
    counted, alone = examine(part, replications=99, trials=trials), examine(part, replications=99)
    assert counted.models["mine"].p_adjusted == pytest.approx(min(1.0, 2 * alone.models["mine"].p_adjusted))


@pytest.mark.parametrize(("loss", "yhat"), [("qlike", None), ("squared", np.inf), ("squared", 1e308)])
def test_a_neighbour_whose_losses_have_no_end_counts_by_bonferroni(tmp_path, loss, yhat):
    """QLIKE of returns, say: a table that can be read, and not judged."""
    y, f = noise(200, 1)
    folder = write_run(tmp_path, "a", f, y, loss=loss, close=1e-9 if yhat == 1e308 else 100.0)
    if yhat is not None:
        table = pd.read_parquet(folder / "forecasts.parquet")
        table["yhat"] = table.yhat.where(table.model != "m0", yhat)
        table.to_parquet(folder / "forecasts.parquet")
    trials = loaded(tmp_path, losses(y, {"mine": 0.5 * f["m0"]}))
    assert trials.unjoined == {"a/m0": "its losses cannot be computed"}
    assert trials.earlier == {}


DAMAGE = {
    "a symbol that is a list": lambda table: table.assign(symbol=[["X"]] * len(table)),
    "a symbol that is a number": lambda table: table.assign(symbol=7),
    "no symbol": lambda table: table.assign(symbol=table.symbol.where(table.index > 3)),
    "a model that is a number": lambda table: table.assign(model=7),
    "origins that are text": lambda table: table.assign(origin="2020-01-01"),
    "origins that are numbers": lambda table: table.assign(origin=range(len(table))),
    "no day": lambda table: table.assign(origin=table.origin.where(table.index > 3)),
    "rows twice": lambda table: pd.concat([table, table]),
    "closes that are text": lambda table: table.assign(close="a"),
    "forecasts that are lists": lambda table: table.assign(yhat=[[1.0]] * len(table)),
    "no model": lambda table: table.drop(columns="model"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_neighbour_with_a_damaged_table_is_named_and_not_counted(tmp_path, damage):
    y, f = noise(200, 1)
    folder = write_run(tmp_path, "bad", f, y)
    write_run(tmp_path, "good", {"m1": 2 * f["m0"]}, y)
    table = pd.read_parquet(folder / "forecasts.parquet").reset_index(drop=True)
    DAMAGE[damage](table).to_parquet(folder / "forecasts.parquet")
    trials = loaded(tmp_path, losses(y, {"mine": 0.5 * f["m0"]}))
    assert trials.damaged == ("bad",)
    assert models(trials) == {"m1"}


@pytest.mark.parametrize(
    "text",
    [
        'loss = "nonsense"', "loss = 3", 'loss = ["squared"]', 'loss = "crps"', 'source = { symbols = [["X"]] }',
        'source = { symbols = "X" }', 'target = { kind = ["return"] }', "target = { horizon = 1.5 }",
        "target = { horizon = 1000000000000 }", 'target = { horizon = "5" }', "models = [1]",
    ],
)  # fmt: skip
def test_a_neighbour_with_a_damaged_study_is_named_and_not_counted(tmp_path, text):
    y, f = noise(200, 1)
    folder = write_run(tmp_path, "bad", f, y)
    (folder / "study.toml").write_text(text)
    trials = loaded(tmp_path, losses(y, {"mine": 0.5 * f["m0"]}))
    assert trials.damaged == ("bad",)
    assert trials.earlier == {}


def test_loops_of_links_beside_a_run_are_passed_over(tmp_path):
    y, f = noise(200, 1)
    folder = write_run(tmp_path, "a", f, y)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "link").symlink_to(folder)
    assert listed(found(tmp_path)) == {("a", "m0")}
    assert listed(found(tmp_path, own=tmp_path / "link")) == set()
