"""What an earlier version wrote is still read: a run folder by report, forecast and explain, a forecast file by score.

The files lie in `old/`, beside the script that made them with the version before the folders were laid out anew.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from beatnaive.cli import main
from beatnaive.prices import Source, load
from beatnaive.runs.saved_inputs import panel
from beatnaive.runs.saved_models import SavedRun

OLD = Path(__file__).parent / "old"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the old run, in the folder where the commands are called."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(OLD / "run", tmp_path / "run")


def call(*words: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    assert stop.value.code == 0


def test_its_report_is_built_again(old: Path) -> None:
    call("report", "run")
    page = (old / "report.html").read_text(encoding="utf-8")
    verdict = json.loads((old / "verdict.json").read_text(encoding="utf-8"))
    assert verdict["words"].split(".")[0] in page
    assert "lstm" in page


def test_its_models_forecast_tomorrow_and_repeat_what_it_recorded(old: Path, capsys: pytest.CaptureFixture) -> None:
    call("forecast", "--run", "run", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["origin"], said["steps"][0]["session"], said["model"]) == ("2018-12-31", "2019-01-02", "naive")
    saved = SavedRun.open(old)
    inputs = panel(saved, load(saved.study.source)[0])
    for model in ("naive", "linear", "lstm"):
        made = saved.table(["origin", "close", "yhat"], {"model": model, "seed": -1})
        rows = np.searchsorted(inputs.session, made["origin"])
        np.testing.assert_allclose(made["close"] * np.exp(saved.predict(model, inputs, rows)), made["yhat"], rtol=1e-6)


def test_its_network_is_explained(old: Path) -> None:
    call("explain", "run", "run", "--quiet")
    assert "forget" in next((old / "explain").glob("lstm-*.html")).read_text(encoding="utf-8")


def test_a_forecast_file_is_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (prices,) = load(Source(symbols=("^GSPC",), years=1))
    closes = {str(day): float(bar[3]) for day, bar in zip(prices.sessions, prices.bars, strict=True)}
    rows = [f"{day},{close}" for day, close in closes.items()]
    (tmp_path / "prices.csv").write_text("\n".join(["Date,Close", *rows]) + "\n", encoding="utf-8")
    shutil.copy(OLD / "forecast.json", tmp_path)
    call("score", "forecast.json", "--json")
    scored = json.loads(capsys.readouterr().out)["forecasts"]
    assert [one["session"] for one in scored] == ["2018-11-01", "2018-11-02"]
    assert [one["actual"] for one in scored] == pytest.approx([closes["2018-11-01"], closes["2018-11-02"]])
