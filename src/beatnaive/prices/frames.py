"""Prices as a DataFrame, both ways: a user's frame becomes a Parquet file that a study can name, and back."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import BARS, Prices
from beatnaive.prices.columns import NAMES
from beatnaive.prices.source import Source

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.prices.explore import Exploration

NAME = "prices.parquet"


def source_of(
    frame: pd.DataFrame, *, symbol: str | Sequence[str] | None = None, calendar: str | None = None,
    folder: Path | None = None,
) -> Source:  # fmt: skip
    """A source of the prices in a DataFrame: of one symbol, of several as yfinance gives them, or a long panel.

    symbol: the name of a frame that holds one, or which of several; calendar: its exchange; folder: where the frame is
    kept as prices.parquet, so that a study runs again (None = for as long as this process lives).
    Raises InputError for a frame without dates or a close.

    >>> import pandas as pd
    >>> days = pd.bdate_range("2024-01-01", periods=3)
    >>> source_of(pd.DataFrame({"Close": [1.0, 2.0, 3.0]}, index=days), symbol="XYZ").symbols
    ('XYZ',)
    """
    from beatnaive.core.files import write_atomically

    wanted = (symbol,) if isinstance(symbol, str) else tuple(symbol or ())
    long, named = flat(frame), True
    plain = {"".join(ch for ch in str(name).lower() if ch not in " _-.") for name in long.columns}
    if not plain & set(NAMES["symbol"]):
        if len(wanted) > 1:
            raise InputError(f"the frame has no column of symbols, so it holds one: name one, not {len(wanted)}")
        long, named = long.assign(Ticker=wanted[0] if wanted else "data"), False
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="beatnaive-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, long.to_parquet(index=False))
    symbols = wanted if wanted or not named else ()
    return Source(kind="file", path=str(path.resolve()), symbols=symbols, calendar=calendar)


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per date and symbol: the index as a column, yfinance's two levels of columns as a column Ticker.

    Raises InputError where there is no date.
    """
    import pandas as pd

    if len(frame) == 0:
        raise InputError("the frame has no rows")
    if frame.columns.nlevels == 2:
        names = list(frame.columns.names)
        level = names.index("Ticker") if "Ticker" in names else None
        if level is None:  # the level that does not hold the names of prices
            closes = [{"Close", "Adj Close"} & set(frame.columns.get_level_values(k)) for k in (0, 1)]
            level = 1 if closes[0] else 0
        frame = pd.DataFrame(frame.stack(level=level, future_stack=True)).rename_axis(["Date", "Ticker"])
        frame.columns.name = None
        frame = frame.dropna(how="all")
    elif frame.columns.nlevels > 2:
        raise InputError("the frame's columns have more than two levels: give prices, or prices by ticker")
    index = frame.index
    if isinstance(index, pd.MultiIndex):
        missing = [name is None for name in index.names]
        frame = (
            frame.rename_axis([name or ("Ticker", "Date")[k % 2] for k, name in enumerate(index.names)])
            if any(missing)
            else frame
        ).reset_index()
    elif isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or index.name is not None:
        frame = frame.rename_axis(str(index.name or "Date")).reset_index()
    return frame.rename(columns=str)


def to_frame(prices: Sequence[Prices]) -> pd.DataFrame:
    """Adjusted prices as a DataFrame: index Date; Open, High, Low, Close, Volume, those that there are.

    One symbol stands by itself; several are a long panel with a column Ticker. Dividends and splits are left out: they
    are in the prices already, and a study of this frame would apply them again. attrs["notes"]: what the source did.
    """
    import pandas as pd

    parts = []
    for one in prices:
        columns = {name: one.bars[:, k] for k, name in enumerate(BARS) if np.isfinite(one.bars[:, k]).any()}
        part = pd.DataFrame(columns, index=pd.DatetimeIndex(one.sessions, name="Date"))
        if len(prices) > 1:
            part.insert(0, "Ticker", one.symbol)
        parts.append(part)
    whole = pd.concat(parts) if len(parts) > 1 else parts[0]
    whole.attrs = {
        "symbols": [one.symbol for one in prices],
        "notes": [one.provenance.note for one in prices if one.provenance.note],
    }
    return whole


def explore(prices: Prices | pd.DataFrame, *, symbol: str | None = None, calendar: str | None = None) -> Exploration:
    """A first look at prices: returns, volatility, tests, and what they mean for forecasting.

    prices: one symbol's, as `Prices` or as a DataFrame, which is examined for its quality as well; symbol: what it is
    called, or which of several; calendar: its exchange. Raises InputError for a frame of several symbols.

    >>> import pandas as pd
    >>> close = 100 + np.random.default_rng(0).normal(size=300).cumsum()
    >>> frame = pd.DataFrame({"Close": close}, index=pd.bdate_range("2020-01-01", periods=300))
    >>> explore(frame, symbol="XYZ", calendar="24/5").symbol
    'XYZ'
    """
    from beatnaive.prices.explore import explore as explored
    from beatnaive.prices.loader import load
    from beatnaive.prices.quality import examine_quality, refuse_fatal

    if isinstance(prices, Prices):
        return explored(prices)
    found = load(source_of(prices, symbol=symbol, calendar=calendar))
    if len(found) > 1:
        names = ", ".join(one.symbol for one in found[:5])
        raise InputError(f"the frame holds {len(found)} symbols ({names}): name one, symbol={found[0].symbol!r}")
    findings = examine_quality(found)
    refuse_fatal(findings)
    return explored(found[0], findings)
