"""BeatNaive tells you whether any model forecasts a stock better than "tomorrow = today", how sure that is, and why.

>>> import beatnaive as bn
>>> bn.load_study("default").features
('published',)
"""

from typing import TYPE_CHECKING, Any

from beatnaive.core.version import __version__ as __version__

_WHERE = {
    "run": "beatnaive.runs.record:run",
    "judge": "beatnaive.judging.from_table:judge",
    "audit": "beatnaive.checks:audit",
    "forecast": "beatnaive.forecasting.forecast:forecast",
    "explore": "beatnaive.prices.explore:explore",
    "load": "beatnaive.prices:load",
    "worth": "beatnaive.runs.worth:worth",
    "load_study": "beatnaive.study.spec:load_study",
    "Study": "beatnaive.study.spec:Study",
    "TargetSpec": "beatnaive.study.spec:TargetSpec",
    "Source": "beatnaive.prices:Source",
    "Split": "beatnaive.backtest.splits:Split",
    "ModelSpec": "beatnaive.models.spec:ModelSpec",
    "Result": "beatnaive.study.pipeline:Result",
    "Forecaster": "beatnaive.core.types:Forecaster",
}

__all__ = [
    "Forecaster", "ModelSpec", "Result", "Source", "Split", "Study", "TargetSpec", "audit", "checks", "explore",
    "forecast", "judge", "load", "load_study", "run", "worth",
]  # fmt: skip

if TYPE_CHECKING:
    from beatnaive import checks
    from beatnaive.backtest.splits import Split
    from beatnaive.checks import audit
    from beatnaive.core.types import Forecaster
    from beatnaive.forecasting.forecast import forecast
    from beatnaive.judging.from_table import judge
    from beatnaive.models.spec import ModelSpec
    from beatnaive.prices import Source, load
    from beatnaive.prices.explore import explore
    from beatnaive.runs.record import run
    from beatnaive.runs.worth import worth
    from beatnaive.study.pipeline import Result
    from beatnaive.study.spec import Study, TargetSpec, load_study


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: importing beatnaive costs nothing."""
    from importlib import import_module

    if name == "checks":
        return import_module("beatnaive.checks")
    if name not in _WHERE:
        raise AttributeError(f"module 'beatnaive' has no attribute {name!r}")
    module, _, attribute = _WHERE[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
