"""What a forecast knows of releases: how old each value is, and a refusal where what the model learnt from is gone."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive.cli.forecast import show
from beatnaive.core.errors import InputError
from beatnaive.forecasting import file
from beatnaive.forecasting.forecast import forecast
from beatnaive.forecasting.ledger.calls import call_of
from beatnaive.models.spec import ModelSpec
from beatnaive.prices import Source, load
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases import ReleaseSpec
from beatnaive.runs.record import Recorder
from beatnaive.runs.saved_models import SavedRun
from beatnaive.runs.store import RunStore
from beatnaive.study.spec import Study

NOW = np.datetime64("2019-01-01T12:00:00")
PERIODS = pd.date_range("2014-12-31", "2018-11-30", freq="ME")


def orders(path: Path, last: int = len(PERIODS)) -> None:
    """Monthly orders, published at noon in New York on the 10th of the month that follows."""
    end = PERIODS[:last]
    known = (end + pd.Timedelta(days=10)).strftime("%Y-%m-%d 12:00")
    value = 100 + np.random.default_rng(0).normal(size=len(PERIODS))[:last]
    pd.DataFrame({"period_end": end, "known_at": known, "value": value}).to_csv(path, index=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run whose `linear` uses orders and vix, and whose `bare` uses vix alone; and the file of orders."""
    place = tmp_path_factory.mktemp("known")
    path = place / "orders.csv"
    orders(path)
    models = {
        "naive": ModelSpec("naive"), "linear": ModelSpec("linear"),
        "bare": ModelSpec("linear", {"columns": ("return_1", "vix")}),
    }  # fmt: skip
    releases = {"orders": ReleaseSpec("file", {"path": str(path)}), "vix": ReleaseSpec("vix")}
    source = Source("sample", symbols=("^GSPC",), years=2)
    study = Study("mine", source, models, features=("returns",), releases=releases, leak_premium=False)
    Recorder(RunStore(place / "run")).run(study, pages=False, jobs=1)
    return place / "run", path


@pytest.fixture
def supported(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Which model the verdict is taken to support."""

    def choose(model: str | None) -> None:
        monkeypatch.setattr(SavedRun, "ruled_better", lambda self, symbol: model)

    return choose


def test_a_forecast_says_how_old_each_value_is(
    run: tuple[Path, Path], supported: Callable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supported("linear")
    outlook = forecast(run=run[0], now=NOW)
    assert (outlook.origin, outlook.model) == ("2018-12-31", "linear")
    known = {one.name: one for one in outlook.releases}
    # the period to 30 November came out on 10 December at noon: the close of that day could use it
    sessions = sessions_between("XNYS", np.datetime64("2018-12-10"), np.datetime64("2018-12-31"))
    assert (known["orders"].period_end, known["orders"].known_at) == ("2018-11-30", "2018-12-10T17:00:00Z")
    assert known["orders"].age == len(sessions) - 1
    assert (known["vix"].period_end, known["vix"].age) == ("2018-12-28", 0), "the 31st's VIX comes after the close"
    show(outlook)
    said = capsys.readouterr().out
    assert "Known of vix: 28.34 for the period to 2018-12-28, 0 sessions old" in said
    assert "for the period to 2018-11-30, 14 sessions old (published 2018-12-10T17:00Z)" in said
    file.write(outlook, tmp_path / "f.json")
    again = file.read(tmp_path / "f.json")
    assert again.releases == outlook.releases
    written = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    del written["releases"]  # as a file from before releases were told
    (tmp_path / "old.json").write_text(json.dumps(written), encoding="utf-8")
    assert file.read(tmp_path / "old.json").releases == ()


def test_the_forecast_is_what_the_run_would_have_said(run: tuple[Path, Path], supported: Callable) -> None:
    """At the run's last scored origin the saved model, told the release anew, repeats the run's forecast to the bit."""
    from beatnaive.forecasting.known_releases import released_for
    from beatnaive.runs.saved_inputs import panel

    saved = SavedRun.open(run[0])
    inputs = panel(saved, load(saved.study.source)[0], released=released_for(saved, ["linear"]))
    table = saved.table(["origin", "close", "yhat"], {"symbol": "^GSPC", "model": "linear", "seed": -1})
    rows = np.searchsorted(inputs.session, table["origin"][-5:])
    again = table["close"][-5:] * np.exp(saved.predict("linear", inputs, rows))
    np.testing.assert_array_equal(again, table["yhat"][-5:])


def test_a_release_that_the_model_learnt_from_and_that_is_missing_ends_it(
    run: tuple[Path, Path], supported: Callable
) -> None:
    folder, path = run
    saved = SavedRun.open(folder)
    prices = load(replace(saved.study.source, end=None))[0]

    def told(model: str | None, words: str) -> None:
        supported(model)
        with pytest.raises(InputError, match=words) as error:
            forecast(run=folder, now=NOW)
        assert len(str(error.value)) < 300
        with pytest.raises(InputError, match=words):
            call_of(saved, prices)

    try:
        path.unlink()
        told("linear", "linear learnt from orders, which cannot be read now: no such file")
        orders(path, last=len(PERIODS) - 6)
        told("linear", r"learnt from orders, whose newest value is \d+ sessions old.*bring the release up to date")
        frame = pd.DataFrame({"period_end": ["2018-12-31"], "known_at": ["2019-01-10"], "value": [1.0]})
        frame.to_csv(path, index=False)
        told("linear", "nothing had been published by the close of 2018-12-31")
        path.write_text("period_end,known_at,widgets\n2018-11-30,2018-12-10,1\n", encoding="utf-8")
        orders_gone = pd.read_csv(path).assign(gadgets=2.0)
        orders_gone.to_csv(path, index=False)
        told("linear", "no longer gives the feature orders")
        # naive learnt from nothing, and `bare` from vix alone: the file is no affair of theirs
        path.unlink()
        supported("bare")
        assert [one.name for one in forecast(run=folder, now=NOW).releases] == ["vix"]
        supported(None)
        assert forecast(run=folder, now=NOW).releases == ()
    finally:
        orders(path)


def test_ages_are_those_of_the_exchanges_sessions() -> None:
    """The clock of this file: 10 December 2018 at noon comes before that day's close."""
    day = np.array(["2018-12-10"], "datetime64[D]")
    assert closes("XNYS", day)[0] == np.datetime64("2018-12-10T21:00:00")
