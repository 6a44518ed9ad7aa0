"""Longer timeframes beside a strategy's own: resampled from its candles, and merged when they have closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["informative", "merge_informative_pair", "timeframe_to_minutes", "timeframe_to_seconds"]

F = TypeVar("F", bound=Callable[..., Any])
MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080, "M": 43200, "y": 525600}


def timeframe_to_minutes(timeframe: str) -> int:
    """Minutes of a candle.

    >>> timeframe_to_minutes("4h")
    240
    """
    number, unit = timeframe[:-1], timeframe[-1:]
    if not number.isdigit() or unit not in MINUTES:
        raise InputError(f"timeframe {timeframe!r} is not one of freqtrade's, such as 5m, 1h, 1d")
    return int(number) * MINUTES[unit]


def timeframe_to_seconds(timeframe: str) -> int:
    """Seconds of a candle."""
    return 60 * timeframe_to_minutes(timeframe)


@dataclass(frozen=True)
class Informative:
    """What a method decorated with `@informative` asks for."""

    timeframe: str
    asset: str
    fmt: str | Callable[..., str] | None
    ffill: bool


def informative(
    timeframe: str, asset: str = "", fmt: str | Callable[..., str] | None = None, *, candle_type: Any = None,
    ffill: bool = True,
) -> Callable[[F], F]:  # fmt: skip
    """Decorator of a method that computes indicators on a longer timeframe, or another pair's candles."""

    def decorated(method: F) -> F:
        asked = [*getattr(method, "_informative", ()), Informative(timeframe, asset, fmt, ffill)]
        method._informative = asked  # type: ignore[attr-defined]
        return method

    return decorated


def merge_informative_pair(
    dataframe: pd.DataFrame, informative: pd.DataFrame, timeframe: str, timeframe_inf: str, ffill: bool = True,
    append_timeframe: bool = True, date_column: str = "date", suffix: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Columns of longer candles beside the shorter ones, from the candle at whose close the longer one has closed, too.

    A longer candle that opens at t and lasts L is known at t + L, the close of the shorter one that opens at t + L - l.
    """
    ending = suffix if suffix is not None else timeframe_inf if append_timeframe else ""
    named = informative.rename(columns=lambda name: f"{name}_{ending}" if ending else name)
    return merged(dataframe, named, informative[date_column], (timeframe, timeframe_inf), ffill)


def merged(
    candles: pd.DataFrame, longer: pd.DataFrame, opens: pd.Series[Any], timeframes: tuple[str, str], ffill: bool
) -> pd.DataFrame:
    """Columns of longer candles, which open at `opens`, beside shorter ones, under the names that they have."""
    import pandas as pd

    short, long = map(timeframe_to_minutes, timeframes)
    if long < short:
        raise InputError(f"informative timeframe {timeframes[1]} is shorter than the strategy's {timeframes[0]}")
    known = longer.drop(columns=[name for name in longer if name in candles])
    closes: Any = pd.DatetimeIndex(opens) + pd.to_timedelta(long - short, unit="min")
    beside: pd.DataFrame = known.set_axis(closes, axis=0).reindex(pd.DatetimeIndex(candles["date"]))
    beside.index = candles.index
    return pd.concat([candles, beside.ffill() if ffill else beside], axis=1)


def resampled(candles: pd.DataFrame, timeframe: str, longer: str) -> pd.DataFrame:
    """The candles of a longer timeframe; the last one may be unfinished, and is left out."""
    import pandas as pd

    minutes = timeframe_to_minutes(longer)
    shorter = timeframe_to_minutes(timeframe)
    if minutes < shorter:
        raise InputError(f"informative timeframe {longer} is shorter than the strategy's {timeframe}")
    rule = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    indexed: Any = candles.set_index("date")
    made = indexed.resample(pd.Timedelta(minutes=minutes), origin="epoch").agg(rule).dropna(how="all")
    opens: Any = made.index
    whole = np.asarray(opens + pd.Timedelta(minutes=minutes) <= indexed.index[-1] + pd.Timedelta(minutes=shorter))
    finished: pd.DataFrame = made[whole].rename_axis("date").reset_index()
    return finished
