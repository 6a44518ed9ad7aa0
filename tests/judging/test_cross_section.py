"""Many short series: the date is the unit where there are dates, the series where there are none."""

import numpy as np
import pandas as pd
import pytest

from beatnaive.core.errors import InputError
from beatnaive.judging.from_table import judge


def short_series(dates=60, each=5, seed=0, dated=True):
    """One cutoff per series, two horizons; what moves the market moves every series of a date."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2020-01-01", periods=dates * 3 + 3)
    rows = []
    for k in range(dates * each):
        start = 3 * (k % dates)
        price = 100.0
        for h in (1, 2):
            price *= np.exp(0.01 * rng.standard_normal())
            when = (days[start + h], days[start]) if dated else (50 + h, 50)
            m = 100 * np.exp(0.003 * rng.standard_normal())
            rows.append((f"S{k:03d}", *when, price, 100.0, m))
    return pd.DataFrame(rows, columns=["unique_id", "ds", "cutoff", "y", "Naive", "m"])


def test_dates_are_the_unit():
    frame = short_series()
    verdict = judge(frame)
    one = verdict.horizons[1].examination
    assert one.n == 60
    assert "the cross-section of 300 series" in verdict.words
    assert verdict.horizons[1].symbols == {}
    # the losses of a date are averaged over its series
    first = frame.groupby("unique_id").head(1)
    gain = np.log(first.y / first.Naive) ** 2 - np.log(first.y / first.m) ** 2
    mean = gain.groupby(first.ds).mean()
    from beatnaive.judging.significance.diebold_mariano import diebold_mariano

    assert one.models["m"].dm[0] == pytest.approx(diebold_mariano(mean.to_numpy()).statistic[0])
    assert verdict.rulings["Naive"].ruling == "naive"


def test_a_hundred_series_of_one_date_are_one_observation():
    frame = short_series()
    days = frame.groupby("unique_id").cumcount().map({0: "2020-01-02", 1: "2020-01-03"})
    same = frame.assign(ds=days, cutoff="2020-01-01")
    with pytest.raises(InputError, match=r"were forecast for 1 date.*one observation"):
        judge(same)


def test_without_dates_series_are_the_unit():
    verdict = judge(short_series(dated=False))
    assert verdict.horizons[1].examination.n == 300
    assert verdict.horizons[2].examination.horizon == 1
