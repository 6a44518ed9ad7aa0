"""All the evidence on one set of losses: every test on every model, pooled and per symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from beatnaive.core.arrays import by_code
from beatnaive.core.errors import InputError
from beatnaive.core.phrases import finite
from beatnaive.core.registry import resolve
from beatnaive.core.types import OF_QUANTILES, Evidence, Losses
from beatnaive.judging.significance.accuracy import Accuracy, accuracy
from beatnaive.judging.significance.adjusted import adjusted
from beatnaive.judging.significance.clark_west import clark_west
from beatnaive.judging.significance.confidence_set import set_p
from beatnaive.judging.significance.contest import POOLED, Contest, contest, drawn_together
from beatnaive.judging.significance.detectable import effects
from beatnaive.judging.significance.diebold_mariano import diebold_mariano
from beatnaive.judging.significance.directions import directions
from beatnaive.judging.significance.joint import Field
from beatnaive.judging.significance.loss_rows import (
    Trials,
    by_symbol,
    is_volatility,
    models_of,
    of_symbol,
    outcome,
    scale_of,
    take,
)
from beatnaive.judging.significance.many_symbols import benjamini_hochberg, level_inside
from beatnaive.judging.significance.rows import TESTS
from beatnaive.judging.significance.skill import skill
from beatnaive.judging.significance.tails import holm

LEVEL = 0.05
SET_LEVEL = 0.9
SPANS = 10
ROWS = 30
_FEWEST = 3  # rows without which there is no variance to speak of
_SYMBOLS_AT_ONCE = 100  # about 150 MB of draws


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What the tests say of one model; None where a test does not apply. Percentages are of naive's error.

    p_adjusted counts all trials, p_this_run only this run's models; p_worse is for "worse than naive"; cw_adjusted
    and pt_adjusted are Holm's; `explained` 1 - SSE / SSE of naive in the unit of y, r2_vs_mean the same against the
    expanding mean of past outcomes (Campbell and Thompson 2008, doi:10.1093/rfs/hhm055); `removed`: `explained`, every
    row divided by its symbol's variance; `same_as`: a benchmark or an earlier model with the very same forecasts.
    """

    accuracy: Accuracy
    skill_pct: float | None
    skill_ci90: tuple[float, float] | None
    dm: tuple[float | None, float | None, float | None]
    cw: tuple[float | None, float | None]
    pt: tuple[float | None, float | None]
    cw_adjusted: float | None
    pt_adjusted: float | None
    p_adjusted: float
    p_this_run: float
    p_worse: float
    mde_pct: float | None
    mde_single_pct: float | None
    slope: float | None
    seeds_better: float | None
    explained: float | None
    removed: float | None
    r2_vs_mean: float | None
    same_as: str | None


@dataclass(frozen=True, kw_only=True)
class Examination:
    """The evidence on one contest: a symbol, or the pooled panel with `symbols` holding each symbol's own.

    `level`: the p below which a model is ruled better (Benjamini-Bogomolov inside symbols, 0 = symbol not selected),
    `level_worse` the same for worse; `included`: the 90 % confidence set; `evidence`: every test in words; `skill`: of
    every model and benchmark, %; constant_p: one-sided, of "the expanding mean of past outcomes beats naive"; horizon:
    how many forecasts are open at once, which the tests allow for; ahead: rows ahead, where that is another number.
    """

    symbol: str
    n: int
    horizon: int
    loss: str
    benchmark: str
    benchmarks: tuple[str, ...]
    naive: Accuracy
    models: Mapping[str, Numbers]
    included: tuple[str, ...]
    invalid: Mapping[str, str]
    level: float = LEVEL
    level_worse: float = LEVEL
    counted: int = 0
    uncounted: int = 0
    trials: Trials = field(default_factory=Trials)
    constant_p: float | None = None
    ahead: int = 0
    skill: Mapping[str, float | None] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    symbols: Mapping[str, Examination] = field(default_factory=dict)

    @property
    def p_any(self) -> float:
        """Smallest adjusted p: some model beats naive."""
        return min((numbers.p_adjusted for numbers in self.models.values()), default=1.0)

    @property
    def too_short(self) -> str:
        """Why these rows cannot carry a ruling, or an empty text."""
        return too_short(self.n, self.horizon)

    def skills(self) -> dict[str, Mapping[str, float | None]]:
        """{symbol: {model: skill, %}}, a panel's pooled ones under `*`: the numbers that every table shows."""
        return {self.symbol: self.skill} | {name: one.skill for name, one in self.symbols.items()}


def too_short(n: int, horizon: int) -> str:
    """Why n rows cannot carry a ruling at this horizon, or an empty text.

    >>> too_short(29, 1)[:7], too_short(100, 10), too_short(99, 10)[:9]
    ('29 rows', '', 'too short')
    """
    if n < ROWS:
        return f"{n} rows: errors can be compared, but fewer than {ROWS} rows cannot tell skill from luck"
    spans = n // horizon
    if spans >= SPANS:
        return ""
    return f"too short for this horizon: {spans} spans of {horizon} that do not overlap, {SPANS} are needed"


