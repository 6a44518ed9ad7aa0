"""Does knowing more help? Every model that uses a release against its twin that does not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from beatnaive.core.names import BY_DATE, TWIN
from beatnaive.core.phrases import finite, p_text, percent
from beatnaive.core.types import Losses
from beatnaive.judging.significance.clark_west import clark_west
from beatnaive.judging.significance.contest import Contest, contest
from beatnaive.judging.significance.cosines import mean_test
from beatnaive.judging.significance.effect import detectable_effect
from beatnaive.judging.significance.examination import too_short
from beatnaive.judging.significance.tails import holm, t_below, t_point

LEVEL = 0.05
TINY = 0.005
"""% of an error: what is smaller is not worth a digit."""

Answer: TypeAlias = Literal["helps", "informs", "hurts", "cannot tell"]


@dataclass(frozen=True, kw_only=True)
class Premium:
    """What a join by reference date would have added: % of the twin's error, its 90 % interval, two-sided p."""

    pct: float | None
    ci90: tuple[float, float] | None
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Gain:
    """One model with a release against its twin without it.

    gain_pct and ci90: the twin's error less the model's, in % of the twin's, with a 90 % interval; test: "clark_west"
    for nested least squares, else "cosines", the rule of all rulings; p_value one-sided; p_adjusted and p_worse by Holm
    over all pairs of the study; mde_pct: the gain that this test would have seen four times in five; placebo: in how
    many of how many worlds the release, its years exchanged, had a p as small.
    """

    model: str
    release: str
    n: int
    test: Literal["clark_west", "cosines"]
    gain_pct: float | None
    ci90: tuple[float, float] | None
    p_value: float
    p_adjusted: float
    p_worse: float
    mde_pct: float | None
    answer: Answer
    premium: Premium | None = None
    placebo: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """The object under "information" in verdict.json."""
        return asdict(self)


def gains(losses: Losses, nested: Collection[str] = ()) -> tuple[Gain, ...]:
    """A `Gain` per twin among the losses, in their order; nested: the models that are nested least squares.

    d = loss(twin) - loss(model) per session. Nested least squares: Clark and West's adjusted differences, since a model
    that estimates more must look worse than its twin where nothing is to be known; all others: the equal-weighted-
    cosine t of d, one-sided. Below 5 % a release "helps" where the interval of the gain lies above zero, too; where it
    does not, the release "informs": something is known, and it is not shown to make the forecasts better. A leak that
    was made beside (`BY_DATE`) becomes the premium.

    >>> import pandas as pd
    >>> from beatnaive.judging.from_table import Question, losses_of
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 300)) * 0.01
    >>> table = pd.DataFrame({"ds": pd.bdate_range("2020-01-01", periods=300), "y": x + noise, "m": x, "m~cpi": 0 * x})
    >>> one = gains(losses_of(table, Question(y="return", loss="squared")))[0]
    >>> one.model, one.release, one.answer
    ('m', 'cpi', 'helps')
    """
    split = [(*name.partition(TWIN)[::2], name) for name in losses.loss if TWIN in name]
    pairs = [(model, release, twin) for model, release, twin in split if model in losses.loss]
    found = [_gain(losses, names, nested=names[0] in nested, among=len(pairs)) for names in pairs]
    if not found:
        return ()
    better, worse = (holm(np.array([getattr(one, name) for one in found])) for name in ("p_value", "p_worse"))
    few = bool(too_short(found[0].n, losses.horizon))
    told = []
    for one, p_better, p_worse in zip(found, better.tolist(), worse.tolist(), strict=True):
        answer: Answer = "cannot tell"
        if not few and p_better < LEVEL:
            answer = "helps" if one.ci90 is not None and one.ci90[0] > 0 else "informs"
        elif not few and p_worse < LEVEL:
            answer = "hurts"
        told.append(replace(one, p_adjusted=p_better, p_worse=p_worse, answer=answer, premium=_premium(losses, one)))
    return tuple(told)


def pair(losses: Losses, model: str, benchmark: str) -> Contest:
    """The contest of one model against another that takes naive's place."""
    names = (benchmark, model)
    return contest(replace(
        losses, benchmarks=(benchmark,), loss={name: losses.loss[name] for name in names},
        forecast={name: losses.forecast[name] for name in names}, seed_loss={}, invalid={},
    ))  # fmt: skip


