"""The markets that checks and audit experiment on: the embedded S&P 500, random walks, and what is done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.targets import target as target_of
from beatnaive.core.types import BARS, Floats, Instants, Prices, Provenance, Samples
from beatnaive.features import compute
from beatnaive.prices import Source, load
from beatnaive.prices.calendars import closes

if TYPE_CHECKING:
    import pandas as pd

Future: TypeAlias = Literal["up", "down", "flat"]
FUTURES: tuple[Future, ...] = ("up", "down", "flat")
LADDER = BARS[:4]
SHAPED = ("open", "high", "low", "close")


def index_frame(rows: int = 1500) -> pd.DataFrame:
    """The last sessions of the embedded ^GSPC, open, high, low, close, volume by date."""
    return _index().iloc[-rows:].copy()


@cache
def _index() -> pd.DataFrame:
    """All of them, read once."""
    from beatnaive.features.base import frame_of

    (prices,) = load(Source(symbols=("^GSPC",), years=20))
    return frame_of(prices.bars, prices.sessions, prices.symbol)


def walk_frame(rows: int, seed: int, *, start: str = "2012-01-02", deviation: float = 0.01) -> pd.DataFrame:
    """A random walk: independent normal log returns, bars around them, log-normal volume. Nothing can be forecast."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    steps = rng.normal(0, deviation, (rows, 2))
    close = 100 * np.exp(steps.sum(axis=1).cumsum())
    opening = close * np.exp(-steps[:, 1])
    reach = np.exp(np.abs(rng.normal(0, deviation / 2, (2, rows))))
    high, low = np.maximum(opening, close) * reach[0], np.minimum(opening, close) / reach[1]
    volume = np.round(np.exp(rng.normal(14, 0.3, rows)))
    index = pd.bdate_range(start, periods=rows, name="Date")
    frame = pd.DataFrame(np.column_stack([opening, high, low, close, volume]), index=index, columns=list(BARS))
    frame.attrs["symbol"] = "WALK"
    return frame


