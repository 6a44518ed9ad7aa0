"""Every check over every row of FEATURES, MODELS and SOURCES: a new row gets a dozen tests by being listed."""

import contextlib
import socket
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from beatnaive import checks
from beatnaive.core.registry import resolve
from beatnaive.core.types import Prices, Samples
from beatnaive.features import FEATURES, feature_set
from beatnaive.models import MODELS
from beatnaive.models.spec import COMBINATION, ModelSpec, contestant
from beatnaive.prices import SOURCES, Source, Synthetic, load

Check = Callable[..., None]
FORECASTERS = [name for name in MODELS if name != COMBINATION]


def named(check: Check) -> str:
    return check.__name__


@cache
def bars() -> pd.DataFrame:
    return checks.index_frame(1700)


@cache
def market(target: str, factor: float = 1.0) -> Samples:
    rows = 800 if target == "volatility" else 260  # a variance needs more history to be estimated
    frames = {"AAA": checks.walk_frame(rows, seed=1), "BBB": checks.walk_frame(rows, seed=2)}
    return checks.samples_of(frames, ("returns", "published"), target=target, factor=factor)


@pytest.mark.parametrize("check", checks.CHECKS["feature"], ids=named)
@pytest.mark.parametrize("name", FEATURES)
def test_features(name: str, check: Check) -> None:
    check(feature_set(name), bars())


@pytest.mark.parametrize("check", checks.CHECKS["model"], ids=named)
@pytest.mark.parametrize("name", FORECASTERS)
def test_models(name: str, check: Check) -> None:
    target = resolve(MODELS[name]).targets[0]
    model = checks.quick(contestant(name, ModelSpec(name)))
    more = (market(target, 7.0),) if check is checks.scale_equivariant else ()
    check(model, market(target), *more)


class Ticker:
    """Stands in for yfinance's: a network that answers once, with a random walk."""

    def __init__(self, symbol: str) -> None:
        self.history_metadata = {"symbol": symbol}

    def history(self, **options: object) -> pd.DataFrame:
        with socket.socket() as line, contextlib.suppress(OSError):
            line.connect(("127.0.0.1", 9))  # what fetching does, and reading from the cache must not
        frame = checks.walk_frame(300, seed=4)
        frame.index = frame.index.tz_localize("America/New_York")
        return frame.assign(**{"Adj Close": frame["Close"], "Dividends": 0.0, "Stock Splits": 0.0})


def read(name: str, folder: Path) -> tuple[Prices, ...]:
    if name == "file":
        path = folder / "walk.csv"
        checks.walk_frame(300, seed=3).to_csv(path)
        return load(Source(kind="file", path=str(path)))
    if name == "synthetic":
        return load(Source(kind="synthetic", synthetic=Synthetic()))
    return load(Source(kind=name, symbols=("^GSPC", "AAPL")))


@pytest.mark.parametrize("check", checks.CHECKS["source"], ids=named)
@pytest.mark.parametrize("name", SOURCES)
def test_sources(name: str, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEATNAIVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("yfinance.Ticker", Ticker)
    if check is checks.reads_offline:
        check(lambda: read(name, tmp_path))
        return
    for prices in read(name, tmp_path):
        check(prices)
