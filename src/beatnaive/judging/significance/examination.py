"""All the evidence on one set of losses: every test on every model, pooled and per symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.phrases import finite
from beatnaive.core.registry import resolve
from beatnaive.core.types import Evidence, Floats, Losses
from beatnaive.judging.significance.accuracy import Accuracy, accuracy
from beatnaive.judging.significance.adjusted import adjusted
from beatnaive.judging.significance.clark_west import clark_west
from beatnaive.judging.significance.confidence_set import confidence_set
from beatnaive.judging.significance.contest import POOLED, Contest, contest, drawn_together
from beatnaive.judging.significance.detectable import effects
from beatnaive.judging.significance.diebold_mariano import diebold_mariano
from beatnaive.judging.significance.loss_rows import (
    Trials,
    by_symbol,
    is_volatility,
    outcome,
    scale_of,
    with_trials,
)
from beatnaive.judging.significance.many_symbols import benjamini_hochberg, level_inside, replications_for
from beatnaive.judging.significance.pesaran_timmermann import pesaran_timmermann
from beatnaive.judging.significance.rows import TESTS
from beatnaive.judging.significance.skill import interval, skill

LEVEL = 0.05
SET_LEVEL = 0.9
SPANS = 10
ROWS = 30
_FEWEST = 3  # rows without which there is no variance to speak of
_SYMBOLS_AT_ONCE = 100  # about 150 MB of draws


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What the tests say of one model; None where a test does not apply. Percentages are of naive's error.

    p_adjusted counts all trials, p_this_run only this run's models; p_worse is for "worse than naive"; `gain` the mean
    loss difference in the ruling loss, in % of naive's; `explained` 1 - SSE / SSE of naive in the unit of y;
    `same_as`: an earlier model with the very same forecasts.
    """

    accuracy: Accuracy
    skill_pct: float | None
    skill_ci90: tuple[float, float] | None
    dm: tuple[float | None, float | None, float | None]
    cw: tuple[float | None, float | None]
    pt: tuple[float | None, float | None]
    p_adjusted: float
    p_this_run: float
    p_worse: float
    mde_pct: float | None
    mde_single_pct: float | None
    slope: float | None
    seeds_better: float | None
    explained: float | None
    gain: float
    same_as: str | None