def _gain(losses: Losses, names: tuple[str, str, str], *, nested: bool, among: int) -> Gain:
    """One pair, before it is counted among others; names: the model, the release, the twin."""
    model, release, twin = names
    one = pair(losses, model, twin)
    test = mean_test(one.gain, one.field.count)
    low, high = (float(one.in_percent(limit)[0]) for limit in test.interval())
    moves = bool(test.error[0] > 0)
    p, error, df, name = float(test.p_better[0]), test.error, test.df, "cosines"
    if nested and moves:
        cw = clark_west(one.adjusted, one.horizon)
        p, name = float(np.nan_to_num(cw.p_value[0], nan=1.0)), "clark_west"
        error, df = np.abs(one.adjusted.mean(0) / cw.statistic), 10**6  # its own noise, against the normal
    smallest = one.in_percent(detectable_effect(error, t_point(LEVEL / among, df), df)) if moves else np.array([np.nan])
    return Gain(
        model=model, release=release, n=len(one), test="clark_west" if name == "clark_west" else "cosines",
        gain_pct=finite(one.in_percent(test.mean)[0]), p_value=p, p_adjusted=p,
        ci90=(low, high) if moves and np.isfinite([low, high]).all() else None,
        p_worse=float(t_below(test.t, test.df)[0]) if moves else 1.0,
        mde_pct=finite(smallest[0]), answer="cannot tell",
    )  # fmt: skip


def _premium(losses: Losses, one: Gain) -> Premium | None:
    """Skill by reference date less skill by publication, both against the twin; % points with their 90 % interval."""
    leaky, twin = f"{one.model}{BY_DATE}{one.release}", f"{one.model}{TWIN}{one.release}"
    if leaky not in losses.loss:
        return None
    honest, made = pair(losses, one.model, twin), pair(losses, leaky, twin)
    test = mean_test(made.gain - honest.gain, honest.field.count)
    pct = float((made.in_percent(made.gain.mean(0)) - honest.in_percent(honest.gain.mean(0)))[0])
    middle = honest.in_percent(test.mean)
    low, high = (pct + float((honest.in_percent(limit) - middle)[0]) for limit in test.interval())
    known = bool(test.error[0] > 0) and bool(np.isfinite([low, high]).all())
    return Premium(pct=finite(pct), ci90=(low, high) if known else None, p_value=float(test.p_value[0]))


def words_of(found: Sequence[Gain]) -> str:
    """The answer in words: what each release did for each model that used it.

    >>> one = Gain(
    ...     model="ridge", release="vix", n=250, test="cosines", gain_pct=0.1, ci90=(-0.5, 0.7), p_value=0.4,
    ...     p_adjusted=0.4, p_worse=0.6, mde_pct=1.1, answer="cannot tell",
    ... )
    >>> words_of([one])
    'Knowing vix did not help ridge (+0.1 %, cannot tell; an edge of 1.1 % would have been seen).'
    """
    return " ".join(
        part for one in found for part in (sentence(one), placebo_sentence(one), premium_sentence(one)) if part
    )


def sentence(one: Gain) -> str:
    """What a release did for one model."""
    size = "no number" if one.gain_pct is None else f"{_number(one.gain_pct, '+')} %"
    span = f", 90 % interval {_number(one.ci90[0])} to {_number(one.ci90[1])} %" if one.ci90 else ""
    name = "Clark-West, " if one.test == "clark_west" else ""
    if one.answer == "helps":
        return f"Knowing {one.release} helped {one.model} ({size}{span}; {name}adjusted {p_text(one.p_adjusted)})."
    if one.answer == "informs":
        worse = one.ci90 is not None and one.ci90[1] < 0
        but = "which its own noise outweighs" if worse else "but whether that made it better cannot be told"
        return (
            f"{one.release} told {one.model} something, {but} ({size}{span}; {name}adjusted {p_text(one.p_adjusted)})."
        )
    if one.answer == "hurts":
        return f"Knowing {one.release} made {one.model} worse ({size}{span}; adjusted {p_text(one.p_worse)})."
    edge = None if one.mde_pct is None else "less than 0.01" if one.mde_pct < TINY else _number(one.mde_pct)
    seen = f"; an edge of {edge} % would have been seen" if edge else ""
    return f"Knowing {one.release} did not help {one.model} ({size}, cannot tell{seen})."


def placebo_sentence(one: Gain) -> str:
    """How often the release did as well with its years exchanged; empty where that was not tried."""
    if one.placebo is None:
        return ""
    times, worlds = one.placebo
    p = (1 + times) / (worlds + 1)
    return f"With its years exchanged it did as well in {times} of {worlds} worlds ({p_text(p)})."


def premium_sentence(one: Gain) -> str:
    """What the leak would have made of it; empty where none was made."""
    x = one.premium
    if x is None or x.pct is None:
        return ""
    size = percent(x.pct) if abs(x.pct) >= TINY else "no different"
    if x.p_value < LEVEL and x.pct > 0:
        return f"Joined by reference date {one.release} would have looked {size}: that is the future, not information."
    span = f", 90 % interval {_number(x.ci90[0])} to {_number(x.ci90[1])} %" if x.ci90 else ""
    return f"Joined by reference date, which is invalid, it would have looked {size} ({p_text(x.p_value)}{span})."


def _number(value: float, sign: str = "") -> str:
    """One digit after the point, two where that would be nothing but zeros; no sign before 0.00."""
    if abs(value) < TINY:
        return "0.00"
    return f"{value:{sign}.{1 if abs(value) >= 0.1 else 2}f}"
