"""Tomorrow's forecast from a run folder: the run's own models to the bit, damaged files refused, the right session."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beatnaive.core.errors import InputError, Interrupted, UnknownName
from beatnaive.forecasting import file, score
from beatnaive.forecasting.forecast import ends_early, forecast, staleness
from beatnaive.forecasting.outlook import Outlook
from beatnaive.prices import Source, load
from beatnaive.runs import bearing_out
from beatnaive.runs.folder import read_record, sealed, sha256
from beatnaive.runs.record import Recorder
from beatnaive.runs.saved_inputs import panel
from beatnaive.runs.saved_models import SavedRun
from beatnaive.runs.store import RunStore
from beatnaive.study.panel import inputs_of
from beatnaive.study.spec import parse

SMALL = {"lookback": 5, "units": [4], "dense": [], "epochs": 2}
MODELS = {"naive": {}, "linear": {}, "boosting": {"trees": 5}, "ets": {}, "lstm": SMALL, "combination": {}}


def study_of(models: dict[str, Any], **more: Any) -> Any:
    source = {"kind": "sample", "symbols": ["^GSPC"], "years": 2}
    split = {"kind": "walk_forward", "first": 250, "refit_every": 100}
    return parse({"source": source, "features": ["published"], "split": split, "models": models, **more}, "small")


def run_into(folder: Path, study: Any) -> None:
    """The tables and the models of a study's run, without pages."""
    Recorder(RunStore(folder)).run(study, pages=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("run")
    run_into(place, study_of(MODELS, seeds=2))
    return place


def ruled(folder: Path, copy: Path, model: str) -> Path:
    """A copy of the run whose verdict supports a model."""
    shutil.copytree(folder, copy)
    verdict = json.loads((copy / "verdict.json").read_text(encoding="utf-8"))
    verdict["models"][model].update(ruling="better", skill_pct=1.0)
    (copy / "verdict.json").write_text(json.dumps(verdict), encoding="utf-8")
    record = read_record(copy)
    record["files"]["verdict.json"] = sha256((copy / "verdict.json").read_bytes())
    (copy / "run.json").write_text(sealed(record), encoding="utf-8")
    return copy


@pytest.fixture(autouse=True)
def _a_verdict_made_for_a_test_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearing_out, "bear_out", lambda *_: None)


NOW = np.datetime64("2019-01-01T12:00:00")


def test_naive_stands_on_the_last_close_and_forecasts_the_session_after_the_holiday(folder: Path) -> None:
    outlook = forecast(run=folder, now=NOW)
    step = outlook.steps[0]
    assert (outlook.origin, step.session, step.closes_at) == ("2018-12-31", "2019-01-02", "2019-01-02T21:00:00Z")
    assert (outlook.model, step.price, outlook.stale) == ("naive", outlook.close, None)
    assert step.quantiles == tuple(sorted(step.quantiles))
    low, high = step.interval(0.95)
    assert low < step.price < high
    assert 0.3 < step.p_rise < 0.7
    assert 0.01 < step.volatility < 0.03


def test_further_sessions_are_less_certain_and_skip_the_weekend(folder: Path) -> None:
    steps = forecast(run=folder, horizon=4, now=NOW).steps
    assert [step.session for step in steps] == ["2019-01-02", "2019-01-03", "2019-01-04", "2019-01-07"]
    assert np.all(np.diff([step.volatility for step in steps]) > 0)


@pytest.mark.parametrize("model", ["linear", "boosting", "ets", "lstm", "combination"])
def test_a_supported_model_gives_the_centre_and_repeats_the_run_to_the_bit(
    folder: Path, tmp_path: Path, model: str
) -> None:
    import pandas as pd

    run = ruled(folder, tmp_path / "run", model)
    outlook = forecast(run=run, now=NOW)
    assert (outlook.model, outlook.steps[0].model) == (model, model)
    assert outlook.steps[0].price != outlook.close
    table = pd.read_parquet(run / "forecasts.parquet")
    table = table[(table["model"] == model) & (table["seed"] == -1) & (table["fold"] == table["fold"].max())]
    saved = SavedRun.open(run)
    inputs = panel(saved, load(saved.study.source)[0])
    rows = np.searchsorted(inputs.session, pd.to_datetime(table["origin"]).to_numpy().astype("datetime64[D]"))
    again = table["close"].to_numpy() * np.exp(saved.predict(model, inputs, rows))
    np.testing.assert_array_equal(again, table["yhat"].to_numpy())


