"""The lines that charts draw: wealth, drawdown and summed rank correlations, thinned to what a screen shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from beatnaive.core.types import Floats
from beatnaive.payoff.accounts import Accounts
from beatnaive.payoff.drawdown import drawdowns, wealth
from beatnaive.payoff.strategy import COSTS

POINTS = 400
"""At most, of each line; the last session is always one of them."""


def paths(made: Accounts, best: str, correlations: Mapping[str, Floats] | None = None) -> dict[str, Any]:
    """Lists of equal lengths: sessions, and per line what 1 became by then, net of the plan's cost, cash included.

    models, holding: wealth; costs: the best model's at each of `COSTS`; drawdown: of the best and of holding; summed:
    running sums of rank correlations, sessions without one counting as none.
    """
    plan, year = made.plan, made.yearly
    shown = np.unique(np.r_[np.arange(len(made.sessions), -1, -max(1, -(-len(made.sessions) // POINTS)))])[1:]
    cash = plan.cash / year

    def line(values: Floats) -> list[float]:
        return [float(f"{one:.6g}") for one in values[shown]]

    return {
        "session": [str(day) for day in made.sessions[shown - 1]],
        "models": {name: line(wealth(one.net(plan.cost) + cash)) for name, one in made.models.items()},
        "holding": line(wealth(made.holding.net(plan.cost) + cash)),
        "costs": {f"{cost:g}": line(wealth(made.models[best].net(cost) + cash)) for cost in COSTS},
        "drawdown": {
            best: line(drawdowns(made.models[best].net(plan.cost) + cash)),
            "holding": line(drawdowns(made.holding.net(plan.cost) + cash)),
        },
        "summed": {
            name: line(np.r_[0.0, np.nan_to_num(ic).cumsum()]) for name, ic in (correlations or {}).items()
        },
    }  # fmt: skip
