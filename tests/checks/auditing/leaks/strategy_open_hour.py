"""Strategy: a freqtrade strategy that reads its hour's close from the hour's first candle on."""

import pandas as pd
from freqtrade.strategy import IStrategy

CAUGHT_BY = "perturb the future"


class leak(IStrategy):  # noqa: N801
    timeframe = "5m"
    minimal_roi = {"0": 0.1}  # noqa: RUF012
    stoploss = -0.1

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        hour = dataframe.set_index("date")["close"].resample("1h").last()
        dataframe["hour"] = hour.reindex(dataframe["date"], method="ffill").to_numpy()
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        dataframe.loc[dataframe["hour"] > dataframe["close"], ["enter_long", "enter_tag"]] = (1, "hour")
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict[str, str]) -> pd.DataFrame:
        return dataframe