WITHOUT_KERAS = """
import sys
from beatnaive.cli import main
from beatnaive.runs import bearing_out
bearing_out.bear_out = lambda *_: None  # this verdict was made for a test
try:
    main()
finally:
    assert not {"keras", "pandas"} & set(sys.modules), "a forecast from an LSTM on closes needs neither"
"""


def test_a_new_process_gives_the_same_bits_and_needs_no_keras(folder: Path, tmp_path: Path) -> None:
    run = ruled(folder, tmp_path / "run", "lstm")
    words = ["-c", WITHOUT_KERAS, "forecast", "--run", str(run), "--json"]
    other = json.loads(subprocess.run([sys.executable, *words], capture_output=True, check=True, text=True).stdout)
    step = forecast(run=run, now=NOW).steps[0]
    assert (other["model"], other["steps"][0]["price"]) == ("lstm", step.price)
    assert list(other["steps"][0]["quantiles"].values()) == list(step.quantiles)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on two symbols, of which one has closes only: its columns are those that both have."""
    import pandas as pd

    place = tmp_path_factory.mktemp("pair")
    frames = []
    for one in load(Source(symbols=("^GSPC", "AAPL"), start=date(2017, 1, 3), end=date(2018, 12, 31))):
        frame = pd.DataFrame(one.bars, columns=["Open", "High", "Low", "Close", "Volume"])
        frames.append(frame.assign(Date=one.sessions, Symbol=one.symbol))
    pd.concat(frames).to_csv(place / "pair.csv", index=False)
    study = {
        "source": {"kind": "file", "path": str(place / "pair.csv")},
        "features": ["published"],
        "exclude": ["Daily_Return"],
        "split": {"kind": "walk_forward", "first": 250, "refit_every": 100},
        "models": {**MODELS, "pooled": {"kind": "ridge", "per_symbol": False}},
        "seeds": 2,
    }
    run_into(place / "run", parse(study, "pair"))
    return place / "run"


@pytest.mark.parametrize("symbol", ["AAPL", "^GSPC"])
@pytest.mark.parametrize("model", ["linear", "pooled", "boosting", "ets", "lstm", "combination"])
def test_a_symbol_of_a_panel_gets_what_the_runs_model_says_in_the_panel(pair: Path, symbol: str, model: str) -> None:
    saved = SavedRun.open(pair)
    whole, _ = inputs_of(saved.study, load(saved.study.source))
    own = np.flatnonzero(whole.symbol == saved.symbols.index(symbol))
    within = saved.predict(model, whole, own[-60:])
    alone = panel(saved, load(replace(saved.study.source, symbols=(symbol,), end=None))[0])
    np.testing.assert_array_equal(saved.predict(model, alone, np.arange(len(alone))[-60:]), within)
    assert "Volume" not in saved.features


def test_splits_and_dividends_since_the_run_are_no_moves(tmp_path: Path) -> None:
    """A linear model on price levels, then a 2:1 split and a dividend of one per cent: the source rescales the past."""
    path = tmp_path / "abc.csv"
    rows = load(Source(symbols=("^GSPC",), start=date(2016, 1, 4), end=date(2018, 12, 31)))[0]
    source = {"kind": "file", "path": str(path)}
    split = {"kind": "single", "train": 0.8}
    models: dict[str, Any] = {"naive": {}, "linear": {}, "lstm": {**SMALL, "target": "price"}}
    write_yahoo(path, rows.sessions[:-10], rows.bars[:-10])
    data = {"source": source, "features": ["published"], "split": split, "models": models, "seeds": 1}
    run_into(tmp_path / "run", parse(data, "levels"))
    saved = SavedRun.open(tmp_path / "run")
    before = panel(saved, load(saved.study.source)[0])
    write_yahoo(path, rows.sessions, rows.bars * [0.5, 0.5, 0.5, 0.5, 2.0], splits={-5: 2.0}, dividends={-3: 12.5})
    later = load(replace(saved.study.source, end=None, as_of=None))[0]
    after = panel(saved, later)
    assert later.bars[0, 3] == pytest.approx(0.5 * 0.99 * rows.bars[0, 3], rel=1e-3)
    np.testing.assert_allclose(after.bars[: len(before)], before.bars, rtol=1e-12)
    recent = np.arange(len(before))[-100:]
    for model in ("linear", "lstm"):
        a, b = (saved.predict(model, inputs, recent) for inputs in (before, after))
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)
        run = ruled(tmp_path / "run", tmp_path / model, model)
        outlook = forecast(run=run, now=NOW)
        assert outlook.close == pytest.approx(0.5 * rows.bars[-1, 3])  # in today's currency
        assert outlook.recent[-1] == (outlook.origin, pytest.approx(outlook.close))
        last = saved.predict(model, after, np.array([len(after) - 1]))[0]
        assert np.log(outlook.steps[0].price / outlook.close) == pytest.approx(last)


def write_yahoo(
    path: Path, sessions: Any, bars: Any, *, splits: dict[int, float] | None = None,
    dividends: dict[int, float] | None = None,
) -> None:  # fmt: skip
    """Bars as Yahoo gives them: adjusted for all splits, not for dividends."""
    import pandas as pd

    frame = pd.DataFrame(bars, columns=["Open", "High", "Low", "Close", "Volume"])
    frame.insert(0, "Date", sessions)
    for name, events in (("Stock Splits", splits), ("Dividends", dividends)):
        values = np.zeros(len(frame))
        for row, value in (events or {}).items():
            values[row] = value
        frame[name] = values
    frame.to_csv(path, index=False)


def test_a_feature_that_the_series_no_longer_gives_is_named(pair: Path, tmp_path: Path) -> None:
    run = shutil.copytree(pair, tmp_path / "run")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    record["features"].append("Moon")
    (run / "run.json").write_text(sealed(record), encoding="utf-8")
    saved = SavedRun.open(run)
    with pytest.raises(InputError, match="AAPL no longer gives the feature Moon"):
        panel(saved, load(saved.study.source)[0])


def test_a_model_that_was_judged_at_another_horizon_does_not_serve(folder: Path, tmp_path: Path) -> None:
    outlook = forecast(run=ruled(folder, tmp_path / "run", "linear"), horizon=2, now=NOW)
    assert outlook.model == "naive"
    assert "2 sessions ahead" in outlook.why


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (
            lambda path: path.write_bytes(path.read_bytes() + b" "),
            "changed or cut short",
        ),
        (lambda path: path.write_bytes(path.read_bytes()[:40]), "changed or cut short"),
        (lambda path: path.unlink(), "is missing"),
        (lambda path: (path.parent / "other.pkl").write_bytes(b"\x80"), "not a file of this run"),
    ],
)
def test_damaged_and_foreign_model_files_are_refused(folder: Path, tmp_path: Path, harm: Any, message: str) -> None:
    run = ruled(folder, tmp_path / "run", "linear")
    harm(next((run / "models" / "linear").rglob("model.json")))
    with pytest.raises(InputError, match=message):
        forecast(run=run, now=NOW)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "interrupted"}, "not complete"),
        ({"versions": {"beatnaive": "9.9"}}, "made by beatnaive 9.9"),
    ],
)
def test_unfinished_runs_and_other_versions_are_refused(
    folder: Path, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    run = shutil.copytree(folder, tmp_path / "run")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    (run / "run.json").write_text(sealed({**record, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        forecast(run=run, now=NOW)


def test_a_horizon_of_no_session_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="at least 1 session"):
        forecast(run=folder, horizon=0, now=NOW)


@pytest.mark.parametrize("name", ["run.json", "study.toml", "verdict.json", "forecasts.parquet"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"[1]"])
def test_changed_and_missing_parts_of_the_run_are_refused(
    folder: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    run = shutil.copytree(folder, tmp_path / "run")
    (run / name).unlink() if content is None else (run / name).write_bytes(content)
    with pytest.raises(InputError, match="run"):
        forecast(run=run, now=NOW)


def test_a_symbol_that_the_run_does_not_have_is_named(folder: Path) -> None:
    with pytest.raises(UnknownName, match="GSPC"):
        forecast("^GSPX", run=folder, now=NOW)


def test_a_volatility_run_gives_the_width(tmp_path: Path) -> None:
    models = {name: {} for name in ("last_value", "mean_20", "expanding_mean", "har")}
    study = study_of(models, target={"kind": "volatility", "horizon": 1})
    run_into(tmp_path / "run", study)
    run = ruled(tmp_path / "run", tmp_path / "ruled", "har")
    outlook = forecast(run=run, now=NOW)
    assert (outlook.model, outlook.width) == ("naive", "har")
    assert outlook.steps[0].price == outlook.close
    saved = SavedRun.open(run)
    inputs = panel(saved, load(saved.study.source)[0])
    last = saved.predict("har", inputs, np.array([len(inputs) - 1]))
    made = saved.table(["close", "y", "yhat", "origin"], {"model": "har", "seed": -1})
    after = np.searchsorted(inputs.session, made["origin"]) + 1
    returns = np.log(inputs.close[after] / inputs.close[after - 1])
    to_returns = np.sqrt((returns**2).mean() / made["yhat"].mean())  # ranges of an index miss its nights
    assert outlook.steps[0].volatility == pytest.approx(to_returns * np.sqrt(last[0]), rel=1e-9)
    assert 1.1 < to_returns < 1.6


def test_without_a_run_the_study_is_run_first() -> None:
    outlook = forecast(study=study_of({"naive": {}, "linear": {}}), now=NOW)
    assert (outlook.run, outlook.origin) == (None, "2018-12-31")


def test_a_forecast_from_a_past_day_stands_on_it_and_knows_nothing_later(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option, the study's own end and its as_of: the same forecast, and that of prices which end there."""
    from beatnaive.cli import main

    end = date(2014, 10, 17)
    small = study_of({"naive": {}, "drift": {}})
    source = replace(small.source, start=date(2012, 10, 1), years=None)
    studies = (replace(source, end=end), replace(source, as_of=end), source)
    first, second, third = (
        forecast(study=replace(small, source=one), end=None if k < 2 else end, now=NOW) for k, one in enumerate(studies)
    )
    assert (first.origin, first.steps[0].session, first.recent[-1][0]) == ("2014-10-17", "2014-10-20", "2014-10-17")
    assert first.steps == second.steps == third.steps
    assert first.close == second.close == third.close == pytest.approx(1886.76)
    assert first.stale is not None
    assert "this is not a forecast of tomorrow" in first.stale

    with pytest.raises(SystemExit) as left:
        main(["forecast", "^GSPC", "--source", "sample", "--start", "2012-10-01", "--end", "2014-10-18", "--json",
              "--models", "drift"])  # fmt: skip
    assert not left.value.code
    told = json.loads(capsys.readouterr().out)
    assert told["origin"] == "2014-10-17"


