"""Would it have paid? From a book of prices and forecasts to numbers, a ruling and a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats
from beatnaive.payoff.accounts import Accounts, accounts, nets
from beatnaive.payoff.book import Book
from beatnaive.payoff.cross_section import CrossSection, cross_section, rank_field
from beatnaive.payoff.finding import Worth
from beatnaive.payoff.overfitting import BLOCKS, VARIANTS, probability_of_overfitting
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.ranks import FEWEST
from beatnaive.payoff.ruling import field_of, ruled
from beatnaive.payoff.sharpe import sharpe
from beatnaive.payoff.strategy import strategy
from beatnaive.payoff.words import told


@dataclass(frozen=True, eq=False, kw_only=True)
class Tried:
    """What was tried besides: other plans on the same book, earlier runs, and how many cannot be reckoned again."""

    plans: tuple[Plan, ...] = ()
    books: tuple[Book, ...] = ()
    uncounted: int = 0


def worth(
    book: Book, plan: Plan | None = None, *, benchmark: Sequence[str] = ("naive",), tried: Tried | None = None,
    quantiles: int | None = None, top: int | None = None, replications: int = 9999, seed: int = 0,
) -> Worth:  # fmt: skip
    """Would the book's forecasts have paid under this plan?

    benchmark: models that only measure others: they are not traded; tried: what was tried before; quantiles, top: of a
    panel's portfolios; replications, seed of the bootstrap. Raises InputError for a book that cannot be traded so.

    >>> from beatnaive.payoff.book import Tape, book
    >>> days, close = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]"), 100 + np.arange(60.0) % 3
    >>> zero = np.zeros(60, np.int32)
    >>> tape = Tape.of_closes(("A",), zero, days, close)
    >>> up = np.diff(np.log(close))
    >>> one = book(tape, symbols=("A",), symbol=zero[1:], session=days[:-1], forecast={"knows": up}, horizon=1)
    >>> worth(one, replications=99).rulings["knows"].ruling
    'paid'
    """
    plan, tried = plan or Plan(), tried or Tried()
    if not (names := [name for name in book.models if name not in benchmark]):
        raise InputError("no model besides the benchmark: nothing to be traded")
    whole, book = book, replace(book, forecast={name: book.forecast[name] for name in names})
    made = accounts(book, plan)
    others = [accounts(book, other) for other in tried.plans if _possible(book, other)]
    others += [accounts(other, plan) for other in tried.books if _possible(other, plan)]
    fields = tuple(field_of(one) for one in others)
    trials = len(names) + sum(one.gain.shape[2] for one in fields) + tried.uncounted
    found = ruled(made, fields, uncounted=tried.uncounted, replications=replications, seed=seed)
    net = {name: account.net(plan.cost) for name, account in made.models.items()}
    elsewhere = [account.net(one.plan.cost) for one in others for account in one.models.values()]
    ratios = [sharpe(one).ratio for one in (*net.values(), *elsewhere)]
    numbers = {
        name: strategy(
            account, made.rivals[name][0], made.holding, cost=plan.cost, cash=plan.cash, yearly=book.yearly,
            trials=trials, ratios=ratios,
        )
        for name, account in made.models.items()
    }  # fmt: skip
    market = strategy(
        made.holding, made.holding, made.holding, cost=plan.cost, cash=plan.cash, yearly=book.yearly, trials=1
    )
    panel: CrossSection | None = None
    ranked: dict[str, Floats] = {}
    if len(book.symbols) >= FEWEST or quantiles is not None or top is not None:
        # ranks do not depend on the rule: those of a book are found once, however many rules are asked about
        asked = (*names, plan.fill, plan.cost, plan.cash, quantiles, top, tried.uncounted, replications, seed)
        known = _ranked.setdefault(whole, {})
        if asked not in known or tried.books:
            earlier = [one[0] for one in map(rank_field, tried.books) if one is not None]
            known[asked] = cross_section(
                book, plan, count=5 if quantiles is None else quantiles, top=top, trials=earlier,
                uncounted=tried.uncounted, replications=replications, seed=seed,
            )  # fmt: skip
        found_ranks = known.pop(asked) if tried.books else known[asked]
        if found_ranks is not None:
            panel, ranked = found_ranks
    return told(Worth(
        made=made, models=numbers, rulings=found, holding=market, other_fill=_other_fill(book, plan), trials=trials,
        overfitting=_overfitting([*net.values(), *(x for x in elsewhere if len(x) == len(book))]),
        cross_section=panel, by_symbol=_by_symbol(book, made), correlations=ranked, notes=_notes(book),
    ))  # fmt: skip


_Ranks: TypeAlias = tuple[CrossSection, dict[str, Floats]] | None
_ranked: WeakKeyDictionary[Book, dict[tuple[object, ...], _Ranks]] = WeakKeyDictionary()
"""What `worth` found of a book's ranks, as long as the book is in memory."""


def _possible(book: Book, plan: Plan) -> bool:
    return plan.fill == "close" or book.has_opens


def _other_fill(book: Book, plan: Plan) -> dict[str, float] | None:
    """{model: net a year} of the same plan, filled at the other time."""
    if not book.has_opens:
        return None
    other = nets(book, replace(plan, fill="open" if plan.fill == "close" else "close"))
    return {name: float(one.mean()) * book.yearly + plan.cash for name, one in other.items()}


def _overfitting(nets: Sequence[Floats]) -> float | None:
    if len(nets) < VARIANTS or len(nets[0]) < 4 * BLOCKS:
        return None
    return probability_of_overfitting(np.stack(nets, axis=1))


def _by_symbol(book: Book, made: Accounts) -> dict[str, dict[str, tuple[float, float | None]]]:
    """A panel's symbols one by one, by closes alone: net return a year, break-even in basis points."""
    if len(book.symbols) < 2:
        return {}
    found: dict[str, dict[str, tuple[float, float | None]]] = {name: {} for name in book.symbols}
    for model, account in made.models.items():
        if account.of_symbol is None:
            continue
        for name, gross, turnover in zip(book.symbols, *account.of_symbol, strict=True):
            net = (gross - 1e-4 * made.plan.cost * turnover) * made.yearly + made.plan.cash
            even = 1e4 * gross / turnover if turnover > 1e-12 else math.nan
            found[name][model] = float(net), float(even) if math.isfinite(even) else None
    return found


def _notes(book: Book) -> tuple[str, ...]:
    notes = []
    if book.kept:
        notes.append(
            f"At {book.kept:,} close{'s' * (book.kept != 1)} without a forecast or a trade the position was kept."
        )
    if not book.has_opens and np.isfinite(book.open).any():
        missing = int(book.without_open.sum())
        has = "1 session has" if missing == 1 else f"{missing:,} sessions have"
        notes.append(f"{has} no open: fills at the open are left out.")
    return tuple(notes)
