"""All the evidence on one set of losses: every test on every model, pooled and per symbol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.phrases import finite
from beatnaive.core.types import Bools, Evidence, Floats, Losses
from beatnaive.judging.significance.accuracy import Accuracy, accuracy
from beatnaive.judging.significance.clark_west import clark_west
from beatnaive.judging.significance.confidence_set import confidence_set
from beatnaive.judging.significance.contest import (  # fmt: skip
    POOLED,
    Contest,
    Trials,
    by_symbol,
    contest,
    draw_together,
    is_volatility,
    outcome,
    unit,
    with_trials,
)
from beatnaive.judging.significance.detectable import SINGLE, detectable
from beatnaive.judging.significance.diebold_mariano import diebold_mariano, t_point
from beatnaive.judging.significance.many_symbols import benjamini_hochberg, level_inside, replications_for
from beatnaive.judging.significance.pesaran_timmermann import pesaran_timmermann
from beatnaive.judging.significance.skill import interval, skill

LEVEL = 0.05
SET_LEVEL = 0.9
SPANS = 10
ROWS = 30
_FEWEST = 3  # rows without which there is no variance to speak of
_SYMBOLS_AT_ONCE = 100  # about 150 MB of draws


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
    _check(losses)
    trials = trials or Trials()
    panel = len(losses.symbols) > 1
    replications = replications_for(len(losses.symbols), replications)
    field_ = contest(losses, seed=seed, replications=replications)
    strict = _with_trials(field_, losses, trials)
    whole = replace(
        _examine(field_, losses, strict),
        counted=len(field_.models) + len(trials.loss) + trials.variants,
        runs=trials.runs,
        other_symbols=trials.symbols,
        evidence=_in_words(field_),
    )
    return replace(whole, symbols=_each_symbol(losses, seed, replications, trials)) if panel else whole


def _check(losses: Losses) -> None:
    if len(losses) < _FEWEST:
        raise InputError(f"too few rows to compare forecasts: they share {len(losses)}, at least {_FEWEST} are needed")
    if all(name in losses.benchmarks for name in losses.loss):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in losses.invalid.items())
        raise InputError("no valid model besides the benchmark" + (f" ({reasons})" if reasons else ""))


def _in_words(one: Contest) -> tuple[Evidence, ...]:
    from beatnaive.core.registry import resolve
    from beatnaive.judging.significance.rows import TESTS

    return tuple(evidence for row in TESTS.values() for evidence in resolve(row)(one))


def _with_trials(one: Contest, losses: Losses, trials: Trials) -> Floats:
    """(k,) adjusted p counting the trials: one joint step-down on the common rows, then 1 - (1 - p)^variants."""
    p = one.p_better
    if trials.loss and len(joined := with_trials(losses, trials)) >= _FEWEST:
        joint = contest(joined, seed=one.seed, replications=one.replications)
        p = joint.p_better[: len(one.models)]
    return 1 - (1 - p) ** trials.variants if trials.variants > 1 else p


def _each_symbol(losses: Losses, seed: int, replications: int, trials: Trials) -> dict[str, Examination]:
    """Every symbol's own examination, then Benjamini-Hochberg over symbols in either direction."""
    earlier = _trials_by_symbol(losses, trials)
    found: dict[str, Examination] = {}
    for one, part in _contests(losses, seed, replications):
        own = replace(trials, loss=earlier.get(one.symbol, {}))
        counted = len(one.models) + len(own.loss) + own.variants
        found[one.symbol] = replace(_examine(one, part, _with_trials(one, part, own)), counted=counted)
    better, inside = _selection([x.p_any for x in found.values()])
    worse, inside_worse = _selection([min(n.p_worse for n in x.models.values()) for x in found.values()])
    return {
        name: replace(x, level=inside if better[k] else 0.0, level_worse=inside_worse if worse[k] else 0.0)
        for k, (name, x) in enumerate(found.items())
    }


def _trials_by_symbol(losses: Losses, trials: Trials) -> dict[str, dict[str, Floats]]:
    """The trials' losses on each symbol's rows; a trial without any forecast for a symbol is none of its trials."""
    rows = {name: np.flatnonzero(losses.symbol == code) for code, name in enumerate(losses.symbols) if trials.loss}
    cut = {name: {key: values[own] for key, values in trials.loss.items()} for name, own in rows.items()}
    return {
        name: {key: values for key, values in part.items() if np.isfinite(values).any()} for name, part in cut.items()
    }


def _selection(p: list[float]) -> tuple[Bools, float]:
    selected = benjamini_hochberg(np.array(p), LEVEL)
    return selected, level_inside(selected, LEVEL)