def test_a_run_does_not_forecast_from_a_day_that_it_has_seen_beyond(folder: Path) -> None:
    with pytest.raises(
        InputError, match="was judged on prices up to 2018-12-31, so it cannot forecast from 2018-06-01"
    ):
        forecast(run=folder, end=date(2018, 6, 1), now=NOW)
    assert forecast(run=folder, end=date(2019, 1, 5), now=NOW).origin == "2018-12-31"


def test_without_a_run_forecast_starts_with_the_cheap_models() -> None:
    from beatnaive.study.spec import load_study

    default, cheap = load_study("default"), load_study("forecast")
    assert set(default.models) - set(cheap.models) == {"lstm"}
    assert (cheap.source, cheap.features, cheap.split) == (default.source, default.features, default.split)


def test_ctrl_c_points_to_no_folder_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("beatnaive.study.pipeline.walk_forward", stop)
    with pytest.raises(Interrupted, match="interrupted; nothing was kept"):
        forecast(study=study_of({"naive": {}, "drift": {}}), now=NOW)


@pytest.mark.parametrize(
    ("calendar", "origin", "following"),
    [("XNYS", "2024-01-12", "2024-01-16"), ("XNYS", "2024-01-19", "2024-01-22"), ("24/7", "2024-01-12", "2024-01-13")],
)
def test_fridays_close_forecasts_the_next_session(calendar: str, origin: str, following: str) -> None:
    from beatnaive.prices.calendars import next_sessions

    assert str(next_sessions(calendar, np.datetime64(origin), 1)[0]) == following


