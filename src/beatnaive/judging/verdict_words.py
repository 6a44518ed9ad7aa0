"""The verdict as a paragraph. Nothing is called a winner unless it was ruled better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import count, listing, p_number, p_text, percent
from beatnaive.core.types import Finding, Losses
from beatnaive.judging.verdict import ModelRuling, Verdict

if TYPE_CHECKING:
    from beatnaive.judging.significance import Examination, Numbers


def paragraph(
    found: Examination,
    rulings: Mapping[str, ModelRuling],
    rows: str,
    findings: Sequence[Finding] = (),
    symbols: Mapping[str, Verdict] | None = None,
) -> str:
    """What a verdict says, all sentences that apply.

    found and its rulings; rows: what a row is called ("days"); findings that bear on the rulings; a panel's symbols.
    """
    better = [name for name, one in rulings.items() if one.ruling == "better"]
    worse = [name for name, one in rulings.items() if one.ruling == "worse"]
    parts = [headline(found, better, rows), closest(found, better), effect(found, rows)]
    if worse:
        names = listing(worse) if len(worse) <= 4 else f"{count(len(worse)).capitalize()} models"
        parts.append(f"{names} {'was' if len(worse) == 1 else 'were'} worse than naive, beyond chance.")
    parts += [f"{name}: {text}." for name, one in rulings.items() for text in one.doubts][:4]
    parts += [f"{name} is invalid: {reason}." for name, reason in found.invalid.items()]
    parts += [trials_told(found), symbols_told(found, symbols or {})]
    parts += [f"Doubt: {one.message}." for one in findings if one.kind == "survivorship"]
    return " ".join(part for part in parts if part)


def headline(found: Examination, better: Sequence[str], rows: str) -> str:
    """Who beat what, on which data: the first sentence."""
    where = f"the panel of {len(found.symbols)} symbols" if found.symbols else found.symbol
    if short := found.too_short:
        return f"No ruling on {where}: {short}."
    rival = "tomorrow = today" if found.horizon == 1 else "naive (no change)"
    if len(found.benchmarks) > 1:
        rival = "the naive forecasts of volatility"
    who = f"{listing(better)} beat{'s' if len(better) == 1 else ''}" if better else "No model beat"
    return f"{who} {rival} on {where} ({found.n} {rows})."


def closest(found: Examination, better: Sequence[str]) -> str:
    """By how much: the three best winners with their intervals, or the model that came closest and whether by luck."""
    if better:
        told = []
        for name in sorted(better, key=lambda name: -found.models[name].gain)[:3]:
            x = found.models[name]
            span = f", 90 % interval {x.skill_ci90[0]:.1f} to {x.skill_ci90[1]:.1f} %" if x.skill_ci90 else ""
            told.append(f"{name} was {by(x)}{span} (adjusted {p_text(x.p_adjusted)}).")
        return " ".join(told)
    name, x = max(found.models.items(), key=lambda item: item[1].gain)
    if x.skill_pct is None:
        return ""
    # by the test that fits: adjusted when ahead, two-sided and single when behind
    p = x.dm[1]
    luck = f"which may well be chance (adjusted {p_text(x.p_adjusted)})"
    if x.gain <= 0:
        luck = "which no test can judge"
        if p is not None:
            luck = f"which {'may well be' if p >= 0.05 else 'is hardly'} chance ({p_text(p)})"
    return f"{name} {'was' if len(found.models) == 1 else 'came closest,'} {by(x)}, {luck}."


def by(x: Numbers) -> str:
    """The skill people read; where it and the ruling loss point different ways, both."""
    text = percent(x.skill_pct or 0.0)
    if (x.skill_pct or 0.0) * x.gain >= 0:
        return text
    return f"{text} in RMSE but {percent(x.gain)} in the loss that is ruled on"


def effect(found: Examination, rows: str) -> str:
    """The smallest edge that this much data would have shown."""
    x = max(found.models.values(), key=lambda one: one.gain)
    if x.mde_pct is None or x.mde_single_pct is None or found.too_short:
        return ""
    own, single = (f"{value:.1f}" if value >= 0.1 else f"{value:.2f}" for value in (x.mde_pct, x.mde_single_pct))
    seen = f"With {found.n} {rows} an edge of {single} % would be seen four times in five"
    models = len(found.models)
    if models == 1:
        return f"{seen}."
    field = "both models" if models == 2 else f"all {count(models)} models"
    return f"{seen} by a single test, {own} % by the test that accounts for {field}."


def trials_told(found: Examination) -> str:
    """What was tried before this run, and what counting it does to the smallest p."""
    parts = []
    if (extra := found.counted - len(found.models)) > 0:
        own = p_number(min(x.p_this_run for x in found.models.values()))
        counted = f"{found.counted} forecasts were counted as tried, {extra} of them before this run"
        parts.append(f"{counted}: the smallest p, {own} by itself, becomes {p_number(found.p_any)}.")
    if found.other_symbols:
        parts.append(f"Other symbols tried in the same folder: {listing(found.other_symbols[:8])}.")
    return " ".join(parts)


def symbols_told(found: Examination, symbols: Mapping[str, Verdict]) -> str:
    """How many symbols of a panel stand out, and in how many some model merely came out ahead."""
    if not found.symbols:
        return ""
    better = [name for name, verdict in symbols.items() if verdict.named("better")]
    named = f" ({listing(better[:8])}{' and others' if len(better) > 8 else ''})" if better else ""
    positive = sum(max(x.gain for x in one.models.values()) > 0 for one in found.symbols.values())
    total = len(found.symbols)
    return (
        f"Symbol by symbol, {len(better)} of {total} stand out when all {total} are counted{named}; "
        f"in {positive} some model came out ahead of naive, which says nothing by itself."
    )


def rows_of(losses: Losses) -> str:
    """What a row is: "days" where most sessions are a day apart, else just "rows"."""
    days = np.sort(losses.session.astype("datetime64[D]"))
    steps = np.diff(days).astype(int)
    steps = steps[steps > 0]
    return "days" if len(steps) and np.median(steps) <= 1 else "rows"
