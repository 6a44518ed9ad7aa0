"""A pipeline's answer: forecasts by origin, and by horizon where it has several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

Pipeline: TypeAlias = "Callable[[pd.DataFrame], Any]"
NEEDED = {"origin", "prediction"}


def is_forecast_table(answer: Any) -> bool:
    """Whether it has what a table of forecasts needs: origin, also as its index, and prediction."""
    return {
        *map(str, getattr(answer, "columns", ())),
        str(getattr(getattr(answer, "index", None), "name", "")),
    } >= NEEDED


@dataclass(frozen=True, eq=False)
class Forecasts:
    """positions (m,) of the origins in the prices, in the answer's order; values (n, horizons) by session or NaN."""

    positions: Ints
    values: Floats
    table: pd.DataFrame

    @classmethod
    def of(cls, answer: Any, frame: pd.DataFrame, name: str) -> Forecasts:
        """Read the answer. Raises InputError when it is not a table of origin and prediction about these prices."""
        import pandas as pd

        if not isinstance(answer, pd.DataFrame) or not is_forecast_table(answer):
            raise InputError(f"{name} must return a table with columns origin and prediction")
        table = answer if "origin" in answer else answer.rename_axis("origin").reset_index()
        positions = _positions(pd.DatetimeIndex(pd.to_datetime(table["origin"])), frame)
        if (positions < 0).any() or not len(positions):
            raise InputError(f"{name}: origins must be dates of the prices it was given")
        if "horizon" in table:
            step = np.unique(table["horizon"].to_numpy(), return_inverse=True)[1]
        else:  # several rows of one origin: its horizons in their order
            step = np.asarray(table.groupby(positions).cumcount())
        if len(set(zip(positions.tolist(), step.tolist(), strict=True))) < len(positions):
            raise InputError(f"{name}: two forecasts of the same origin and horizon; keep one row each")
        if step.max() > 0.2 * len(np.unique(positions)) + 60:
            raise InputError(f"{name}: one origin has {step.max() + 1} forecasts: a row for each origin and horizon")
        values = np.full((len(frame), int(step.max()) + 1), np.nan)
        values[positions, step] = table["prediction"].to_numpy(np.float64)
        return cls(positions, values, table)

    def by_origin(self) -> pd.DataFrame:
        """The table with its origins, as dates, for an index."""
        import pandas as pd

        return self.table.set_index(pd.DatetimeIndex(pd.to_datetime(self.table["origin"])))

    @property
    def first(self) -> int:
        """Position of the first origin."""
        return int(self.positions.min())


def _positions(origin: pd.DatetimeIndex, frame: pd.DataFrame) -> Ints:
    """Where the origins stand in the prices, -1 = nowhere: by instant or, where only one has a time zone, by date."""
    index: Any = frame.index
    if (origin.tz is None) != (index.tz is None):
        origin = origin.tz_localize(None) if origin.tz is not None else origin.tz_localize(index.tz)
    found = index.get_indexer(origin)
    return np.asarray(found if (found >= 0).all() else index.get_indexer(origin.normalize()))


def as_returns(prediction: Floats, close: Floats) -> Floats:
    """Predictions of the size of the close are prices and become log returns from it; others are returns already.

    >>> as_returns(np.array([101.0, 99.0]), np.array([100.0, 100.0])).round(3).tolist()
    [0.01, -0.01]
    """
    known = np.isfinite(prediction)
    typical = float(np.median(np.abs(prediction[known]) / close[known])) if known.any() else 0.0
    if not 0.2 < typical < 5.0:
        return prediction
    return np.asarray(np.log(np.where(prediction > 0, prediction, np.nan) / close))
