"""The verdict as a paragraph. Nothing is called a winner unless it was ruled better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from beatnaive.core.phrases import count, digits, listing, p_number, p_text, percent
from beatnaive.core.types import Finding, Losses
from beatnaive.judging.verdict import ModelRuling, Verdict

if TYPE_CHECKING:
    from beatnaive.judging.significance import Examination, Numbers

LEVEL = 0.05


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
    moves = [one for one in findings if one.dates and one.kind not in ("survivorship", "naive_column")]
    parts = [headline(found, better, rows, moves), closest(found, rulings), effect(found, rows)]
    if better and found.constant_p is not None and found.constant_p < LEVEL:
        constant = f"The expanding mean of past returns, a constant, beats naive too ({p_text(found.constant_p)})"
        parts.append(f"{constant}: a constant does as much, so this need not be skill.")
    if same := [name for name, one in rulings.items() if one.ruling == "naive"]:
        parts.append(f"{listing(same)} {'is' if len(same) == 1 else 'are'} naive: the same forecasts, skill 0.")
    if worse:
        names = listing(worse) if len(worse) <= 4 else f"{count(len(worse)).capitalize()} models"
        parts.append(f"{names} {'was' if len(worse) == 1 else 'were'} worse than naive, beyond chance.")
    parts += [f"{name}: {text}." for name, one in rulings.items() for text in one.doubts][:4]
    parts += [f"{name} is invalid: {reason}." for name, reason in found.invalid.items()]
    parts += [trials_told(found), symbols_told(found, symbols or {})]
    parts += [f"Doubt: {one.message}." for one in findings if one not in moves]
    return " ".join(part for part in parts if part)


def headline(found: Examination, better: Sequence[str], rows: str, moves: Sequence[Finding] = ()) -> str:
    """Who beat what, on which data: the first sentence."""
    where = f"the panel of {len(found.symbols)} symbols" if found.symbols else found.symbol
    if short := found.too_short:
        return f"No ruling on {where}: {short}."
    rival = "tomorrow = today" if (found.ahead or found.horizon) == 1 else "naive (no change)"
    if len(found.benchmarks) > 1:
        rival = "the naive forecasts of volatility"
    who = f"{listing(better)} beat{'s' if len(better) == 1 else ''}" if better else "No model beat"
    doubt = ""
    if moves:
        dates = [date for one in moves for date in one.dates]
        when = listing(dates[:3]) if len(dates) <= 3 else f"{', '.join(dates[:3])} and {len(dates) - 3} more days"
        doubt = (
            f"; but the price moved doubtfully on {when}, inside the scored rows: check for an unapplied split first"
        )
    return f"{who} {rival} on {where} ({found.n} {rows}){doubt}."


def closest(found: Examination, rulings: Mapping[str, ModelRuling]) -> str:
    """By how much: the three best winners with their intervals, or the model that came closest and whether by luck.

    Luck is the ruling's to tell: the p is the adjusted one of the side on which the model is.
    """
    if better := [name for name, one in rulings.items() if one.ruling == "better"]:
        told = []
        for name in sorted(better, key=lambda name: -(found.models[name].skill_pct or 0.0))[:3]:
            x = found.models[name]
            span = f", 90 % interval {digits(x.skill_ci90[0])} to {digits(x.skill_ci90[1])} %" if x.skill_ci90 else ""
            told.append(f"{name} was {percent(x.skill_pct or 0.0)}{span} (adjusted {p_text(x.p_adjusted)}).")
        return " ".join(told)
    own = {name: x for name, x in found.models.items() if rulings[name].ruling != "naive"}
    name, x = foremost(found)
    if not own:
        return f"{name} is the same as {x.same_as or found.benchmark} in every row: there is nothing to tell."
    name, x = max(own.items(), key=lambda one: -np.inf if one[1].skill_pct is None else one[1].skill_pct)
    if x.skill_pct is None:
        return ""
    p = x.p_adjusted if x.skill_pct > 0 else x.p_worse
    luck = f"which may well be chance (adjusted {p_text(p)})"
    if rulings[name].ruling == "worse":
        luck = f"beyond chance (adjusted {p_text(p)})"
    elif found.too_short:
        luck = "which so few rows cannot tell from chance"
    elif p < LEVEL:
        luck = f"which cannot be told from chance: {rulings[name].because[0]}"
    return f"{name} {'was' if len(found.models) == 1 else 'came closest,'} {percent(x.skill_pct)}, {luck}."


def foremost(found: Examination) -> tuple[str, Numbers]:
    """The model with the largest skill."""
    return max(found.models.items(), key=lambda item: -np.inf if item[1].skill_pct is None else item[1].skill_pct)


def effect(found: Examination, rows: str) -> str:
    """The smallest edge that this much data would have shown."""
    _, x = foremost(found)
    if x.mde_pct is None or x.mde_single_pct is None or found.too_short:
        return ""
    if x.mde_single_pct >= 100:
        return f"With {found.n} {rows} not even a perfect forecast would be seen four times in five."
    own, single = (digits(value) for value in (x.mde_pct, x.mde_single_pct))
    seen = f"With {found.n} {rows} an edge of {single} % would be seen four times in five"
    models = len(found.models)
    if models == 1:
        return f"{seen}."
    field = "both models" if models == 2 else f"all {count(models)} models"
    return f"{seen} by a single test, {own} % by the test that accounts for {field}."


def trials_told(found: Examination) -> str:
    """What was tried before: how many forecasts, which, how they enter, and what that does to the smallest p."""
    parts, trials = [], found.trials
    if (extra := found.counted - len(found.models)) > 0:
        own, whole = p_number(min(x.p_this_run for x in found.models.values())), p_number(found.p_any)
        counted = f"{found.counted} forecasts were counted as tried, {extra} of them before this run"
        which = [f"in {listing(trials.runs[:4])}{' and others' if len(trials.runs) > 4 else ''}"] if trials.runs else []
        which += [f"which differ in {listing(trials.varied)}"] if trials.varied else []
        named = f" ({', '.join(which)})" if which else ""
        change = "" if own == whole else f": the smallest p for being better, {own} by itself, becomes {whole}"
        parts.append(f"{counted}{named}{change}.")
    if found.uncounted:
        reasons = sorted(set(trials.unjoined.values()))
        reasons += ["they were only declared"] if trials.variants else []
        why = f" ({'; '.join(reasons[:3])})" if reasons else " (too few rows)"
        each = "one that could" if found.uncounted == 1 else f"{count(found.uncounted)} that could"
        parts.append(f"Of these, {each} not be resampled together with this run{why}: p is multiplied for each.")
    if trials.symbols:
        parts.append(f"Other symbols tried in the same folder: {listing(trials.symbols[:8])}.")
    if trials.damaged:
        more = f" and {len(trials.damaged) - 4} more" if len(trials.damaged) > 4 else ""
        parts.append(f"Not counted, because they cannot be read: {listing(trials.damaged[:4])}{more}.")
    return " ".join(parts)


def symbols_told(found: Examination, symbols: Mapping[str, Verdict]) -> str:
    """How many symbols of a panel stand out, and in how many some model merely came out ahead."""
    if not found.symbols:
        return ""
    better = [name for name, verdict in symbols.items() if verdict.named("better")]
    named = f" ({listing(better[:8])}{' and others' if len(better) > 8 else ''})" if better else ""
    judged = [one for one in found.symbols.values() if not one.too_short]
    positive = sum((foremost(one)[1].skill_pct or 0.0) > 0 for one in judged)
    total = len(judged)
    more = len(found.symbols) - total
    short = f" {count(more).capitalize()} more {'is' if more == 1 else 'are'} too short to be judged." if more else ""
    return (
        f"Symbol by symbol, {len(better)} of {total} stand out when all {total} are counted{named}; "
        f"in {positive} some model came out ahead of naive, which says nothing by itself.{short}"
    )


def rows_of(losses: Losses) -> str:
    """What a row is: "days" where most sessions are a day apart, else just "rows"."""
    days = np.sort(losses.session.astype("datetime64[D]"))
    steps = np.diff(days).astype(int)
    steps = steps[steps > 0]
    return "days" if len(steps) and np.median(steps) <= 1 else "rows"