def examine(losses: Losses, *, seed: int = 0, replications: int = 9999, trials: Trials | None = None) -> Examination:
    """Every test on every model of `losses`; several symbols are examined pooled and one by one.

    seed and replications of the bootstrap; `trials`: what was tried before.
    Raises InputError when there is nothing to compare.
    """
    if len(losses) < _FEWEST:
        raise InputError(f"too few rows to compare forecasts: they share {len(losses)}, at least {_FEWEST} are needed")
    if not models_of(losses):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in losses.invalid.items())
        raise InputError("no valid model besides the benchmark" + (f" ({reasons})" if reasons else ""))
    trials = trials or Trials()
    fields, uncounted = counted_with(losses, trials)
    whole = contest(losses, seed=seed, replications=replications)
    whole = replace(whole, trials=fields, uncounted=uncounted)
    found = replace(
        examined(whole, losses),
        trials=trials,
        evidence=tuple(evidence for row in TESTS.values() for evidence in resolve(row)(whole)),
    )
    if len(losses.symbols) == 1:
        return found
    return replace(found, symbols=each_symbol(losses, seed=seed, replications=replications, trials=trials))


def counted_with(losses: Losses, trials: Trials) -> tuple[tuple[Field, ...], int]:
    """The earlier runs that can be judged together with these losses, and the number of forecasts that cannot.

    An earlier run counts with the symbols that it shares with these losses, and not at all where it shares none; where
    its rows are too short for a t of their own, its models are counted by Bonferroni.
    """
    fields: list[Field] = []
    uncounted = trials.variants + len(trials.unjoined)
    for one in trials.earlier.values():
        parts = [part for part in by_symbol(one) if part.symbols[0] in losses.symbols]
        if not parts:
            continue
        codes = [one.symbols.index(part.symbols[0]) for part in parts]
        rows = np.isin(one.symbol, codes)
        joined = parts[0] if len(parts) == 1 else take(one, rows)
        made = contest(joined).field
        if too_short(len(made.gain), made.horizon):
            uncounted += made.gain.shape[2]
        else:
            fields.append(made)
    return tuple(fields), uncounted


def each_symbol(losses: Losses, *, seed: int, replications: int, trials: Trials) -> dict[str, Examination]:
    """Every symbol's own examination, then Benjamini-Hochberg over symbols in either direction.

    Inside a selected symbol a model must pass 5 % x selected / symbols; inside any other none can. Symbols that are too
    short for a ruling are outside every family; those of fewer than three rows are left out.
    """
    enough = [(code, rows) for code, rows in by_code(losses.symbol).items() if len(rows) >= _FEWEST]
    enough.sort(key=lambda one: len(one[1]))
    long = [losses.symbols[code] for code, rows in enough if not too_short(len(rows), losses.horizon)]
    found: dict[str, Examination] = {}
    for first in range(0, len(enough), _SYMBOLS_AT_ONCE):
        batch = [of_symbol(losses, *one) for one in enough[first : first + _SYMBOLS_AT_ONCE]]
        contests = drawn_together([contest(part, seed=seed, replications=replications) for part in batch])
        for one, part in zip(contests, batch, strict=True):
            fields, uncounted = counted_with(part, trials)
            one = replace(one, trials=fields, uncounted=uncounted, among=max(1, len(long)))
            found[part.symbols[0]] = replace(examined(one, part), level=0.0, level_worse=0.0)
    if not long:
        return found
    better = benjamini_hochberg(np.array([found[name].p_any for name in long]), LEVEL)
    worse = [min(x.p_worse for x in found[name].models.values()) for name in long]
    selected = benjamini_hochberg(np.array(worse), LEVEL)
    inside, inside_worse = level_inside(better, LEVEL), level_inside(selected, LEVEL)
    for name, up, down in zip(long, better, selected, strict=True):
        found[name] = replace(found[name], level=inside if up else 0.0, level_worse=inside_worse if down else 0.0)
    return found


def examined(one: Contest, losses: Losses) -> Examination:
    """One contest with all of its numbers; `losses` are its rows before any averaging."""
    benchmark, actual = one.benchmarks[one.best], outcome(losses, losses.y)
    means, belongs = one.against.mean(0), set_p(one)
    of_benchmarks = zip(one.benchmarks, one.in_percent(means.min() - means), strict=True)
    models = numbers_of(one, losses)
    return Examination(
        symbol=one.symbol,
        n=len(one),
        horizon=one.horizon,
        loss=one.loss_name,
        benchmark=benchmark,
        benchmarks=one.benchmarks,
        naive=accuracy(actual, outcome(losses, losses.forecast[benchmark])),
        models=models,
        included=tuple(
            name for name, p in zip((*one.benchmarks, *one.models), belongs, strict=True) if p > 1 - SET_LEVEL
        ),
        invalid=losses.invalid,
        counted=len(one.models) + sum(trial.gain.shape[2] for trial in one.trials) + one.uncounted,
        uncounted=one.uncounted,
        constant_p=p_of_constant(losses),
        skill={name: finite(value) for name, value in of_benchmarks}
        | {name: x.skill_pct for name, x in models.items()},
    )


