"""BeatNaive tells you whether any model forecasts a stock better than "tomorrow = today", how sure that is, and why.

>>> import beatnaive as bn
>>> bn.load_study("default").features
('published',)
"""

from typing import TYPE_CHECKING, Any

from beatnaive.core.version import __version__ as __version__

_WHERE = {
    "run": "beatnaive.runs.notebook:run",
    "judge": "beatnaive.runs.notebook:judge",
    "audit": "beatnaive.checks:audit",
    "forecast": "beatnaive.forecasting.of_prices:forecast",
    "explore": "beatnaive.prices.frames:explore",
    "load": "beatnaive.runs.notebook:load",
    "worth": "beatnaive.runs.worth:worth",
    "load_study": "beatnaive.study.spec:load_study",
    "Study": "beatnaive.study.spec:Study",
    "TargetSpec": "beatnaive.study.spec:TargetSpec",
    "Source": "beatnaive.prices:Source",
    "Split": "beatnaive.backtest.splits:Split",
    "ModelSpec": "beatnaive.models.spec:ModelSpec",
    "Result": "beatnaive.runs.result:Result",
    "Forecaster": "beatnaive.core.types:Forecaster",
    "Naive": "beatnaive.models.sklearn_naive:Naive",
    "PurgedWalkForward": "beatnaive.backtest.walk_forward_splitter:PurgedWalkForward",
    "skill_score": "beatnaive.judging.skill_scorer:skill_score",
}

__all__ = [
    "Forecaster", "ModelSpec", "Naive", "PurgedWalkForward", "Result", "Source", "Split", "Study", "TargetSpec",
    "audit", "checks", "explore", "forecast", "judge", "load", "load_study", "run", "skill_score", "worth",
]  # fmt: skip

if TYPE_CHECKING:
    from beatnaive import checks
    from beatnaive.backtest.splits import Split
    from beatnaive.backtest.walk_forward_splitter import PurgedWalkForward
    from beatnaive.checks import audit
    from beatnaive.core.types import Forecaster
    from beatnaive.forecasting.of_prices import forecast
    from beatnaive.judging.skill_scorer import skill_score
    from beatnaive.models.sklearn_naive import Naive
    from beatnaive.models.spec import ModelSpec
    from beatnaive.prices import Source
    from beatnaive.prices.frames import explore
    from beatnaive.runs.notebook import judge, load, run
    from beatnaive.runs.result import Result
    from beatnaive.runs.worth import worth
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
