"""The embedded sample is what the script makes of the installed packages, and lies in the package with its licences."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from beatnaive.prices import Source, load
from beatnaive.prices.sample import PATH, SYMBOLS

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "make_sample.py"


def test_the_content_is_that_of_the_packages() -> None:
    """Expected values come from the packages, read by themselves and not by the script."""
    from arch.data import nasdaq, sp500
    from skfolio.datasets import load_sp500_dataset

    got = {prices.symbol: prices for prices in load(Source(symbols=SYMBOLS))}
    for symbol, module in (("^GSPC", sp500), ("^IXIC", nasdaq)):
        frame = module.load()
        np.testing.assert_array_equal(
            got[symbol].bars, frame[["Open", "High", "Low", "Close", "Volume"]].to_numpy(float)
        )
        np.testing.assert_array_equal(got[symbol].sessions, frame.index.to_numpy().astype("datetime64[D]"))
    closes = load_sp500_dataset()
    assert set(closes.columns) == set(SYMBOLS) - {"^GSPC", "^IXIC"}
    for symbol in closes.columns:
        np.testing.assert_array_equal(got[symbol].bars[:, 3], closes[symbol].to_numpy())
        assert got[symbol].columns == ("Close",)


def test_the_script_makes_the_same_content() -> None:
    import pandas as pd

    spec = importlib.util.spec_from_file_location("make_sample", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    stored = pd.read_parquet(PATH)
    made = script.content()[stored.columns]
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(stored[name].to_numpy(), made[name].to_numpy())
    assert stored["symbol"].astype(str).tolist() == made["symbol"].tolist()
    assert (pd.to_datetime(stored["date"]).to_numpy() == made["date"].to_numpy()).all()


def test_size_and_licences() -> None:
    assert PATH.stat().st_size < 0.75e6
    assert (
        "University of Illinois" in (PATH.parent / "LICENSE.arch.txt").read_text()
        or "Kevin Sheppard" in (PATH.parent / "LICENSE.arch.txt").read_text()
    )
    assert "skfolio developers" in (PATH.parent / "LICENSE.skfolio.txt").read_text()


@pytest.mark.parametrize("symbol", ["AAPL", "^GSPC"])
def test_its_calendar_is_new_york_and_its_note_says_what_is_adjusted(symbol: str) -> None:
    (prices,) = load(Source(symbols=(symbol,)))
    assert prices.calendar == "XNYS"
    assert ("adjusted" in prices.provenance.note) == (symbol == "AAPL")
