"""Notebooks of the commonest shapes: the leak of each is found and its repair named; mended, it is clean."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
import tutorials

from beatnaive.checks import audit_notebook, walk_frame
from beatnaive.checks.auditing.notebooks import audit as auditing
from beatnaive.checks.auditing.notebooks.run import Ran, python_of, run
from beatnaive.cli.audit import show
from beatnaive.core.errors import InputError, UserCodeFailed


@pytest.fixture(autouse=True)
def _few_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four runs each, however busy the machine is."""
    monkeypatch.setattr(auditing, "MOST", 2)


@pytest.mark.parametrize("shape", tutorials.SHAPES)
def test_a_tutorial_is_caught_and_its_mended_twin_is_not(shape: str, tmp_path: Path) -> None:
    report = audit_notebook(tutorials.write(tmp_path, shape, wrong=True, network="ridge"), "predictions", seconds=900)
    assert not report.clean
    assert tutorials.REPAIRS.get(shape, "") in report.leaks[0].repair
    mended = audit_notebook(tutorials.write(tmp_path, shape, wrong=False, network="ridge"), "predictions", seconds=900)
    assert (mended.leaks, mended.doubts) == ((), ())


def notebook(folder: Path, *cells: str) -> Path:
    path = folder / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    return path


GET = (
    "import numpy as np\nimport yfinance as yf\n"
    "close = yf.download('X', start='2015-01-01', end='2016-01-01')['Close']\n"
)


def test_one_session_decides_between_a_same_day_value_and_a_forecast_for_the_next(tmp_path: Path) -> None:
    today = notebook(tmp_path, GET + "predictions = 1.01 * close.values[-40:]")
    report = audit_notebook(today, "predictions", seconds=900)  # for its own session: it was not known
    assert "shift(1)" in report.leaks[0].repair
    assert audit_notebook(today, "predictions", predicts="next", seconds=900).clean  # for the next one: it was
    tomorrow = notebook(tmp_path, GET + "predictions = 1.01 * close.values[-41:-1]")
    assert audit_notebook(tomorrow, "predictions", seconds=900).clean


def test_a_notebook_without_a_seed_is_a_doubt(tmp_path: Path) -> None:
    path = notebook(tmp_path, GET + "predictions = np.random.default_rng().normal(size=40)")
    report = audit_notebook(path, "predictions", seconds=900)
    assert report.clean
    assert [doubt.test for doubt in report.doubts] == ["repeat unchanged"]


def test_what_cannot_be_audited_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserCodeFailed, match=r"mine.ipynb, cell 2 raised ZeroDivisionError"):
        audit_notebook(notebook(tmp_path, GET, "1 / 0"), "predictions", seconds=900)
    with pytest.raises(InputError, match="no variable 'predictions' at the end of the notebook"):
        audit_notebook(notebook(tmp_path, GET), "predictions", seconds=900)
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(InputError, match=r"broken.ipynb is not a notebook"):
        audit_notebook(tmp_path / "broken.ipynb", "predictions")


def test_lines_for_the_shell_are_skipped() -> None:
    assert (
        python_of("if x:\n    !ls\n%matplotlib inline\ny = 2")
        == "if x:\n    pass  # !ls\npass  # %matplotlib inline\ny = 2"
    )


LSTM = """
history = model.fit(x_train, y_train, 32, 30)
assert len(history.epoch) == 2, history.epoch
predictions = scaler.inverse_transform(model.predict(x_test))
"""


def test_an_lstm_trains_for_as_many_epochs_as_asked_and_alike_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "MOST", 1)  # three runs in all
    cells = tutorials.scaler_before_split(True, "lstm")[:-2]
    cells[0] = cells[0].replace("steps, split = 20", "steps, split = 5")
    path = notebook(tmp_path, *cells, "model = network(x_train)" + LSTM)
    report = audit_notebook(path, "predictions", epochs=2, seconds=900)
    repeated, changed = report.experiments
    assert repeated.outcome == "clean"  # weights, order and noise are seeded: two runs are equal to the last bit
    assert changed.outcome == "leak"
    assert "scaler.fit" in report.leaks[0].repair