def _contests(losses: Losses, seed: int, replications: int) -> Iterator[tuple[Contest, Losses]]:
    """Each symbol's contest and losses; those of one length share their bootstrap samples, drawn in one product."""
    parts = sorted((part for part in by_symbol(losses) if len(part) >= _FEWEST), key=len)
    for first in range(0, len(parts), _SYMBOLS_AT_ONCE):
        batch = parts[first : first + _SYMBOLS_AT_ONCE]
        contests = [contest(part, seed=seed, replications=replications) for part in batch]
        draw_together(contests)
        yield from zip(contests, batch, strict=True)


def _examine(one: Contest, losses: Losses, strict: Floats) -> Examination:
    benchmark = one.benchmarks[one.hardest]
    return Examination(
        symbol=one.symbol,
        n=len(one),
        horizon=one.horizon,
        loss=one.loss_name,
        benchmark=benchmark,
        benchmarks=one.benchmarks,
        naive=_accuracy(losses, benchmark),
        models=_numbers(one, losses, strict),
        included=_included(one),
        invalid=losses.invalid,
    )


def _accuracy(losses: Losses, model: str) -> Accuracy:
    return accuracy(outcome(losses, losses.y), outcome(losses, losses.forecast[model]))


def _included(one: Contest) -> tuple[str, ...]:
    p = confidence_set(*one.relative)
    names = (*one.benchmarks, *one.models)
    return tuple(name for name, value in zip(names, p, strict=True) if value > 1 - SET_LEVEL)


def _numbers(one: Contest, losses: Losses, strict: Floats) -> dict[str, Numbers]:
    dm = diebold_mariano(one.gain, one.horizon)
    cw = clark_west(one.adjusted, one.horizon) if one.adjusted.size else None
    pt = pesaran_timmermann(one.move, one.call) if one.call.size else None
    mean = one.shown.mean(0)
    skills, limits = skill(mean, root=one.root), interval(mean, one.shown_draws, root=one.root)
    own, single, gain = _effects(one, dm.error)
    explained = _explained(losses, one)
    return {
        name: Numbers(
            accuracy=_accuracy(losses, name),
            skill_pct=finite(skills[k]),
            skill_ci90=(float(limits[0, k]), float(limits[1, k])) if np.isfinite(limits[:, k]).all() else None,
            dm=(finite(dm.statistic[k]), finite(dm.p_value[k]), finite(dm.p_better[k])),
            cw=(finite(cw.statistic[k]), finite(cw.p_value[k])) if cw else (None, None),
            pt=(finite(pt.statistic[k]), finite(pt.p_value[k])) if pt else (None, None),
            p_adjusted=float(strict[k]),
            p_this_run=float(one.p_better[k]),
            p_worse=float(one.p_worse[k]),
            mde_pct=finite(own[k]),
            mde_single_pct=finite(single[k]),
            slope=finite(one.slope[k]) if one.slope.size else None,
            seeds_better=_seeds_better(losses, name, benchmark=one.benchmarks[one.hardest]),
            explained=explained.get(name),
            gain=float(gain[k]),
            same_as=_twin(losses, one.models[:k], name),
        )
        for k, name in enumerate(one.models)
    }


def _effects(one: Contest, error: Floats) -> tuple[Floats, Floats, Floats]:
    """Minimum detectable effects of the step-down and of a single test, and the gain itself, % of naive's error."""
    ours = one.better[one.hardest]
    own, single = detectable(ours.error, ours.critical), detectable(error, SINGLE)
    if one.horizon > 1:
        # the ruling must also pass Holm over single tests, whose first step is the hardest
        held = diebold_mariano(one.gain, one.horizon, floor=True)
        own = np.fmax(own, detectable(held.error, t_point(LEVEL / len(one.models), held.df)))
        single = detectable(held.error, t_point(LEVEL, held.df))
    # rivals that are far behind can lower the joint critical value, but no joint test is easier than a single one
    own = np.fmax(own, single)
    return one.in_percent(own), one.in_percent(single), one.in_percent(one.gain.mean(0))


def _explained(losses: Losses, one: Contest) -> dict[str, float]:
    """Share of naive's squared error, in the unit of y, that a model removes; returns only."""
    if is_volatility(losses):
        return {}
    y, naive = losses.y, losses.forecast[one.benchmarks[0]]
    total = float(((y - naive) ** 2).sum())
    each = {name: float(((y - losses.forecast[name]) ** 2).sum()) for name in one.models}
    return {name: 1 - value / total for name, value in each.items()} if total > 0 else {}


def _seeds_better(losses: Losses, model: str, *, benchmark: str) -> float | None:
    """Share of seeds with a lower mean loss than naive; None for a deterministic model."""
    if model not in losses.seed_loss:
        return None
    weight = 1 / unit(losses)
    naive = float((losses.loss[benchmark] * weight).mean())
    return float(((losses.seed_loss[model] * weight).mean(1) < naive).mean())


def _twin(losses: Losses, earlier: tuple[str, ...], name: str) -> str | None:
    own = losses.forecast[name]
    return next((other for other in earlier if np.array_equal(losses.forecast[other], own)), None)


__all__ = ["POOLED", "Examination", "Numbers", "Trials", "examine"]
