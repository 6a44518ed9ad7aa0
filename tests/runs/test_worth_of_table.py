"""Worth of a judged table from Python: on its own closes, on a DataFrame of prices, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.payoff.test_fills import market
from tests.payoff.test_from_table import frame_of

import beatnaive as bn
from beatnaive.core.errors import DataRefused, InputError
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.worth import worth


@pytest.fixture(scope="module")
def one():
    return market(n=150)


@pytest.fixture(scope="module")
def prices(one):
    bars = pd.DataFrame({"Open": one.open[:, 0], "Close": one.close[:, 0]}, index=pd.DatetimeIndex(one.sessions))
    bars["High"], bars["Low"], bars["Volume"] = bars.max(axis=1), bars.min(axis=1), 1e6
    return bars


def test_a_frame_of_prices_gives_the_numbers_of_the_book(one, prices):
    frame = frame_of(one).assign(close=one.close[:-1, 0])
    found = bn.worth(bn.judge(frame), cost=3, prices=prices)
    wanted = worth(one, Plan(cost=3), replications=99)
    assert found.models["m0"].gross / found.made.yearly == pytest.approx(wanted.models["m0"].gross / 252)
    assert found.other_fill["m0"] / found.made.yearly == pytest.approx(wanted.other_fill["m0"] / 252)
    assert found.made.yearly == 365  # a session on every day


def test_declared_variants_are_trials_and_the_nearest_horizon_is_traded(one):
    close, days = one.close[:, 0], one.sessions
    rows = [
        {"ds": days[t + h], "cutoff": days[t], "y": close[t + h], "naive": close[t],
         "m0": close[t] * (1 + 1e-3 * (-1) ** t)}
        for t in range(145) for h in (1, 2, 5)
    ]  # fmt: skip
    found = bn.worth(bn.judge(pd.DataFrame(rows), trials=7))
    assert found.trials == 8
    assert found.models["m0"].n == 145
    assert found.models["m0"].exposure == pytest.approx(73 / 145)


def test_prices_with_a_fatal_finding_and_prices_beside_a_run_are_refused(one, prices):
    verdict = bn.judge(frame_of(one))
    wrong = prices.copy()
    wrong.iloc[60:, :4] *= 100  # pounds and pence
    with pytest.raises((DataRefused, InputError)):
        bn.worth(verdict, prices=wrong)
    study = bn.Study(
        "a", bn.Source("synthetic", years=2), {name: bn.ModelSpec(name) for name in ("naive", "drift")},
        split=bn.Split(train=0.5),
    )  # fmt: skip
    with pytest.raises(InputError, match="a run has prices of its own"):
        bn.worth(bn.run(study, jobs=1), prices=prices)


def test_halts_are_told_in_a_line():
    one = market(n=120)
    tradable = one.tradable.copy()
    tradable[[20, 50]] = False
    found = worth(type(one)(**{**vars(one), "tradable": tradable}), replications=99)
    assert "At 2 closes without a forecast or a trade the position was kept." in found.words
    assert np.isfinite(found.models["m0"].net)