@pytest.mark.parametrize(
    ("symbol", "last", "now", "ahead", "half_days"),
    [
        ("ABC", "2024-11-22", "2024-11-23T12:00", ["2024-11-25", "2024-11-26", "2024-11-27", "2024-11-29"], 1),
        ("ABC", "2024-01-12", "2024-01-12T21:30", ["2024-01-16"], 0),
        ("BTC-USD", "2024-01-12", "2024-01-13T08:00", ["2024-01-13", "2024-01-14"], 0),
        ("VOD.L", "2024-03-28", "2024-03-29T12:00", ["2024-04-02"], 0),
    ],
)
def test_a_fridays_file_forecasts_the_calendars_next_sessions(
    tmp_path: Path, symbol: str, last: str, now: str, ahead: list[str], half_days: int
) -> None:
    from beatnaive.prices.calendars import calendar_of, sessions_between

    days = sessions_between(calendar_of(symbol), np.datetime64("2022-01-03"), np.datetime64(last))
    close = 50 * np.exp(np.random.default_rng(0).normal(0, 0.01, len(days)).cumsum())
    lines = [f"{day},{value:.4f}" for day, value in zip(days, close, strict=True)]
    (tmp_path / f"{symbol}.csv").write_text("\n".join(["Date,Close", *lines]), encoding="utf-8")
    source = {"kind": "file", "path": str(tmp_path / f"{symbol}.csv")}
    study = parse({"source": source, "models": {"naive": {}, "drift": {}}}, "plain")
    outlook = forecast(study=study, horizon=len(ahead), now=np.datetime64(now))
    assert (outlook.symbol, outlook.origin, outlook.stale) == (symbol, last, None)
    assert [step.session for step in outlook.steps] == ahead
    assert sum(step.half_day for step in outlook.steps) == half_days


