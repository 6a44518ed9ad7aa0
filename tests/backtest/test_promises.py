"""The intervals on the 22 embedded series: the code behind the table in docs/intervals.md."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from beatnaive.backtest.conformal import IntervalSettings
from beatnaive.judging.quantile_scores import coverage
from beatnaive.prices.sample import SYMBOLS

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def benchmark(name: str) -> ModuleType:
    path = BENCHMARKS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def series() -> list[Any]:
    module = benchmark("coverage")
    return [module.series_of(symbol, IntervalSettings()) for symbol in SYMBOLS]


def test_every_series_holds_80_and_95_percent_within_a_point(series: list[Any]) -> None:
    assert len(series) == 22
    for one in series:
        for nominal in (0.8, 0.95):
            held = coverage(one.y[one.last], one.quantiles[one.last], nominal)
            assert (held.observed, held.n) == (pytest.approx(nominal, abs=0.01), 2520), one.symbol


def test_crises_hold_too(series: list[Any]) -> None:
    for year, expected in ((2008, 22), (2020, 20)):
        shares = [one.years()[year] for one in series if year in one.years()]
        assert len(shares) == expected
        assert 0.94 <= np.mean(shares) <= 0.96
        assert min(shares) >= 0.93
    assert min(min(one.years().values()) for one in series) >= 0.92


def test_calm_and_wild_days_hold_within_three_points(series: list[Any]) -> None:
    for one in series:
        np.testing.assert_allclose(one.thirds(), 0.95, atol=0.03, err_msg=one.symbol)


def test_sharper_than_fixed_widths_at_the_same_coverage(series: list[Any]) -> None:
    assert np.mean([one.gain(matched=True) for one in series]) >= 8
    assert np.mean([one.gain(matched=False) for one in series]) >= 8
