"""The base class of strategies, as far as an audit of their columns needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beatnaive.checks.auditing.strategies.informative import Informative, merged, resampled
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IStrategy"]

STAKE = "USDT"


class IStrategy:
    """Subclasses populate indicators, entries and exits; `advise_...` calls them as freqtrade does."""

    timeframe = "5m"
    startup_candle_count = 0
    can_short = False
    stoploss = -0.1
    minimal_roi: dict[str, float] = {}  # noqa: RUF012 - strategies override it as a class attribute

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        self.config = config or {"stake_currency": STAKE, "timeframe": self.timeframe}
        if hasattr(self, "ticker_interval"):
            self.timeframe = str(self.ticker_interval)

    @property
    def dp(self) -> Any:
        """Other pairs and order books, which only a running freqtrade has."""
        raise InputError(
            f"{type(self).__name__} uses self.dp, whose data only a running freqtrade has: use @informative"
        )

    @property
    def wallets(self) -> Any:
        """Balances, which only a running freqtrade has."""
        raise InputError(f"{type(self).__name__} uses self.wallets, which only a running freqtrade has")

    def advise_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        """Informative candles first, then the strategy's own indicators."""
        for name in dir(type(self)):
            method = getattr(type(self), name, None)
            for asked in getattr(method, "_informative", ()):
                longer = resampled(dataframe, self.timeframe, asked.timeframe)
                columns = getattr(self, name)(longer, {"pair": _pair(asked, metadata["pair"])})
                names = {column: _named(asked, str(column), metadata["pair"]) for column in columns}
                both = (self.timeframe, asked.timeframe)
                dataframe = merged(dataframe, columns.rename(columns=names), columns["date"], both, asked.ffill)
        return self.populate_indicators(dataframe, metadata)

    def advise_entry(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        """Entries; a strategy of the older interface calls them buys."""
        older = getattr(self, "populate_buy_trend", None)
        return older(dataframe, metadata) if older is not None else self.populate_entry_trend(dataframe, metadata)

    def advise_exit(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        """Exits; a strategy of the older interface calls them sells."""
        older = getattr(self, "populate_sell_trend", None)
        return older(dataframe, metadata) if older is not None else self.populate_exit_trend(dataframe, metadata)

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        """Nothing, unless a strategy says otherwise."""
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        """Nothing, unless a strategy says otherwise."""
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        """Nothing, unless a strategy says otherwise."""
        return dataframe


def _pair(asked: Informative, own: str) -> str:
    return asked.asset.format(stake=STAKE) if asked.asset else own


def _named(asked: Informative, column: str, own: str) -> str:
    """The documented names: column_timeframe, with base and quote before it for another pair."""
    base, _, quote = _pair(asked, own).lower().partition("/")
    quote = quote.partition(":")[0]
    values = {"base": base, "quote": quote, "column": column, "timeframe": asked.timeframe, "asset": f"{base}_{quote}"}
    if callable(asked.fmt):
        return asked.fmt(**values)
    usual = "{column}_{timeframe}"
    if asked.asset:
        usual = "{base}_{quote}_" + usual
    return (asked.fmt or usual).format(**values)