def test_staleness_counts_sessions_that_have_closed() -> None:
    friday, monday = np.datetime64("2024-01-19"), np.datetime64("2024-01-22")
    assert staleness("XNYS", friday, np.datetime64("2024-01-22T20:59")) is None
    assert "1 later session has closed" in str(staleness("XNYS", friday, np.datetime64("2024-01-22T21:01")))
    assert "not a forecast of tomorrow" in str(staleness("XNYS", monday - 2000, np.datetime64("2024-01-22T21:01")))


def test_half_days_are_known_beforehand() -> None:
    assert ends_early("XNYS", np.datetime64("2024-12-24"))
    assert not ends_early("XNYS", np.datetime64("2024-12-26"))
    assert not ends_early("24/7", np.datetime64("2024-12-24"))


def file_of(outlook: Outlook, folder: Path) -> Path:
    file.write(outlook, folder / "f.json")
    return folder / "f.json"


def test_a_forecast_file_reads_back_equal(folder: Path, tmp_path: Path) -> None:
    outlook = forecast(run=folder, horizon=2, now=NOW)
    assert file.read(file_of(outlook, tmp_path)) == replace(outlook, recent=())


def test_scored_when_prices_have_come_in(folder: Path, tmp_path: Path) -> None:
    outlook = forecast(run=folder, horizon=2, now=NOW)
    earlier = replace(outlook, origin="2018-12-27", close=2488.830078, steps=tuple(
        replace(step, session=session, closes_at=f"{session}T21:00:00Z", price=2400.0)
        for step, session in zip(outlook.steps, ("2018-12-28", "2019-01-02"), strict=True)
    ))  # fmt: skip
    one, other = score.score([file_of(earlier, tmp_path)])
    assert one.actual == pytest.approx(2485.73999)
    assert one.inside == {"50": True, "80": True, "95": True}
    assert (other.actual, other.inside) == (None, None)
    found = score.summary([one, other])
    assert (found["forecasts"], found["known"]) == (2, 1)
    assert (found["inside"]["95"]["count"], found["inside"]["95"]["share"]) == (1, 1.0)
    assert found["inside"]["95"]["low"] == pytest.approx(1 / (1 + 1.959963984540054**2))
    assert (one.late, other.late, found["late"]) == (True, False, 1)  # made on the first of January
    assert len(score.score([file_of(earlier, tmp_path)] * 2)) == 2  # two steps, once
    assert found["mape"] == pytest.approx(100 * (2485.73999 - 2400) / 2485.73999)
    assert found["naive_mape"] == pytest.approx(100 * (2488.830078 - 2485.73999) / 2485.73999)


