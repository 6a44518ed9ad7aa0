"""Strategy: a freqtrade strategy that buys below the mean of all candles."""

import freqtrade.vendor.qtpylib.indicators as qtpylib
import pandas as pd
import talib.abstract as ta
from freqtrade.strategy import IStrategy

CAUGHT_BY = "perturb the future"


class leak(IStrategy):  # noqa: N801
    timeframe = "1h"
    minimal_roi = {"0": 0.1}  # noqa: RUF012
    stoploss = -0.1

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe)
        dataframe["cheap"] = dataframe["close"] - dataframe["close"].mean()
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        dataframe.loc[qtpylib.crossed_below(dataframe["cheap"], 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        dataframe.loc[dataframe["rsi"] > 70, "exit_long"] = 1
        return dataframe