def numbers_of(one: Contest, losses: Losses) -> dict[str, Numbers]:
    """What every test says of every model of one contest."""
    found, dm, pt = adjusted(one), diebold_mariano(one.gain, one.horizon), directions(one)
    cw = clark_west(one.adjusted, one.horizon) if one.adjusted.size else None
    cw_adjusted, pt_adjusted = (None if test is None else holm(test.p_value) for test in (cw, pt))
    (skills, low, high), (mde, single) = skill(one), effects(one)
    actual, forecast, weight = outcome(losses, losses.y), losses.forecast, 1 / scale_of(losses)
    naive = one.benchmarks[one.best]
    naive_loss = float((losses.loss[naive] * weight).mean())
    naive_error = float(((losses.y - forecast[naive]) ** 2).sum())
    scaled_error = float(((losses.y - forecast[naive]) ** 2 / losses.scale).sum())
    mean_error = 0.0 if losses.expanding is None else float(((losses.y - losses.expanding) ** 2).sum())
    rivals = (*one.benchmarks, *one.models)
    numbers: dict[str, Numbers] = {}
    for k, name in enumerate(one.models):
        seeds, f = losses.seed_loss.get(name), forecast[name]
        error = float(((losses.y - f) ** 2).sum())
        numbers[name] = Numbers(
            accuracy=accuracy(actual, outcome(losses, forecast[name])),
            skill_pct=finite(skills[k]),
            skill_ci90=(float(low[k]), float(high[k])) if np.isfinite([low[k], high[k]]).all() else None,
            dm=(finite(dm.statistic[k]), finite(dm.p_value[k]), finite(dm.p_better[k])),
            cw=(finite(cw.statistic[k]), finite(cw.p_value[k])) if cw else (None, None),
            pt=(finite(pt.statistic[k]), finite(pt.p_value[k])) if pt else (None, None),
            cw_adjusted=None if cw_adjusted is None else float(cw_adjusted[k]),
            pt_adjusted=None if pt_adjusted is None else float(pt_adjusted[k]),
            p_adjusted=float(found.p_better[k]),
            p_this_run=float(found.own_better[k]),
            p_worse=float(found.p_worse[k]),
            mde_pct=finite(mde[k]),
            mde_single_pct=finite(single[k]),
            slope=finite(one.slope[k]) if one.slope.size else None,
            seeds_better=None if seeds is None else float(((seeds * weight).mean(1) < naive_loss).mean()),
            r2_vs_mean=None if not mean_error else 1 - error / mean_error,
            explained=None if is_volatility(losses) or naive_error == 0 else 1 - error / naive_error,
            removed=None
            if is_volatility(losses) or naive_error == 0
            else 1 - float(((losses.y - f) ** 2 / losses.scale).sum()) / scaled_error,
            same_as=next((b for b in rivals[: len(one.benchmarks) + k] if same(losses, b, name)), None),
        )
    return numbers


def same(losses: Losses, one: str, other: str) -> bool:
    """Two forecasts that are equal in every row, their stated quantiles included where these are what is scored."""
    told = (losses.forecast, losses.loss)
    return all(np.array_equal(values[one], values[other]) for values in told)


def p_of_constant(losses: Losses) -> float | None:
    """One-sided p of "the expanding mean of past outcomes, a constant, beats naive", in the loss that rules.

    None for variances, for losses of quantiles, and where the mean is not at hand.
    """
    naive = losses.benchmarks[0]
    if losses.expanding is None or is_volatility(losses) or losses.loss_name in OF_QUANTILES:
        return None
    error, own = np.abs(losses.y - losses.expanding), np.abs(losses.y - losses.forecast[naive])
    power = 1 if losses.loss_name == "absolute" else 2
    # whatever divides naive's loss divides this one's; where naive made no error, nothing is known of the divisor
    weight = np.divide(losses.loss[naive], own**power, out=np.ones(len(own)), where=own > 0)
    both = {naive: losses.loss[naive], "constant": weight * error**power}
    forecast = {naive: losses.forecast[naive], "constant": losses.expanding}
    test = contest(replace(losses, loss=both, forecast=forecast, seed_loss={}, invalid={})).field.tests()
    return float(test.p_better[0])


__all__ = ["POOLED", "Examination", "Numbers", "Trials", "examine"]
