"""The rule: better, worse, cannot tell or invalid, each with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.arrays import by_code
from beatnaive.core.phrases import digits, p_text
from beatnaive.core.types import OF_QUANTILES, Finding, Ints, Losses
from beatnaive.judging.verdict import ModelRuling, Verdict
from beatnaive.judging.verdict_words import LEVEL, paragraph, rows_of

if TYPE_CHECKING:
    from beatnaive.judging.significance import Examination, Numbers

SEEDS = 0.8
MOVES = ("jump", "quiet_jump", "bad_tick")
"""Kinds of findings that may be a split, a demerger or a wrong close: one such row can outweigh all others."""
BEARING = ("survivorship", "naive_column", "model_column", "units")
"""Other kinds of findings that are told with the rulings."""
SUSPICIOUS = 0.5
"""A share of the variance of returns that no honest forecast of them has ever explained."""


def rule(losses: Losses, examination: Examination, findings: Sequence[Finding] = (), *, unit: str = "") -> Verdict:
    """Rule on every model from the evidence.

    better: adjusted p < 0.05 and, for a stochastic model, at least 80 % of the seeds beat naive; worse: the same
    step-down on the reversed differences; cannot tell: neither, or too little data; naive: the forecasts of a
    benchmark itself; invalid: no usable forecasts.

    unit: what a row is called, where that is no day; losses and their examination; findings on the data, carried
    along. Those that bear on the rulings are told with them and stand in verdict.json: a doubtful move of the price
    inside the scored rows (which may be a split that nobody applied, and alone can decide who wins), a naive column
    that is not the last price, a model that is an old price or in another unit, and a panel in which no symbol ends
    before the panel does: those that failed or were bought are missing.

    >>> import pandas as pd
    >>> from beatnaive.judging.from_table import Question, losses_of
    >>> from beatnaive.judging.significance import examine
    >>> y = 100 * np.exp(0.01 * np.random.default_rng(1).normal(size=90).cumsum())
    >>> table = pd.DataFrame({"ds": pd.bdate_range("2024-01-01", periods=90), "y": y, "mean": y.mean()})
    >>> losses = losses_of(table, Question())
    >>> rule(losses, examine(losses, replications=199)).rulings["mean"].ruling
    'worse'
    """
    notes = list(findings)
    if len(losses.symbols) > 1 and not any(one.kind == "survivorship" for one in notes):
        last = np.full(len(losses.symbols), losses.session.min())
        np.maximum.at(last, losses.symbol, losses.session)
        if (last == last.max()).all() and not any(one.kind == "survivorship" for one in notes):
            text = "no symbol ends before the panel does: companies that failed or were bought are missing"
            mend = "add the symbols that left, up to the day they left"
            notes.append(
                Finding(severity="doubt", kind="survivorship", symbol="*", message=text, mend=mend, count=len(last))
            )
    moves = scored_moves(notes, losses)
    bearing = (*moves, *(one for one in notes if one.kind in BEARING))
    rows, symbols, rows_by = unit or rows_of(losses), {}, by_code(losses.symbol)
    for name, one in examination.symbols.items():
        own = [move for move in moves if move.symbol == name]
        rulings = rulings_of(one, own, same_as_naive(losses, rows_by[losses.symbols.index(name)]))
        symbols[name] = Verdict(one, rulings, paragraph(one, rulings, rows, own), bearing=tuple(own))
    rulings = rulings_of(examination, moves, same_as_naive(losses))
    words = paragraph(examination, rulings, rows, bearing, symbols)
    return Verdict(examination, rulings, words, tuple(notes), bearing, symbols)


def scored_moves(findings: Sequence[Finding], losses: Losses) -> list[Finding]:
    """The doubtful moves of prices whose dates lie inside the scored rows of their symbol, cut to these dates.

    A move on a date belongs to a row whose forecast was made before it, at most `horizon` sessions before.
    """
    found, rows = [], by_code(losses.symbol)
    for one in findings:
        if one.kind not in MOVES or one.symbol not in losses.symbols:
            continue
        days = losses.session[rows.get(losses.symbols.index(one.symbol), slice(0))].astype("datetime64[D]")
        if len(days):
            end = days.max() + 5 + 2 * losses.horizon  # the last outcome comes `horizon` sessions later, weekends apart
            dates = tuple(date for date in one.dates if days.min() < np.datetime64(date) <= end)
            found += [replace(one, dates=dates, count=len(dates))] if dates else []
    return found


def same_as_naive(losses: Losses, rows: Ints | slice = slice(None)) -> set[str]:
    """The models whose forecasts are those of a benchmark on every row, or on these.

    The same to a ten-thousandth of naive's usual error, far below which no forecast is different in use and above which
    four-byte numbers lie.
    """
    if losses.loss_name in OF_QUANTILES:
        return set()  # another distribution round the same point is another forecast
    found: set[str] = set()
    for rival in losses.benchmarks:
        naive = losses.forecast[rival][rows]
        close = 1e-4 * float(np.sqrt(np.mean((losses.y[rows] - naive) ** 2))) if len(naive) else 0.0
        for name, forecast in losses.forecast.items():
            if name not in losses.benchmarks and (np.abs(forecast[rows] - naive) <= close).all():
                found.add(name)
    return found


def rulings_of(found: Examination, moves: Sequence[Finding], same: Collection[str] = ()) -> dict[str, ModelRuling]:
    """The ruling of every model of one examination, invalid ones last; doubtful moves are among each one's reasons.

    same: the models that are naive.
    """
    where = "; ".join(f"{one.symbol} on {', '.join(one.dates[:3])}" for one in moves[:3])
    told = (f"rests on scored rows with a doubtful move of the price ({where})",) if moves else ()
    rulings = {}
    for name, numbers in found.models.items():
        if name in same:
            rulings[name] = ModelRuling("naive", (f"the same forecasts as {found.benchmark}",))
            continue
        one = ruling_of(found, numbers)
        rulings[name] = replace(one, because=one.because + told)
    return rulings | {name: ModelRuling("invalid", (reason,)) for name, reason in found.invalid.items()}


def ruling_of(found: Examination, x: Numbers) -> ModelRuling:
    """One model's ruling: from its adjusted p, its seeds, and the level that the examination grants."""
    doubts: list[str] = []
    if x.same_as in found.benchmarks:
        return ModelRuling("naive", (f"the same forecasts as {x.same_as}",))
    if x.removed is not None and x.removed > SUSPICIOUS:
        doubts.append(f"suspicious: removes {100 * x.removed:.0f} % of naive's squared error; look for look-ahead")
    if x.same_as is not None:
        doubts.append(f"the same forecasts as {x.same_as}")
    if found.too_short:
        return ModelRuling("cannot tell", (found.too_short,), tuple(doubts))
    if x.p_adjusted < LEVEL and x.p_adjusted <= found.level:
        if x.seeds_better is not None and x.seeds_better < SEEDS:
            reason = f"only {100 * x.seeds_better:.0f} % of its seeds beat naive, {100 * SEEDS:.0f} % are needed"
            return ModelRuling("cannot tell", (reason,), tuple(doubts))
        return ModelRuling("better", (f"lower mean loss than naive, adjusted {p_text(x.p_adjusted)}",), tuple(doubts))
    if x.p_worse < LEVEL and x.p_worse <= found.level_worse:
        return ModelRuling("worse", (f"higher mean loss than naive, adjusted {p_text(x.p_worse)}",), tuple(doubts))
    reasons = [f"the difference may be chance, adjusted {p_text(x.p_adjusted)}"]
    if (by_itself := min(x.p_adjusted, x.p_worse)) < LEVEL:
        reasons = [f"not among the symbols that stand out when all are counted, {p_text(by_itself)} by itself"]
    if x.mde_pct is not None:
        reasons.append(f"an edge below {digits(x.mde_pct)} % would often be missed in {found.n} rows")
    if (p := x.cw_adjusted) is not None and p < LEVEL and x.slope is not None:
        shrunk = f"multiplied by {x.slope:.2f} it might be"
        reasons.append(f"carries information, not yet more accurate; {shrunk} (Clark-West, adjusted {p_text(p)})")
    return ModelRuling("cannot tell", tuple(reasons), tuple(doubts))
