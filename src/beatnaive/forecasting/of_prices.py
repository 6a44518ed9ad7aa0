"""`forecast` as a notebook calls it: prices may be a DataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from beatnaive.forecasting.forecast import forecast as forecast_study
from beatnaive.prices.frames import source_of
from beatnaive.study.changed import changed
from beatnaive.study.spec import load_study

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.forecasting.outlook import Outlook


def forecast(
    data: str | pd.DataFrame | None = None, *, symbol: str | None = None, calendar: str | None = None,
    models: Sequence[str] | Mapping[str, Any] | None = None, features: Sequence[str] | None = None, **options: Any,
) -> Outlook:  # fmt: skip
    """The next sessions' closes with intervals: of a symbol's name, or of the prices in a DataFrame.

    data: a DataFrame of one symbol's prices, of several (then `symbol` says which), or a symbol's name; models and
    features of the study that is run on it; options: those of `beatnaive.forecasting.forecast.forecast`, such as
    horizon, run, study, end.

    >>> import beatnaive as bn
    >>> prices = bn.load("^GSPC", start="2016-01-01")
    >>> bn.forecast(prices, symbol="^GSPC", models=["drift"]).steps[0].model
    'naive'
    """
    if data is None or isinstance(data, str):
        name = data if data is not None else symbol
        return forecast_study(name, **options)
    study = options.pop("study", "forecast")
    wanted = load_study(study) if isinstance(study, str) else study
    source = source_of(data, symbol=symbol, calendar=calendar)
    wanted = changed(replace(wanted, source=source), models=models, features=features)
    return forecast_study(study=wanted, **options)
