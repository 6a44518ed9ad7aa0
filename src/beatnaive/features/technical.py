"""TA-Lib's indicators: trend, momentum, volatility, volume, named as TA-Lib names them.

A column's name is its recipe: `FUNCTION[_parameter...][_volume][_diff][_output]`. `SMA_20` is TA-Lib's SMA with
timeperiod 20 of the close, `SMA_20_volume` that of the volume; `OBV_diff` is the session's change of OBV, whose level
depends on where the data begins; `MACD_12_26_9_macdsignal` is one of several outputs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.features.base import FeatureSet

if TYPE_CHECKING:
    import pandas as pd

TREND = (
    "SMA_5", "SMA_10", "SMA_20", "SMA_50", "EMA_5", "EMA_10", "EMA_20", "EMA_50", "WMA_10", "WMA_20",
    "DEMA_20", "TEMA_20", "TRIMA_20", "T3_5", "MIDPOINT_14", "MIDPRICE_14",
    "BBANDS_20_upperband", "BBANDS_20_middleband", "BBANDS_20_lowerband",
    "LINEARREG_14", "LINEARREG_SLOPE_14", "TSF_14",
)  # fmt: skip
MOMENTUM = (
    "ADX_14", "ADXR_14", "DX_14", "PLUS_DI_14", "MINUS_DI_14", "AROON_14_aroondown", "AROON_14_aroonup", "AROONOSC_14",
    "MACD_12_26_9_macd", "MACD_12_26_9_macdsignal", "MACD_12_26_9_macdhist", "APO_12_26", "PPO_12_26", "TRIX_15",
    "RSI_7", "RSI_14", "RSI_21", "STOCH_14_3_0_3_slowk", "STOCH_14_3_0_3_slowd", "STOCHF_5_3_fastk", "STOCHF_5_3_fastd",
    "WILLR_14", "CCI_14", "CCI_20", "CMO_14", "MOM_5", "MOM_10", "MOM_20", "ROC_1", "ROC_5", "ROC_10", "ROC_20",
    "ULTOSC_7_14_28", "BOP",
)  # fmt: skip
VOLATILITY = ("ATR_14", "NATR_14", "TRANGE", "STDDEV_10", "STDDEV_20", "VAR_20")
VOLUME = (
    "OBV_diff", "AD_diff", "ADOSC_3_10", "MFI_14", "SMA_10_volume", "SMA_20_volume", "STDDEV_20_volume",
    "ROC_1_volume", "ROC_5_volume", "ROC_20_volume",
)  # fmt: skip
COLUMNS = (*TREND, *MOMENTUM, *VOLATILITY, *VOLUME)
SMOOTHED = (
    "EMA", "DEMA", "TEMA", "T3", "MACD", "APO", "PPO", "TRIX", "ADX", "ADXR", "DX", "PLUS_DI", "MINUS_DI",
    "RSI", "CMO", "ATR", "NATR", "ADOSC",
)  # fmt: skip

NAME = re.compile(
    r"(?P<function>[A-Z][A-Z0-9]*(?:_[A-Z]+)*)(?P<numbers>(?:_\d+)*)"
    r"(?P<volume>_volume)?(?P<diff>_diff)?(?:_(?P<output>[a-z]+))?"
)


@dataclass(frozen=True)
class Recipe:
    """One column: a TA-Lib function, its parameters, the bar columns it reads, which of its outputs, differenced?"""

    function: str
    parameters: tuple[int, ...]
    inputs: tuple[str, ...]
    output: int
    diff: bool

    def __call__(self, bars: dict[str, Floats]) -> Floats:
        """(n,) values, NaN until there is enough history."""
        import talib

        inputs = [bars[name] for name in self.inputs]
        if not len(inputs[0]):
            return inputs[0]
        found = getattr(talib, self.function)(*inputs, *self.parameters)
        values: Floats = found[self.output] if isinstance(found, tuple) else found
        return np.diff(values, prepend=np.nan) if self.diff else values


def technical(frame: pd.DataFrame) -> pd.DataFrame:
    """TA-Lib's indicators over the sessions whose bars are complete; the others are NaN.

    A session with a missing value is skipped, as if the exchange had been closed: TA-Lib's running sums
    would otherwise never recover from it.
    """
    import pandas as pd

    complete = np.isfinite(frame.to_numpy(np.float64)).all(axis=1)
    bars = {name: frame[name].to_numpy(np.float64)[complete] for name in frame.columns}
    possible = {name: recipe(name) for name in COLUMNS}
    possible = {name: one for name, one in possible.items() if set(one.inputs) <= set(bars)}
    values = np.full((len(frame), len(possible)), np.nan)
    values[complete] = np.column_stack([one(bars) for one in possible.values()])
    return pd.DataFrame(values, index=frame.index, columns=list(possible))


@lru_cache(maxsize=256)
def recipe(name: str) -> Recipe:
    """Read a column's name.

    >>> recipe("MACD_12_26_9_macdsignal").inputs, recipe("AD_diff").diff
    (('Close',), True)
    """
    from talib import abstract

    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is not a column of TA-Lib: write FUNCTION_parameter..._output")
    info = abstract.Function(found["function"]).info  # type: ignore[attr-defined]  # TA-Lib's stub leaves it out
    price = "Volume" if found["volume"] else "Close"
    roles: dict[str, Any] = info["input_names"]  # "price" takes any column, the others name theirs: "prices0": ["high"]
    named = [[price] if role == "price" else [name.capitalize() for name in names] for role, names in roles.items()]
    outputs = list(info["output_names"])
    numbers = tuple(int(number) for number in found["numbers"].split("_")[1:])
    which = outputs.index(found["output"]) if found["output"] else 0
    return Recipe(found["function"], numbers, tuple(chain.from_iterable(named)), which, bool(found["diff"]))


TECHNICAL = FeatureSet(
    "technical",
    technical,
    COLUMNS,
    lookback=58,
    recursive=frozenset(name for name in COLUMNS if name.startswith(tuple(f"{each}_" for each in SMOOTHED))),
    reference="TA-Lib, https://ta-lib.org",
)
