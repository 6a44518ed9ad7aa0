"""Cross-section: rank correlation with its error, how it fades, when it held, and what portfolios made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.threads import side_by_side
from beatnaive.core.types import Floats
from beatnaive.judging.significance.cosines import cosine_count, mean_test
from beatnaive.judging.significance.examination import too_short
from beatnaive.judging.significance.joint import Field, judgement
from beatnaive.payoff.accounts import Account
from beatnaive.payoff.book import Book
from beatnaive.payoff.break_even import BreakEven, break_even
from beatnaive.payoff.fills import Moves
from beatnaive.payoff.hac import mean_error
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.portfolios import Portfolios, by_rank, equal, portfolio
from beatnaive.payoff.ranks import FEWEST, Ranked, outcomes, rank_correlation

AHEAD = (1, 5, 20)
"""Sessions over which the rank correlation is followed."""
LEVEL = 0.05


@dataclass(frozen=True)
class Mean:
    """A mean rank correlation, its Newey-West error (horizon - 1 lags), and the sessions it is over."""

    ic: float | None
    error: float | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """What a model's ranks were worth. Portfolio returns are a year, in parts of wealth, after the plan's cost.

    ic: over the run's horizon; low, high: its 90 % interval, p_better adjusted for all models and trials, of the rule
    (cosines); ruling: "ranks", "reversed" or "cannot tell"; left_out: sessions that could not be ranked; ahead: by
    sessions ahead; years, regimes (thirds of the market's variance at the origin); quantiles, lowest forecasts first;
    slope: mean step from one quantile to the next, its p one-sided; rises: steps up; top, market: the top few and
    all with equal weights; gain: of the highest quantile over the market, with its interval and break-even.
    """

    ic: Mean
    low: float | None
    high: float | None
    p_better: float
    p_worse: float
    ruling: str
    left_out: int
    ahead: Mapping[int, Mean]
    years: Mapping[str, Mean]
    regimes: Mapping[str, Mean]
    quantiles: tuple[float, ...]
    slope: float
    slope_p: float
    rises: int
    top: float
    gain: float
    gain_low: float
    gain_high: float
    turnover: float
    break_even: BreakEven

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class CrossSection:
    """models {name: Ranking}; unranked: models whose forecasts are all equal; market: equal weights, net, a year."""

    symbols: int
    count: int
    top: int
    market: float
    models: Mapping[str, Ranking]
    unranked: tuple[str, ...]


def correlations(book: Book, horizons: Sequence[int]) -> dict[str, dict[int, Floats]]:
    """{model: {horizon: (T,)}} rank correlations with the returns that follow; NaN where nothing can be ranked."""
    outcome = {h: Ranked.of(outcomes(book, h)) for h in horizons}

    def of(name: str) -> dict[int, Floats]:
        ranked = ranked_of(book, name)
        return {h: rank_correlation(ranked, one) for h, one in outcome.items()}

    return dict(zip(book.models, side_by_side(of, book.models), strict=True))


def ranked_of(book: Book, model: str) -> Ranked:
    """A model's forecasts of what could be traded, ranked."""
    return Ranked.of(np.where(book.present & book.tradable[:-1], book.forecast[model], np.nan))


def rank_field(book: Book, found: Mapping[str, Floats] | None = None) -> tuple[Field, tuple[str, ...]] | None:
    """Rank correlations as gains over no correlation, on the sessions that all rankable models share.

    found {model: (T,)}: those over the book's horizon, where they are known already. None where nothing can be ranked.
    """
    if found is None:
        found = {name: one[book.horizon] for name, one in correlations(book, (book.horizon,)).items()}
    names = tuple(name for name, ic in found.items() if np.isfinite(ic).sum() > 2)
    if not names:
        return None
    every = np.stack([found[name] for name in names], axis=1)
    rows = np.isfinite(every).all(1)
    if rows.sum() < 3:
        return None
    days = book.sessions[:-1][rows].astype("datetime64[D]").astype(np.int64)
    return Field(gain=every[rows][:, None, :], sessions=days, horizon=book.horizon), names


def cross_section(
    book: Book, plan: Plan, *, count: int = 5, top: int | None = None, trials: Sequence[Field] = (),
    uncounted: int = 0, replications: int = 9999, seed: int = 0,
) -> tuple[CrossSection, dict[str, Floats]] | None:  # fmt: skip
    """Ranks and portfolios of every model, and {model: (T,)} its correlations; None where no session can be ranked.

    count: quantile portfolios; top: symbols held by the top portfolio (None = 10, a fifth at most). Raises InputError
    where they do not fit the number of symbols.
    """
    top = top_of(len(book.symbols), count, top)
    every = correlations(book, tuple(dict.fromkeys((book.horizon, *AHEAD))))
    over = {name: one[book.horizon] for name, one in every.items()}
    field = rank_field(book, over)
    if field is None:
        return None
    own, names = field
    judged = judgement(own, trials, uncounted=uncounted, replications=replications, seed=seed)
    low, high = judged.test.interval()
    moves = Moves.of(book, plan.fill, cash=plan.cash)
    market = portfolio(moves, equal(book.present))
    short = bool(too_short(len(own.gain), book.horizon))

    def folios_of(name: str) -> Portfolios:
        return by_rank(moves, ranked_of(book, name), count=count, top=top, horizon=book.horizon)

    folios = dict(zip(names, side_by_side(folios_of, names), strict=True))
    made = {}
    for k, name in enumerate(names):
        better, worse = float(judged.p_better[k]), float(judged.p_worse[k])
        ruling = "ranks" if better < LEVEL else "reversed" if worse < LEVEL else "cannot tell"
        varies, ic = judged.test.error[k] > 0, over[name]
        made[name] = Ranking(
            ic=mean_of(ic, book.horizon), low=float(low[k]) if varies else None,
            high=float(high[k]) if varies else None, p_better=better, p_worse=worse,
            ruling="cannot tell" if short else ruling, left_out=int((~np.isfinite(ic)).sum()),
            ahead={h: mean_of(every[name][h], h) for h in AHEAD},
            years=_grouped(ic, book.sessions[:-1].astype("datetime64[Y]").astype(str), book.horizon),
            regimes=_grouped(ic, regimes(book), book.horizon),
            **_earned(folios[name], market, plan, book.yearly),
        )  # fmt: skip
    found = CrossSection(
        symbols=len(book.symbols), count=count, top=top,
        market=float(market.net(plan.cost).mean()) * book.yearly + plan.cash, models=made,
        unranked=tuple(name for name in book.models if name not in names),
    )  # fmt: skip
    return found, {name: over[name] for name in names}


def top_of(width: int, count: int, top: int | None) -> int:
    """How many symbols the top portfolio holds. Raises InputError for a number that the universe does not allow."""
    if width < FEWEST:
        has = "1 symbol" if width == 1 else f"{width} symbols"
        raise InputError(f"a cross-section needs {FEWEST} symbols at least, this has {has}")
    if top is not None and top >= width:
        raise InputError(f"top={top}: of {width} symbols that is everything; take fewer", option="top")
    if top is not None and top < 1:
        raise InputError(f"top={top}: hold one symbol at least", option="top")
    if not 2 <= count <= width // 2:
        raise InputError(f"quantiles={count}: from 2 to half of the {width} symbols", option="quantiles")
    return top or max(1, min(10, width // 5))


def mean_of(ic: Floats, horizon: int) -> Mean:
    """The mean over the sessions that have one; None, None where fewer than two have."""
    known = ic[np.isfinite(ic)]
    if len(known) < 2:
        return Mean(None, None, len(known))
    return Mean(float(known.mean()), mean_error(known, horizon - 1), len(known))


def _grouped(ic: Floats, group: Any, horizon: int) -> dict[str, Mean]:
    return {str(name): mean_of(ic[group == name], horizon) for name in dict.fromkeys(group.tolist())}


def regimes(book: Book) -> Any:
    """(T,) calm, middle or wild: thirds of the sessions by the mean variance over symbols, known at the origin."""
    known = book.present & np.isfinite(book.variance)
    level = np.where(known, book.variance, 0.0).sum(1) / np.maximum(known.sum(1), 1)
    edges = np.quantile(level[known.any(1)], (1 / 3, 2 / 3))
    return np.array(["calm", "middle", "wild"])[np.searchsorted(edges, level, "right")]


def _earned(folios: Portfolios, market: Account, plan: Plan, yearly: float) -> dict[str, Any]:
    """The numbers of the portfolios, by the names of `Ranking`."""
    net = np.stack([one.net(plan.cost) for one in folios.quantiles], axis=1)
    step = np.arange(net.shape[1]) - (net.shape[1] - 1) / 2
    gross = np.stack([one.gross for one in folios.quantiles], axis=1)
    slope = mean_test(gross @ step / (step @ step), cosine_count(len(net)))
    best = folios.quantiles[-1]
    gain = mean_test(best.net(plan.cost) - market.net(plan.cost), cosine_count(len(net)))
    low, high = gain.interval()
    return {
        "quantiles": tuple(float(one) * yearly + plan.cash for one in net.mean(0)),
        "slope": float(slope.mean[0]) * yearly,
        "slope_p": float(slope.p_better[0]),
        "rises": int((np.diff(gross.mean(0)) > 0).sum()),
        "top": float(folios.top.net(plan.cost).mean()) * yearly + plan.cash,
        "gain": float(gain.mean[0]) * yearly,
        "gain_low": float(low[0]) * yearly,
        "gain_high": float(high[0]) * yearly,
        "turnover": float(best.turnover.mean()) * yearly,
        "break_even": break_even(best.gross - market.gross, best.turnover - market.turnover),
    }


__all__ = ["AHEAD", "CrossSection", "Ranking", "cross_section", "rank_field"]
