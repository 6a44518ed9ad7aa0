"""Strategy: a freqtrade strategy with hours merged after they have closed."""

import freqtrade.vendor.qtpylib.indicators as qtpylib
import pandas as pd
import talib.abstract as ta
from freqtrade.strategy import IntParameter, IStrategy, informative


class sound(IStrategy):  # noqa: N801
    timeframe = "5m"
    minimal_roi = {"0": 0.1}  # noqa: RUF012
    stoploss = -0.1
    buy_rsi = IntParameter(10, 40, default=30, space="buy")

    @informative("1h")
    def populate_indicators_1h(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe)
        return dataframe

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe)
        bands = qtpylib.bollinger_bands(qtpylib.typical_price(dataframe), window=20, stds=2)
        dataframe["low_band"] = bands["lower"]
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        low = (dataframe["rsi"] < self.buy_rsi.value) & (dataframe["rsi_1h"] < 60)
        dataframe.loc[low & (dataframe["close"] < dataframe["low_band"]), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        dataframe.loc[qtpylib.crossed_above(dataframe["rsi"], 70), "exit_long"] = 1
        return dataframe
