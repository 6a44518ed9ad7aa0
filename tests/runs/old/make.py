"""Made the run folder and the forecast file that lie here, with the version before the house was rebuilt.

In a checkout of commit c87e1f0:  PYTHONPATH=src python .../tests/runs/old/make.py

Versions later than the one in `run/run.json` refuse its models: then make both again with the first release.
"""

import os
import shutil
from pathlib import Path

import pytest

from beatnaive.cli import main
from beatnaive.prices import Source, load

SPLIT = """
features = ["returns"]
split = { kind = "single", train = 0.8 }
seeds = 1
[models.naive]
[models.linear]
"""
LSTM = "[models.lstm]\nlookback = 5\nunits = [4]\ndense = []\nepochs = 2\n"
PERIOD = 'symbols = ["^GSPC"], start = 2018-06-01, end = 2018-10-31'


def run(*words: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*words, "--quiet"])
    assert stop.value.code == 0, words


def write_prices(path: Path, last: str) -> None:
    """The sample's closes of 2018 up to a session, as a file."""
    (prices,) = load(Source(symbols=("^GSPC",), years=1))
    rows = [f"{day},{bar[3]}" for day, bar in zip(prices.sessions, prices.bars, strict=True) if str(day) <= last]
    path.write_text("\n".join(["Date,Close", *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    Path("old.toml").write_text(f'source = {{ kind = "sample", {PERIOD} }}{SPLIT}{LSTM}', encoding="utf-8")
    Path("file.toml").write_text(f'source = {{ kind = "file", path = "prices.csv" }}{SPLIT}', encoding="utf-8")
    write_prices(Path("prices.csv"), "2018-10-31")
    run("run", "--study", "old.toml", "--out", "run")
    run("forecast", "--study", "file.toml", "--horizon", "2", "--out", "forecast.json")
    for name in ("plots", "units"):
        shutil.rmtree(Path("run") / name)
    for name in ("run/report.html", "old.toml", "file.toml", "prices.csv"):
        Path(name).unlink()
