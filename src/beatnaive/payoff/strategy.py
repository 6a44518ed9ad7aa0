"""The numbers of one account: what it earned, at which costs, how unevenly, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from beatnaive.core.phrases import finite
from beatnaive.core.types import Floats
from beatnaive.payoff.accounts import Account
from beatnaive.payoff.break_even import BreakEven, break_even
from beatnaive.payoff.drawdown import deepest, wealth
from beatnaive.payoff.hac import lags_of, regression
from beatnaive.payoff.rules import AVERSION
from beatnaive.payoff.sharpe import Sharpe, deflated, sharpe

COSTS = (0.0, 1.0, 5.0, 10.0, 25.0)
"""Basis points at which every strategy is shown."""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """All of it a year and in parts of wealth, 0.03 = 3 %, cash included, unless said otherwise.

    n sessions; gross, net: mean returns before and after the cost; at_cost: (basis points, net); growth: compounded;
    turnover: what is traded, in accounts; break_even, break_even_holding: basis points against cash and against the
    market held at max(1, exposure); drawdown: a negative part, under_water: sessions in a row; alpha, beta with errors:
    against holding; sharpe with its error; probability: that it is above what the best of so many worthless trials
    shows; certainty: certainty equivalent at risk aversion 3; random: share of the same positions at another time that
    earned as much before costs, random_net: what they earn on average after it.
    """

    n: int
    gross: float
    net: float
    at_cost: tuple[tuple[float, float], ...]
    growth: float
    turnover: float
    exposure: float
    hit: float | None
    break_even: BreakEven
    break_even_holding: BreakEven
    drawdown: float
    under_water: int
    alpha: float | None
    alpha_error: float | None
    beta: float | None
    beta_error: float | None
    sharpe: float | None
    sharpe_error: float | None
    probability: float | None
    certainty: float
    random: float | None
    random_net: float

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def strategy(
    own: Account, rival: Account, market: Account, *, cost: float, cash: float, yearly: float, trials: int,
    ratios: Sequence[float] = (),
) -> Strategy:  # fmt: skip
    """The numbers of an account beside a rival (the market at its exposure) and the market itself.

    cost in basis points; cash a year; trials: how many strategies were tried, ratios: the Sharpe ratios a session of
    those that are at hand, whose variance deflates; with one at hand the variance of its own estimate.
    """
    net, n = own.net(cost), len(own.gross)
    one, line = sharpe(net), regression(net, market.net(cost), lags_of(n))
    fall, under = deepest(net + cash / yearly)
    ratio, error = one.yearly(yearly)
    path = wealth(net + cash / yearly)
    turnover = float(own.turnover.mean())
    return Strategy(
        n=n,
        gross=_yearly(own.gross, yearly) + cash,
        net=_yearly(net, yearly) + cash,
        at_cost=tuple((bp, _yearly(own.net(bp), yearly) + cash) for bp in COSTS),
        growth=float(path[-1] ** (yearly / n) - 1),
        turnover=turnover * yearly,
        exposure=own.exposure,
        hit=own.hit,
        break_even=break_even(own.gross, own.turnover),
        break_even_holding=break_even(own.gross - rival.gross, own.turnover - rival.turnover),
        drawdown=fall,
        under_water=under,
        alpha=finite(line.alpha * yearly),
        alpha_error=finite(line.alpha_error * yearly),
        beta=finite(line.beta),
        beta_error=finite(line.beta_error),
        sharpe=finite(ratio),
        sharpe_error=finite(error),
        probability=finite(deflated(one, trials, spread_of(ratios, one))),
        certainty=cash + yearly * float(net.mean() - AVERSION / 2 * net.var()),
        random=own.random,
        random_net=cash + yearly * (own.exposure * float(market.gross.mean()) - 1e-4 * cost * turnover),
    )


def spread_of(ratios: Sequence[float], own: Sharpe) -> float:
    """Variance of the trials' Sharpe ratios a session; that of the estimate itself where fewer than two are at hand."""
    known = [one for one in ratios if np.isfinite(one)]
    return float(np.var(known, ddof=1)) if len(known) > 1 else own.error**2


def _yearly(returns: Floats, yearly: float) -> float:
    return float(returns.mean()) * yearly
