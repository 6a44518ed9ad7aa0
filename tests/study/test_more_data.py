"""`beatnaive run --study more_data`, made small: fewer gradient steps and a smaller network."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from beatnaive.report import charts
from beatnaive.runs.folder import read_tables
from beatnaive.study.spec import presets

SMALL = (("updates    = 2000", "updates = 4"), ("epochs     = 20", "epochs = 2"), ("[50, 50]", "[4]"), ("[25]", "[2]"))
FEWER = (("lookback   = 30", "lookback = 5"), ("sizes    = [1, 2, 5, 10, 20]", "sizes = [1, 2, 4]"),
         ("orders   = 5", "orders = 2"), ("seeds    = 3", "seeds = 2"))  # fmt: skip


def beatnaive(folder, *words):
    code = "from beatnaive.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "run", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def panel(path, symbols=4, n=700):
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2015-01-01", periods=n)
    frames = [
        pd.DataFrame({"date": days, "symbol": f"S{k}", "close": 50 * np.exp(rng.normal(0, 0.01, n).cumsum())})
        for k in range(symbols)
    ]
    pd.concat(frames).to_csv(path, index=False)


@pytest.mark.slow
def test_a_panel_of_ones_own_goes_through_the_whole_study(tmp_path):
    text = presets()["more_data"].read_text(encoding="utf-8")
    for before, after in (*SMALL, *FEWER):
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "small.toml").write_text(text)
    panel(tmp_path / "panel.csv")
    done = beatnaive(tmp_path, "--study", "small.toml", "--source", "panel.csv", "--out", "run")
    assert done.returncode == 0, done.stderr
    assert "More data: on S0 (" in " ".join(done.stdout.split())
    curve = json.loads((tmp_path / "run" / "learning_curve.json").read_text())
    assert [point["symbols"] for point in curve["points"]] == [1, 2, 4]
    windows = [point["windows"] for point in curve["points"]]
    assert windows == [windows[0], 2 * windows[0], 4 * windows[0]]
    forecasts = pd.read_parquet(tmp_path / "run" / "forecasts.parquet")
    assert set(forecasts["symbol"]) == {"S0"}
    assert forecasts[forecasts["seed"] == -1].groupby("model")["origin"].count().nunique() == 1
    assert charts.draw("learning_curve", read_tables(tmp_path / "run")) is not None
    assert (tmp_path / "run" / "plots" / "learning_curve.png").stat().st_size > 10_000
    fits = json.loads((tmp_path / "run" / "fits.json").read_text())
    assert {len(fit["history"]["loss"]) for fit in fits if fit["model"] != "naive"} == {2}
