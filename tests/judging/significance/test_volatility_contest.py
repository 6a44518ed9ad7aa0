"""The positive control: volatility can be forecast, and where it is constant nothing beats its mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from beatnaive.study.pipeline import Result, run_study
from beatnaive.study.spec import parse

pytestmark = pytest.mark.slow

NAIVE = ("last_value", "mean_20", "expanding_mean")


def contest(source: dict[str, Any], models: tuple[str, ...], first: int, refit_every: int) -> Result:
    data = {
        "source": source,
        "target": {"kind": "volatility", "horizon": 1},
        "split": {"kind": "walk_forward", "first": first, "refit_every": refit_every},
        "models": {name: {} for name in (*NAIVE, *models)},
    }
    return run_study(parse(data, "volatility"))


def test_har_is_ruled_better_than_each_naive_forecast_of_the_sp500() -> None:
    result = contest({"kind": "sample", "symbols": ["^GSPC"]}, ("har",), 2529, 21)
    assert len(result.losses) == 2500
    ratio = {name: result.losses.y / forecast for name, forecast in result.losses.forecast.items()}
    qlike = {name: float(np.mean(r - np.log(r) - 1)) for name, r in ratio.items()}
    assert qlike["har"] < 0.32
    assert qlike["har"] < 0.8 * min(qlike[name] for name in NAIVE)
    assert result.verdict.rulings["har"].ruling == "better"


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_beats_the_mean_of_a_constant_variance(seed: int) -> None:
    source = {"kind": "synthetic", "synthetic": {"model": "random_walk", "n": 2200, "seed": seed}}
    result = contest(source, ("ewma", "garch", "har"), 1100, 250)
    assert {ruled.ruling for ruled in result.verdict.rulings.values()} <= {"cannot tell", "worse"}
