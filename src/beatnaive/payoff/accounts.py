"""Accounts: what every model's positions earn, session by session, beside what its rivals do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.threads import side_by_side
from beatnaive.core.types import Floats, Instants
from beatnaive.payoff.at_random import shifted, spectrum
from beatnaive.payoff.book import Book
from beatnaive.payoff.fills import Held, Moves, held
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.positions import positions


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """gross, turnover (T,): return in excess of cash and what was traded, in parts of the account, session by session.

    exposure: mean position; hit: share of positions that gained, None where none was held; random: share of the same
    positions at another time that earned at least as much; of_symbol: (S,) mean gross and mean turnover of each symbol.
    """

    gross: Floats
    turnover: Floats
    exposure: float = 1.0
    hit: float | None = None
    random: float | None = None
    of_symbol: tuple[Floats, Floats] | None = None

    def net(self, cost: float) -> Floats:
        """(T,) return in excess of cash after a cost in basis points."""
        return np.asarray(self.gross - 1e-4 * cost * self.turnover)


@dataclass(frozen=True, eq=False, kw_only=True)
class Accounts:
    """models: an account each; rivals {model: benchmarks}: cash is 0 throughout and not among them.

    holding: the market held with the whole account; rivals: held at max(1, the model's mean exposure), and, for a model
    that is short on average, at its exposure. sessions (T,) dates of the origins.
    """

    plan: Plan
    sessions: Instants
    yearly: float
    models: Mapping[str, Account]
    holding: Account
    rivals: Mapping[str, tuple[Account, ...]]

    def gains(self) -> Floats:
        """(T, b, k) net return of each model less that of cash, of holding, and of being short where any model is.

        What differs by rounding only does not differ.
        """
        cost, width = self.plan.cost, max(len(one) for one in self.rivals.values())
        columns = []
        for name, account in self.models.items():
            net = account.net(cost)
            against = [np.zeros(len(net)), *(one.net(cost) for one in self.rivals[name])]
            against += against[:1] * (1 + width - len(against))
            gain = net[:, None] - np.stack(against, axis=1)
            columns.append(np.where(np.abs(gain) > 1e-12, gain, 0.0))
        return np.stack(columns, axis=2)


def accounts(book: Book, plan: Plan) -> Accounts:
    """Every model's account: all symbols that are there have equal shares of it, set anew each session at no cost.

    Raises InputError where the fill needs opens that the prices lack.
    """
    if plan.fill == "open" and not book.has_opens:
        missing = book.without_open
        t, s = np.argwhere(missing)[0]
        others = f" and {int(missing.sum()) - 1} more" if missing.sum() > 1 else ""
        where = f"{book.symbols[s]} has no open on {book.sessions[1 + t]}{others}"
        raise InputError(f"{where}: take fill close", option="fill")
    share, moves = shares(book), Moves.of(book, plan.fill, cash=plan.cash)
    by_close = moves if moves.night is None else Moves.of(book, cash=plan.cash)
    market = spectrum((by_close.day - moves.interest) * share)
    days = np.maximum(book.present.sum(0), 1)

    def account_of(model: str) -> Account:
        wanted = positions(book, model, plan.rule, plan.terms)
        one = held(moves, wanted)
        moved = shifted(wanted, market)
        # what the market would have to be held at, to the last digit where a position never changes
        exposure = float((wanted * share).sum(1).mean())
        if np.ptp(wanted[book.present]) == 0:
            exposure = float(wanted[book.present][0])
        return Account(
            gross=(one.gross * share).sum(1), turnover=(one.turnover * share).sum(1), exposure=exposure,
            hit=_hit(one, wanted), random=None if not wanted.any() else float((moved[1:] >= moved[0] - 1e-15).mean()),
            of_symbol=((one.gross * book.present).sum(0) / days, (one.turnover * book.present).sum(0) / days),
        )  # fmt: skip

    def holding(exposure: float) -> Account:
        wanted = np.where(book.present, exposure, 0.0)
        one = held(moves, wanted)
        return Account(
            gross=(one.gross * share).sum(1), turnover=(one.turnover * share).sum(1), exposure=exposure,
            hit=_hit(one, wanted),
        )  # fmt: skip

    made = dict(zip(book.models, side_by_side(account_of, book.models), strict=True))
    exposures = {
        model: (max(1.0, one.exposure), *((one.exposure,) if one.exposure < 0 else ())) for model, one in made.items()
    }
    distinct = list(dict.fromkeys((1.0, *(x for each in exposures.values() for x in each))))
    holdings = dict(zip(distinct, side_by_side(holding, distinct), strict=True))
    return Accounts(
        plan=plan, sessions=book.sessions[:-1], yearly=book.yearly, models=made, holding=holdings[1.0],
        rivals={model: tuple(holdings[x] for x in each) for model, each in exposures.items()},
    )  # fmt: skip


def shares(book: Book) -> Floats:
    """(T, S) equal parts of the account for the symbols that are there."""
    return np.asarray(book.present / np.maximum(book.present.sum(1, keepdims=True), 1))


def nets(book: Book, plan: Plan) -> dict[str, Floats]:
    """{model: (T,)} net returns in excess of cash alone, without what `accounts` reckons beside them."""
    share, moves = shares(book), Moves.of(book, plan.fill, cash=plan.cash)

    def net(model: str) -> Floats:
        one = held(moves, positions(book, model, plan.rule, plan.terms))
        return Account(gross=(one.gross * share).sum(1), turnover=(one.turnover * share).sum(1)).net(plan.cost)

    return dict(zip(book.models, side_by_side(net, book.models), strict=True))


def _hit(one: Held, position: Floats) -> float | None:
    """Share of the sessions with a position, and a gain or loss, that gained."""
    counted = (position != 0) & (one.gross != 0)
    return float((one.gross[counted] > 0).mean()) if counted.any() else None
