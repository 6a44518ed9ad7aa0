"""Audit of a strategy: its indicators, entries and exits are columns, and columns are audited as features are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beatnaive.checks.auditing.answers import candles
from beatnaive.checks.auditing.features import ROWS, Found, audit_features
from beatnaive.checks.auditing.strategies.base import STAKE, IStrategy
from beatnaive.checks.auditing.strategies.informative import resampled, timeframe_to_minutes
from beatnaive.checks.markets import index_frame
from beatnaive.core.errors import InputError
from beatnaive.core.types import Progress

if TYPE_CHECKING:
    import pandas as pd

GIVEN = ("date", "open", "high", "low", "close", "volume")
PAIR = f"BTC/{STAKE}"


def audit_strategy(
    strategy: Any, *, market: pd.DataFrame | None = None, seconds: float | None = None, progress: Progress | None = None
) -> Found:
    """A class with populate_indicators, populate_entry_trend and populate_exit_trend, or an object of one.

    market: None = the embedded index, a candle of the strategy's timeframe per session. Raises InputError for a
    strategy that needs a running freqtrade, or adds no column.
    """
    import pandas as pd

    # what the real base class looks up in a configuration
    config = {"stake_currency": STAKE, "candle_type_def": "spot", "trading_mode": "spot", "runmode": "backtest"}
    made = strategy(config) if isinstance(strategy, type) else strategy
    timeframe = str(getattr(made, "timeframe", None) or getattr(made, "ticker_interval", None) or "5m")
    own = isinstance(made, IStrategy) or not hasattr(made, "advise_indicators")
    frame = market
    if frame is None:
        frame = index_frame(ROWS)
        step = pd.Timedelta(minutes=timeframe_to_minutes(timeframe))
        frame.index = pd.date_range("2018-01-01", periods=len(frame), freq=step, name="date")

    def populated(bars: pd.DataFrame) -> pd.DataFrame:
        given, metadata = candles(bars), {"pair": PAIR}
        if not own:
            made.dp = _Provider(given, timeframe)  # the real base class asks it for informative candles
        if hasattr(made, "advise_indicators"):
            table = made.advise_indicators(given.copy(), metadata)
            table = made.advise_exit(made.advise_entry(table, metadata), metadata)
        else:  # a class that does not derive from IStrategy
            table = made.populate_indicators(given.copy(), metadata)
            for verb in ("populate_entry_trend", "populate_exit_trend"):
                table = getattr(made, verb, lambda columns, _: columns)(table, metadata)
        added = table.drop(columns=[name for name in GIVEN if name in table])
        if not len(added.columns):
            raise InputError(f"{type(made).__name__} adds no column to the candles: there is nothing to audit")
        return pd.DataFrame(added)

    populated.__name__ = type(made).__name__
    return audit_features(populated, market=frame, seconds=seconds, progress=progress)


class _Provider:
    """What freqtrade itself asks for candles of a longer timeframe; every pair has the same."""

    runmode = None

    def __init__(self, given: pd.DataFrame, timeframe: str) -> None:
        self.given, self.timeframe = given, timeframe

    def get_pair_dataframe(self, pair: str, timeframe: str | None = None, candle_type: str = "") -> pd.DataFrame:
        """Candles resampled from those that the strategy was given."""
        return resampled(self.given, self.timeframe, timeframe or self.timeframe)

    def market(self, pair: str) -> dict[str, str]:
        """What is traded for what."""
        base, _, quote = pair.partition("/")
        return {"base": base, "quote": quote, "symbol": pair}

    def current_whitelist(self) -> list[str]:
        """The one pair."""
        return [PAIR]