def shuffled(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same bars in random order, rebuilt into a market: every relation between one session and the next is gone."""
    rng = np.random.default_rng(seed)
    order = np.append(0, rng.permutation(len(frame) - 1) + 1)
    close = close_of(frame)
    assert close is not None, "a market has a close"
    steps = close[order[1:]] / close[order[1:] - 1]
    closes = close[0] * np.cumprod(np.append(1.0, steps))
    made = {}
    for name in frame.columns:
        values = frame[name].to_numpy(copy=True)[order]
        if str(name).lower() in SHAPED:
            before, then = np.append(close[0], closes[:-1]), np.append(close[0], close[order[1:] - 1])
            values = np.append(values[:1], values[1:] / then[1:] * before[1:])
        made[name] = values
    return _framed(frame, made)


def close_of(frame: pd.DataFrame) -> Floats | None:
    """(n,) the column Close, or close; None where there is neither."""
    names = [name for name in frame.columns if str(name).lower() == "close"]
    return np.asarray(frame[names[0]], dtype=np.float64) if names else None


def with_future(frame: pd.DataFrame, known: int, future: Future, seed: int = 0) -> pd.DataFrame:
    """The same first `known` sessions, and another future of the same dates.

    "up" and "down": prices drift to several times their level, or a fraction, with jumps; bars have other shapes,
    volumes are others, any other column changes its sign and size, a flag its state, a text its place: every column by
    itself, so that no ratio inside a bar survives. "flat": every later session repeats the last known one. A missing
    value of the future stays missing, unless it is flat.
    """
    later, made = len(frame) - known, {}
    rng = np.random.default_rng([seed, known, FUTURES.index(future)])
    path = np.exp((1.0 if future == "up" else -1.0) * np.linspace(0.3, 1.3, later) + rng.normal(0, 0.05, later))
    opening, close = rng.normal(0, 0.02, (2, later))
    reach = np.abs(rng.normal(0, 0.02, (2, later))) + 0.001
    shapes = {
        "open": opening, "close": close,
        "high": np.maximum(opening, close) + reach[0], "low": np.minimum(opening, close) - reach[1],
    }  # fmt: skip
    level = close_of(frame)
    for name in frame.columns:
        values = frame[name].to_numpy(copy=True)
        kind = str(name).lower()
        if future == "flat":
            values[known:] = values[known - 1]
        elif values.dtype == bool:
            values[known:] = ~values[known:]
        elif not np.issubdtype(values.dtype, np.number):
            values[known:] = values[rng.permutation(known)[np.arange(later) % known]]
        else:
            values = values.astype(np.float64)
            if kind in shapes and level is not None:
                values[known:] = level[known:] * path * np.exp(shapes[kind]) + 0.0 * values[known:]
            elif kind in shapes or kind.replace("_", " ") == "adj close":
                values[known:] *= path
            elif kind == "volume":
                values[known:] *= np.exp(rng.normal(1.0 if future == "up" else -1.0, 1.0, later))
            elif np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
                values[known:] = 1.0 - values[known:]
            else:
                values[known:] = -values[known:] * np.exp(rng.normal(0, 0.5, later)) + rng.normal(
                    0, np.nanstd(values[:known]) + 1e-3, later
                )
        made[name] = values
    return _framed(frame, made)


def _framed(frame: pd.DataFrame, columns: Mapping[Any, Any]) -> pd.DataFrame:
    import pandas as pd

    made = pd.DataFrame(columns, index=frame.index, copy=False)
    made.attrs.update(frame.attrs)
    return made


def with_gaps(frame: pd.DataFrame, first: int, every: int = 60) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Runs of one to seven sessions without any value, and a position inside each run of two or more."""
    made, inside = frame.copy(), []
    numbers = [k for k, kind in enumerate(frame.dtypes) if kind.kind == "f"]
    for k, at in enumerate(range(first, len(frame) - 10, every)):
        length = 1 + k % 7
        made.iloc[at : at + length, numbers] = np.nan
        if length > 1:
            inside.append(at + 1)
    return made, tuple(inside)


def prices_of(frame: pd.DataFrame, symbol: str, factor: float = 1.0) -> Prices:
    """A frame of bars as `Prices` at New York's closes; open, high, low and close times `factor`."""
    sessions: Instants = frame.index.to_numpy().astype("datetime64[D]")
    bars = np.full((len(frame), len(BARS)), np.nan)
    for k, name in enumerate(BARS):
        if name in frame:
            bars[:, k] = frame[name] * (factor if name in LADDER else 1.0)
    n = len(frame)
    return Prices(
        symbol=symbol,
        sessions=sessions,
        closes_at=closes("XNYS", sessions),
        bars=bars,
        dividends=np.zeros(n),
        splits=np.ones(n),
        filled=np.zeros(n, bool),
        calendar="XNYS",
        provenance=Provenance("experiment", "", note="made for a check"),
    )


def samples_of(
    frames: Mapping[str, pd.DataFrame],
    features: Sequence[str] = ("returns",),
    *,
    target: str = "return",
    factor: float = 1.0,
    planted: bool = False,
) -> Samples:
    """A panel of these markets, prices times `factor`; `planted` adds tomorrow's log return as a feature."""
    prices = [prices_of(frame, symbol, factor) for symbol, frame in frames.items()]
    columns: tuple[str, ...] = ()
    tables: list[Floats] = []
    for one in prices:
        columns, x, _ = compute(one.bars, one.sessions, features, symbol=one.symbol)
        tables.append(np.column_stack([x, tomorrow(one)]) if planted else x)
    inputs = gather(prices, (*columns, "tomorrow") if planted else columns, tables)
    return assemble(inputs, target_of(target))


def tomorrow(prices: Prices) -> Floats:
    """(n,) next session's log return; 0 at the last, where there is none."""
    steps = np.diff(np.log(prices.bars[:, 3]))
    return np.append(steps, 0.0)