@dataclass(frozen=True, kw_only=True)
class Examination:
    """The evidence on one contest: a symbol, or the pooled panel with `symbols` holding each symbol's own.

    `level`: the p below which a model is ruled better (Benjamini-Bogomolov inside symbols, 0 = symbol not selected),
    `level_worse` the same for worse; `included`: the 90 % confidence set; `evidence`: every test in words.
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
    runs: tuple[str, ...] = ()
    other_symbols: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    symbols: Mapping[str, Examination] = field(default_factory=dict)

    @property
    def p_any(self) -> float:
        """Smallest adjusted p: some model beats naive."""
        return min((numbers.p_adjusted for numbers in self.models.values()), default=1.0)

    @property
    def too_short(self) -> str:
        """Why these rows cannot carry a ruling, or an empty text."""
        if self.n < ROWS:
            return f"{self.n} rows: errors can be compared, but fewer than {ROWS} rows cannot tell skill from luck"
        spans = self.n // self.horizon
        if spans < SPANS:
            return (
                f"too short for this horizon: {spans} spans of {self.horizon} that do not overlap, {SPANS} are needed"
            )
        return ""


def examine(losses: Losses, *, seed: int = 0, replications: int = 9999, trials: Trials | None = None) -> Examination:
    """Every test on every model of `losses`; several symbols are examined pooled and one by one.

    seed of the bootstrap; replications at least, more when there are many symbols; `trials`: what was tried before.
    Raises InputError when there is nothing to compare.
    """
    if len(losses) < _FEWEST:
        raise InputError(f"too few rows to compare forecasts: they share {len(losses)}, at least {_FEWEST} are needed")
    if all(name in losses.benchmarks for name in losses.loss):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in losses.invalid.items())
        raise InputError("no valid model besides the benchmark" + (f" ({reasons})" if reasons else ""))
    trials = trials or Trials()
    replications = replications_for(len(losses.symbols), replications)
    field_ = contest(losses, seed=seed, replications=replications)
    whole = replace(
        numbers_of(field_, losses, trials),
        runs=trials.runs,
        other_symbols=trials.symbols,
        evidence=tuple(evidence for row in TESTS.values() for evidence in resolve(row)(field_)),
    )
    if len(losses.symbols) == 1:
        return whole
    return replace(whole, symbols=each_symbol(losses, seed=seed, replications=replications, trials=trials))


def each_symbol(losses: Losses, *, seed: int, replications: int, trials: Trials) -> dict[str, Examination]:
    """Every symbol's own examination, then Benjamini-Hochberg over symbols in either direction.

    Inside a selected symbol a model must pass 5 % x selected / symbols; inside any other none can. Symbols of fewer
    than three rows are left out.
    """
    rows = {name: losses.symbol == code for code, name in enumerate(losses.symbols)}
    parts = sorted((part for part in by_symbol(losses) if len(part) >= _FEWEST), key=len)
    found: dict[str, Examination] = {}
    for first in range(0, len(parts), _SYMBOLS_AT_ONCE):
        batch = parts[first : first + _SYMBOLS_AT_ONCE]
        contests = drawn_together([contest(part, seed=seed, replications=replications) for part in batch])
        for one, part in zip(contests, batch, strict=True):
            # a trial without any forecast for a symbol is none of its trials
            own = {key: values[rows[one.symbol]] for key, values in trials.loss.items()}
            own = {key: values for key, values in own.items() if np.isfinite(values).any()}
            found[one.symbol] = numbers_of(one, part, replace(trials, loss=own))
    better = benjamini_hochberg(np.array([x.p_any for x in found.values()]), LEVEL)
    worse = benjamini_hochberg(np.array([min(n.p_worse for n in x.models.values()) for x in found.values()]), LEVEL)
    inside, inside_worse = level_inside(better, LEVEL), level_inside(worse, LEVEL)
    return {
        name: replace(x, level=inside if better[k] else 0.0, level_worse=inside_worse if worse[k] else 0.0)
        for k, (name, x) in enumerate(found.items())
    }


def numbers_of(one: Contest, losses: Losses, trials: Trials) -> Examination:
    """What every test says of every model of one contest; `losses` are its rows before any averaging."""
    benchmark, volatility = one.benchmarks[one.hardest], is_volatility(losses)
    rulings, dm = adjusted(one), diebold_mariano(one.gain, one.horizon)
    cw = clark_west(one.adjusted, one.horizon) if one.adjusted.size else None
    pt = pesaran_timmermann(one.move, one.call) if one.call.size else None
    mean = one.shown.mean(0)
    skills, limits = skill(mean, root=one.root), interval(mean, one.shown_draws, root=one.root)
    (mde, single), gain = effects(one), one.in_percent(one.gain.mean(0))
    strict = counting(one, losses, trials)
    actual, forecast = outcome(losses, losses.y), losses.forecast
    weight = 1 / scale_of(losses)
    naive_loss = float((losses.loss[benchmark] * weight).mean())
    naive_error = float(((losses.y - forecast[benchmark]) ** 2).sum())
    models: dict[str, Numbers] = {}
    for k, name in enumerate(one.models):
        seeds = losses.seed_loss.get(name)
        error = float(((losses.y - forecast[name]) ** 2).sum())
        models[name] = Numbers(
            accuracy=accuracy(actual, outcome(losses, forecast[name])),
            skill_pct=finite(skills[k]),
            skill_ci90=(float(limits[0, k]), float(limits[1, k])) if np.isfinite(limits[:, k]).all() else None,
            dm=(finite(dm.statistic[k]), finite(dm.p_value[k]), finite(dm.p_better[k])),
            cw=(finite(cw.statistic[k]), finite(cw.p_value[k])) if cw else (None, None),
            pt=(finite(pt.statistic[k]), finite(pt.p_value[k])) if pt else (None, None),
            p_adjusted=float(strict[k]),
            p_this_run=float(rulings.p_better[k]),
            p_worse=float(rulings.p_worse[k]),
            mde_pct=finite(mde[k]),
            mde_single_pct=finite(single[k]),
            slope=finite(one.slope[k]) if one.slope.size else None,
            seeds_better=None if seeds is None else float(((seeds * weight).mean(1) < naive_loss).mean()),
            explained=None if volatility or naive_error == 0 else 1 - error / naive_error,
            gain=float(gain[k]),
            same_as=next((b for b in one.models[:k] if np.array_equal(forecast[b], forecast[name])), None),
        )
    belongs = confidence_set(*one.relative)
    return Examination(
        symbol=one.symbol,
        n=len(one),
        horizon=one.horizon,
        loss=one.loss_name,
        benchmark=benchmark,
        benchmarks=one.benchmarks,
        naive=accuracy(actual, outcome(losses, forecast[benchmark])),
        models=models,
        included=tuple(
            name for name, p in zip((*one.benchmarks, *one.models), belongs, strict=True) if p > 1 - SET_LEVEL
        ),
        invalid=losses.invalid,
        counted=len(one.models) + len(trials.loss) + trials.variants,
    )


def counting(one: Contest, losses: Losses, trials: Trials) -> Floats:
    """(k,) adjusted p counting the trials: one joint step-down on the common rows, then 1 - (1 - p)^variants."""
    p = adjusted(one).p_better
    if trials.loss and len(joined := with_trials(losses, trials)) >= _FEWEST:
        joint = contest(joined, seed=one.seed, replications=one.replications)
        p = adjusted(joint).p_better[: len(one.models)]
    return 1 - (1 - p) ** trials.variants if trials.variants > 1 else p


__all__ = ["POOLED", "Examination", "Numbers", "Trials", "examine"]
