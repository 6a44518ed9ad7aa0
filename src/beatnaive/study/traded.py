"""What a study's forecasts are traded on: the bars of its scored sessions, and the same bars of a placebo world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.phrases import p_text
from beatnaive.core.types import CLOSE, OPEN, Evidence, Losses, Prices, Samples, Track
from beatnaive.judging.losses import ewma_variance
from beatnaive.judging.significance.placebo import placebo
from beatnaive.payoff.accounts import accounts
from beatnaive.payoff.book import Book, Tape, book
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.ruling import largest_gain
from beatnaive.prices.calendars import sessions_between


def tape_of(samples: Samples, tracks: Mapping[str, Track], prices: Sequence[Prices]) -> Tape:
    """The bars from the first scored origin to the last outcome, of the symbols that are scored."""
    inputs, track = samples.inputs, next(iter(tracks.values()))
    rows = track.rows[track.scored]
    last = inputs.ahead(rows, samples.target.horizon)
    scored = np.zeros(len(inputs.symbols), bool)
    scored[inputs.symbol[rows]] = True
    session = inputs.session
    taken = scored[inputs.symbol] & (session >= session[rows].min()) & (session <= session[last].max())
    order = np.flatnonzero(taken)
    names = tuple(name for name, there in zip(inputs.symbols, scored.tolist(), strict=True) if there)
    place = np.cumsum(scored) - 1
    order = order[np.lexsort((session[order], inputs.symbol[order]))]
    known = set(names)
    calendars = {one.calendar for one in prices if one.symbol in known}
    return Tape(
        symbols=names, symbol=place[inputs.symbol[order]].astype(np.int32),
        session=session[order].astype("datetime64[D]"), open=inputs.bars[order, OPEN], close=inputs.bars[order, CLOSE],
        variance=ewma_variance(inputs)[order], filled=inputs.filled[order],
        yearly=max(map(sessions_a_year, sorted(calendars)), default=252.0),
    )  # fmt: skip


def tape_of_prices(prices: Sequence[Prices]) -> Tape:
    """All bars of prices that no study has read; variances are reckoned from their closes."""
    many = [len(one.sessions) for one in prices]
    bars = np.concatenate([one.bars for one in prices])
    return Tape(
        symbols=tuple(one.symbol for one in prices), symbol=np.repeat(np.arange(len(many), dtype=np.int32), many),
        session=np.concatenate([one.sessions for one in prices]).astype("datetime64[D]"),
        open=bars[:, OPEN], close=bars[:, CLOSE], variance=np.full(len(bars), np.nan),
        filled=np.concatenate([one.filled for one in prices]),
        yearly=max(sessions_a_year(one.calendar) for one in prices),
    )  # fmt: skip


@cache
def sessions_a_year(calendar: str) -> float:
    """The calendar's sessions in twenty years, a year, to the nearest whole.

    >>> sessions_a_year("XNYS"), sessions_a_year("24/7")
    (252.0, 365.0)
    """
    twenty = sessions_between(calendar, np.datetime64("2000-01-01"), np.datetime64("2019-12-31"))
    return float(round(len(twenty) / 20))


def book_of(losses: Losses, tape: Tape) -> Book:
    """The forecasts of all valid models on the rows they share, and the bars. Raises InputError for variances."""
    return book(
        tape, symbols=losses.symbols, symbol=losses.symbol, session=losses.session,
        forecast=losses.forecast, horizon=losses.horizon,
    )  # fmt: skip


def gain_of(losses: Losses, tape: Tape, plan: Plan) -> float | None:
    """The largest t with which any model's positions beat cash and holding; None where nothing can be traded."""
    traded = {name: one for name, one in losses.forecast.items() if name not in losses.benchmarks}
    if not traded:
        return None
    try:
        own = book_of(replace(losses, forecast=traded), tape)
        return largest_gain(accounts(own, plan))
    except InputError:  # prices that nothing can be valued at, as worth.json says: the verdict stands without
        return None


def placebo_of_worth(own: float | None, worlds: Sequence[float | None], plan: Plan) -> Evidence | None:
    """How often did the same rule earn as much where no direction can be forecast? None where nothing was traded.

    p = (1 + worlds whose largest studentised gain is at least ours) / (worlds + 1).

    >>> placebo_of_worth(2.0, [0.5, 2.5, None], Plan()).words[:61]
    'In 1 of 2 worlds with the signs of the returns drawn at rando'
    """
    known = [one for one in worlds if one is not None]
    if own is None or not known:
        return None
    found = placebo(own, known)
    reached, cost = sum(one >= own for one in known), f"{plan.cost:g} basis point{'s' * (plan.cost != 1)}"
    how = f"{plan.rule}, filled at the {'close' if plan.fill == 'close' else 'next open'}, {cost}"
    words = (
        f"In {reached} of {len(known)} worlds with the signs of the returns drawn at random, the same rule ({how}) "
        f"beat cash and holding by at least as much, in standard errors, as here ({p_text(found.p_value or 0.0)})."
    )
    return replace(found, test="placebo of worth", words=words)