def test_a_close_is_brought_to_the_units_of_the_forecast(folder: Path, tmp_path: Path) -> None:
    """After a 2:1 split the source's closes are halved; the forecast was made before."""
    outlook = forecast(run=folder, now=NOW)
    unsplit = replace(outlook, origin="2018-12-27", close=2 * 2488.830078, steps=tuple(
        replace(step, session="2018-12-28", quantiles=tuple(2 * value for value in step.quantiles))
        for step in outlook.steps
    ))  # fmt: skip
    assert score.score([file_of(unsplit, tmp_path)])[0].actual == pytest.approx(2 * 2485.73999)


@pytest.mark.parametrize("text", ["{}", "no json", '{"format": "beatnaive forecast 1"}', "[]"])
def test_other_files_are_no_forecasts(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"is not (a forecast file|valid JSON)"):
        file.read(path)


def test_the_fan_closes_on_the_origin_and_draws(folder: Path, tmp_path: Path) -> None:
    from beatnaive.report.charts import save_png
    from beatnaive.report.charts.fan import fan

    outlook = forecast(run=folder, horizon=3, now=NOW)
    chart = fan(file.to_json(outlook), outlook.recent)
    rows = chart.data.values.splitlines()
    head, last = rows[0].split(","), rows[-1].split(",")
    assert last[0] == "2019-01-04T00:00"
    assert float(last[head.index("high95")]) == pytest.approx(outlook.steps[-1].interval(0.95)[1], rel=1e-5)
    start = next(row.split(",") for row in rows if row.startswith("2018-12-31"))
    assert {start[head.index(f"{side}{band}")] for side in ("low", "high") for band in (50, 80, 95)} == {"2506.85"}
    assert save_png(chart, tmp_path / "fan.png").read_bytes()[:4] == b"\x89PNG"


def test_a_fan_that_lies_beside_its_forecast_says_why(folder: Path) -> None:
    from beatnaive.report.charts.fan import fan

    made = file.to_json(forecast(run=folder, now=NOW))
    (step,) = made["steps"]
    low, high = step["intervals"]["50"]
    said = {}
    for where, price in {"below": low - 1, "within": (low + high) / 2, "above": high + 1}.items():
        chart = fan({**made, "steps": [{**step, "price": price}]}, [("2018-12-31", made["close"])])
        said[where] = " ".join(chart.title.subtitle)
    assert "were mostly too low" in said["below"]
    assert "lies below its centre" in said["above"]
    assert "mostly" not in said["within"]


def test_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from beatnaive.cli import main

    out = tmp_path / "f.json"
    with pytest.raises(SystemExit) as end:
        main(["forecast", "--run", str(folder), "--horizon", "2", "--out", str(out)])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "2019-01-03" in text
    assert "not a forecast of tomorrow" in text
    with pytest.raises(SystemExit) as end:
        main(["score", str(out), "--json"])
    assert end.value.code == 0
    assert json.loads(capsys.readouterr().out)["summary"] == {"forecasts": 2, "known": 0}