SERVED = """
import os, random
import numpy as np
import pandas as pd
import torch
import yfinance as yf
from pandas_datareader import data as web
!touch shell.txt
%pip install nothing-of-this-name
daily = yf.Ticker('MSFT').history(period='1y')
assert {'Open', 'High', 'Low', 'Close', 'Volume', 'Dividends', 'Stock Splits'} <= set(daily), list(daily)
assert len(daily) == 252 and str(daily.index.tz) == 'America/New_York'
read = web.DataReader('MSFT', 'yahoo', '2015-01-01', '2016-01-01')
assert {'Close', 'Adj Close'} <= set(read) and len(read) == 261, len(read)
two = yf.download(['MSFT', 'AAPL'], start='2015-01-01', end='2016-01-01')
assert two['Close'].shape == (261, 2) and not two['Close']['MSFT'].equals(two['Close']['AAPL'])
own, stored = pd.read_csv('own.csv', parse_dates=['Date']), pd.read_parquet('own.parquet')
other = pd.read_csv('no_prices.csv')
assert os.environ['MPLBACKEND'] == 'Agg' and torch.seeds == [0] and not os.path.exists('shell.txt')
open('written.txt', 'w').close()
known = [random.random(), np.random.rand(), other['value'].sum()]
predictions = np.concatenate([known, *[one['Close'].values[-40:] for one in (daily, read, own, stored)]])
"""


def test_prices_come_from_us_whatever_the_notebook_asks(tmp_path: Path) -> None:
    bars = walk_frame(300, seed=3)
    bars.to_csv(tmp_path / "own.csv")
    bars.to_parquet(tmp_path / "own.parquet")
    (tmp_path / "no_prices.csv").write_text("when,value\n2012-03-01,1\n2012-03-02,2\n")
    (tmp_path / "torch.py").write_text("seeds = []\ndef manual_seed(n): seeds.append(n)\n")
    path = notebook(tmp_path, SERVED)
    settings = {"cut": None, "future": "up", "epochs": None, "flat": False, "data": None}
    before = run(path, "predictions", settings, 300).values
    assert not (tmp_path / "written.txt").exists()  # it ran in a copy
    cut = str(bars.index[-20])  # of the files; what is asked by date ended earlier or later
    after = run(path, "predictions", {**settings, "cut": cut}, 300)
    assert len(after.values) == len(before)  # other values, never other lengths
    same = after.values == before
    assert same[:3].all()  # seeded, and a table without prices is left alone
    for first in (83, 123):  # the two files: known up to the cut, others after it
        assert same[first : first + 21].all()
        assert not same[first + 21 : first + 40].any()
    np.testing.assert_allclose(before[83:123], bars["Close"].to_numpy()[-40:], rtol=1e-12)
    assert not same[3:43].any()  # a year up to today lies after the cut


def ran(forecasts: np.ndarray) -> Ran:
    days = tuple(f"2016-{month:02d}-{day:02d} 00:00:00" for month in range(1, 11) for day in range(1, 29))
    return Ran(forecasts, None, days)


def test_the_time_bounds_how_often_a_notebook_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[object] = []

    def run(path: object, name: object, settings: dict[str, object], seconds: float) -> Ran:
        calls.append(settings["cut"])
        return ran(np.arange(40.0))

    monkeypatch.setattr(auditing, "run", run)
    told: list[tuple[int, int]] = []
    report = audit_notebook(
        tmp_path / "mine.ipynb", "predictions", seconds=1e-6, progress=lambda done, total, _: told.append((done, total))
    )
    assert len(calls) == 3  # twice unchanged, and at one cut at least
    assert calls[:2] == [None, None]
    assert calls[2] is not None
    assert [done for done, _ in told] == [0, 1, 2]
    assert report.clean
    audit_notebook(tmp_path / "mine.ipynb", "predictions")
    assert len(calls) == 3 + 2 + auditing.MOST
    assert auditing.SECONDS == 300


def test_what_a_notebook_forecast_for_its_last_known_session_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        auditing,
        "run",
        lambda path, name, settings, seconds: ran(np.arange(40.0) * (1 + (settings["cut"] is not None))),
    )
    report = audit_notebook(tmp_path / "mine.ipynb", "predictions")
    assert report.leaks[0].last is not None
    show(report)
    told = capsys.readouterr().out
    assert "which one would act on" in told
    assert "None" not in told


def test_other_numbers_of_forecasts_are_a_doubt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        auditing, "run", lambda path, name, settings, seconds: ran(np.arange(40.0 if settings["cut"] is None else 39.0))
    )
    report = audit_notebook(tmp_path / "mine.ipynb", "predictions")
    assert report.clean
    assert "39 forecasts instead of 40" in report.doubts[0].words
