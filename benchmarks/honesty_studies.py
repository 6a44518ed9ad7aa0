"""What is done with a simulated market, and counted: every function takes a generator and a number of studies.

Every study goes through the rule that `run` and `judge` use (`beatnaive.judging.significance.joint`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import honesty_markets as markets
import numpy as np
from numpy.typing import NDArray

from beatnaive.judging.significance.christoffersen import conditional_coverage
from beatnaive.judging.significance.cosines import cosine_count, mean_test
from beatnaive.judging.significance.diebold_mariano import diebold_mariano
from beatnaive.judging.significance.effect import detectable_effect
from beatnaive.judging.significance.fluctuation import fluctuation, lags_for
from beatnaive.judging.significance.joint import Field, Judgement, judgement, judgement_of_symbol
from beatnaive.judging.significance.many_symbols import benjamini_hochberg, level_inside
from beatnaive.judging.significance.overlapping_calls import overlapping_calls
from beatnaive.judging.significance.pesaran_timmermann import pesaran_timmermann

Array = NDArray[np.float64]
REPLICATIONS = 499
LEVEL = 0.05


def field(gain: Array, horizon: int = 1, *, persistent: bool = False) -> Field:
    """gain (n, k) or (n, benchmarks, k) on consecutive sessions."""
    gain = gain if gain.ndim == 3 else gain[:, None]
    return Field(gain=gain, sessions=np.arange(len(gain)), horizon=horizon, persistent=persistent)


def judge(
    rng: np.random.Generator, own: Field, *, model: int | None = None, both: bool = False, **options: Any
) -> Judgement:
    """The rule, with a seed of its own for every study; resampled only where that can change what is counted.

    An adjusted p is never below the model's own and never above Holm's, so that where no own p is below 5 %, or some
    Holm p is, it is known whether some model (or this `model`) is ruled better, and with `both` worse, too.
    """
    seed = int(rng.integers(2**31))
    holm = judgement_of_symbol(own)
    chosen = slice(None) if model is None else slice(model, model + 1)
    every = own.tests()
    sides = [(holm.p_better[chosen], holm.test.p_better[chosen])]
    if both:
        sides.append((holm.p_worse[chosen], np.where(every.error > 0, 1 - every.p_better, 1.0)))
    decided = all(found(most) or not found(least) for most, least in sides)
    if decided and not options:
        return holm
    return judgement(own, replications=REPLICATIONS, seed=seed, **options)


def found(p: Array) -> bool:
    return bool((p < LEVEL).any())


def add(counts: dict[str, int], **hits: bool) -> None:
    """Count what happened in one study."""
    for name, hit in hits.items():
        counts[name.replace("_", " ")] = counts.get(name.replace("_", " "), 0) + bool(hit)


def null(
    rng: np.random.Generator, studies: int, make: Callable[..., Array], horizon: int = 1, persistent: bool = False
) -> dict[str, int]:
    """Models that are exactly as accurate as naive: "better" and "worse" are errors, intervals should hold zero."""
    counts: dict[str, int] = {}
    for gain in make(rng, studies):
        ruled = judge(rng, field(gain, horizon, persistent=persistent), both=True)
        low, high = ruled.test.interval()
        holds = low[0] <= 0 <= high[0]
        add(counts, some_better=found(ruled.p_better), some_worse=found(ruled.p_worse), interval_covers=holds)
    return counts


def as_accurate(rng: np.random.Generator, studies: int, n: int, horizon: int) -> Array:
    return markets.gains(*markets.as_accurate_as_naive(rng, studies, n, horizon))


def null_fitted(rng: np.random.Generator, studies: int, market: str, n: int, horizon: int) -> dict[str, int]:
    """Seven fitted models on a driftless random walk: some "better" is an error."""
    train = 4 * n if n < 500 else 2 * n
    returns = markets.MARKETS[market](rng, studies, markets.BURN + train + n + horizon)
    gains = markets.gains(*markets.seven(returns, train, n, horizon))
    return {"some better": sum(found(judge(rng, field(gain, horizon)).p_better) for gain in gains)}


def each_alone(rng: np.random.Generator, studies: int, n: int) -> dict[str, int]:
    """The least favourable null judged model by model: single Diebold-Mariano tests."""
    single = np.array([diebold_mariano(gain).p_better < LEVEL for gain in as_accurate(rng, studies, n, 1)])
    counts = {f"DM of model {k}": int(single[:, k].sum()) for k in range(7)}
    return counts | {"any DM": int(single.any(1).sum())}


def power(rng: np.random.Generator, studies: int, market: str, coefficient: float, n: int) -> dict[str, int]:
    """A linear regression on five lags among seven models, on an autoregression: "better" is right."""
    innovations = markets.MARKETS[market](rng, studies, markets.BURN + 2000 + n + 1)
    returns = markets.autoregression(innovations, coefficient)
    gains = markets.gains(*markets.seven(returns, 2000, n, 1))
    return {
        "linear better": sum(
            judge(rng, field(gain), model=markets.LINEAR).p_better[markets.LINEAR] < LEVEL for gain in gains
        )
    }


def beside_few_days(rng: np.random.Generator, studies: int) -> dict[str, int]:
    """A true model (20 % of the variance) beside six that differ from naive on three rows each, and alone."""
    counts: dict[str, int] = {}
    for gain in markets.true_beside_few_days(rng, studies, 239, 0.2):
        every = judge(rng, field(gain), model=0)
        add(counts, found=every.p_better[0] < LEVEL, alone=every.test.p_better[0] < LEVEL)
    return counts


def hardest_of_three(rng: np.random.Generator, studies: int) -> dict[str, int]:
    """Three models, each as good as a different one of three benchmarks, and better than the two others."""
    counts: dict[str, int] = {}
    for gain in markets.three_benchmarks(rng, studies, 239):
        ruled = judge(rng, field(gain), both=True)
        add(counts, some_better=found(ruled.p_better), some_worse=found(ruled.p_worse))
    return counts


def at_detectable(
    rng: np.random.Generator, studies: int, n: int, horizon: int = 1, uncounted: int = 0
) -> dict[str, int]:
    """One of seven null models, the minimum detectable effect added to it: the mean of what all histories call so.

    "Single": the effect of a test of one model alone, which judges. "Same history": what a history calls detectable is
    added to that very history, which is not what is promised.
    """
    counts: dict[str, int] = {}
    gains = as_accurate(rng, studies, n, horizon)
    at_null = [
        judgement(field(gain, horizon), uncounted=uncounted, replications=REPLICATIONS, seed=int(rng.integers(2**31)))
        for gain in gains
    ]
    effect = np.array([detectable_effect(one.test.error, one.critical, one.test.df)[0] for one in at_null])
    single = np.mean([detectable_effect(one.test.error, one.single, one.test.df)[0] for one in at_null])
    declared = {"uncounted": uncounted} if uncounted else {}
    for k, gain in enumerate(gains):
        for name, shift in (("found", effect.mean()), ("same history", effect[k])):
            moved = field(gain + shift * (np.arange(7) == 0), horizon)
            add(counts, **{name: judge(rng, moved, model=0, **declared).p_better[0] < LEVEL})
        add(counts, found_by_a_single_test=mean_test(gain[:, :1] + single, at_null[k].test.df).p_better[0] < LEVEL)
    return counts


def symbol_at_detectable(rng: np.random.Generator, studies: int, n: int, symbols: int = 200) -> dict[str, int]:
    """One symbol of a null panel, one of its models given the effect that is called detectable there."""
    counts: dict[str, int] = {}
    panels = [markets.null_panel(rng, symbols, n, 3) for _ in range(studies)]
    effect = np.array([_detectable_in(gains) for gains in panels])
    for gains, of_history in zip(panels, effect[:, 0, 0], strict=True):
        p = smallest_p(gains)
        for name, shift in (("found", effect.mean()), ("same history", of_history)):
            moved = judgement_of_symbol(field(gains[0] + shift * (np.arange(3) == 0)), symbols=symbols).p_better
            selected = benjamini_hochberg(np.concatenate([[moved.min()], p[1:]]))
            add(counts, **{name: bool(selected[0]) and moved[0] < level_inside(selected)})
    return counts


def _detectable_in(gains: Array) -> Array:
    """(s, k) the minimum detectable effect of every model of every symbol (s, n, k), all of whose columns vary."""
    symbols, n, models = gains.shape
    every = mean_test(gains.transpose(1, 0, 2).reshape(n, -1), cosine_count(n))
    critical = judgement_of_symbol(field(gains[0]), symbols=symbols).critical
    return detectable_effect(every.error, critical, every.df).reshape(symbols, models)


def forty(rng: np.random.Generator, studies: int) -> dict[str, int]:
    """Forty linear variants on a random walk: judged together, 39 of them declared, and as if each were alone."""
    returns = markets.garch(rng, studies, markets.BURN + 2000 + 500 + 1)
    counts: dict[str, int] = {}
    for gain in markets.gains(*markets.variants(rng, returns, 2000, 500, 40)):
        together = judge(rng, field(gain))
        alone = together.test.p_better
        add(counts, counted=found(together.p_better), declared=found(40 * alone), uncounted=found(alone))
    return counts


def with_trials(rng: np.random.Generator, studies: int) -> dict[str, int]:
    """Seven null models, and two earlier trials of seven variants each: other rows, another loss, another horizon.

    The best of all 21 is looked at, whichever run it came from: its p is that of its own run, all others counted.
    """
    counts: dict[str, int] = {}
    days = 260
    outcomes, forecasts = markets.as_accurate_as_naive(rng, studies, days, 1)
    overlapping = as_accurate(rng, studies, days, 5)
    for y, f, far in zip(outcomes, forecasts, overlapping, strict=True):
        squared = markets.gains(y[None], f[None])[0]
        weight = 1 / np.convolve(y**2, np.full(20, 0.05))[: len(y)].clip(1e-5)  # a scaled loss, on rows of its own
        weight = np.concatenate([[1e4], weight[:-1]])[:, None]
        fields = (
            Field(gain=squared[:239, None], sessions=np.arange(239)),
            Field(gain=(weight * squared)[40:, None], sessions=np.arange(40, days)),
            Field(gain=far[:, None], sessions=np.arange(days), horizon=5),
        )
        counted, alone = False, False
        for k in range(3):
            others = tuple(fields[j] for j in range(3) if j != k)
            of_itself = found(judge(rng, fields[k]).p_better)
            alone = alone or of_itself
            # counting never makes a p smaller: only a run that wins by itself can win counted
            counted = counted or (of_itself and found(judge(rng, fields[k], trials=others).p_better))
        add(counts, some_better_in_some_run=counted, uncounted=alone)
    return counts


def many(rng: np.random.Generator, studies: int, symbols: int) -> dict[str, int]:
    """Null symbols with a common factor, three fitted models: the pooled ruling, and any symbol that stands out."""
    counts: dict[str, int] = {}
    for _ in range(studies):
        returns = markets.factor_panel(rng, symbols, markets.BURN + 500 + 239 + 1)
        outcomes, forecasts = markets.three(returns, 500, 239)
        scale = (outcomes**2).mean(1)[:, None, None]
        gains = markets.gains(outcomes, forecasts)
        pooled = judge(rng, field((gains / scale).mean(0)))
        add(counts, pooled=found(pooled.p_better), some_symbol=some_symbol(gains))
    return counts


def null_panel(rng: np.random.Generator, studies: int, n: int, nu: float | None) -> dict[str, int]:
    """Two hundred symbols at the least favourable null."""
    hits = sum(some_symbol(markets.null_panel(rng, 200, n, 3, nu)) for _ in range(studies))
    return {"some symbol": hits}


def some_symbol(gains: Array) -> bool:
    """Does any symbol (s, n, k) hold a model that is ruled better when all symbols are counted?"""
    p = smallest_p(gains)
    selected = benjamini_hochberg(p)
    return bool((p[selected] < level_inside(selected)).any())


def smallest_p(gains: Array) -> Array:
    """(s,) `judgement_of_symbol`'s smallest p of every symbol: Holm's first, p times how many columns vary."""
    symbols, n, models = gains.shape
    every = mean_test(gains.transpose(1, 0, 2).reshape(n, -1), cosine_count(n))
    varying = (every.error > 0).reshape(symbols, models).sum(1)
    p = varying.clip(1) * every.p_better.reshape(symbols, models).min(1)
    return np.asarray(np.minimum(1.0, p))


def directions(rng: np.random.Generator, studies: int, n: int, horizon: int) -> dict[str, int]:
    """Calls of models fitted on a random walk, and persistent calls that know nothing: skill is an error."""
    train = 4 * n if n < 500 else 2 * n
    returns = markets.garch(rng, studies, markets.BURN + train + n + horizon)
    outcomes, forecasts = markets.seven(returns, train, n, horizon)
    unrelated = markets.ahead(rng.standard_normal((studies, n + horizon)), horizon)[:, :n]
    counts: dict[str, int] = {}
    for y, f, z in zip(outcomes, forecasts, unrelated, strict=True):
        p = overlapping_calls(y, np.column_stack([f[:, [3, 4, 1]], z]), horizon).p_value < LEVEL
        add(counts, five_lags=p[0], twenty_lags=p[1], reversion=p[2], unrelated=p[3])
        add(counts, unrelated_1992=pesaran_timmermann(y, z).p_value[0] < LEVEL)
    return counts


def over_time(rng: np.random.Generator, studies: int, n: int, horizon: int) -> dict[str, int]:
    """The fluctuation test: a null model, and one that is better in the first half and worse in the second."""
    counts: dict[str, int] = {}
    gains = as_accurate(rng, studies, n, horizon)[:, :, 0]
    halves = np.where(np.arange(n) < n / 2, 1.0, -1.0)
    typical = np.mean([field(gain[:, None], horizon).tests().error[0] for gain in gains])
    for gain in gains:
        found_at_null = fluctuation(gain, lags_for(n, horizon))
        found_halves = fluctuation(gain + 4 * typical * halves, lags_for(n, horizon))
        add(counts, false=bool((found_at_null.ever_better | found_at_null.ever_worse)[0]))
        add(counts, **{"found, halves": bool((found_halves.ever_better & found_halves.ever_worse)[0])})
    return counts


def coverage(rng: np.random.Generator, studies: int, n: int, nominal: float) -> dict[str, int]:
    """Conditional coverage of intervals that hold what they promise, and of some whose misses come in pairs."""
    counts: dict[str, int] = {}
    for _ in range(studies):
        inside = rng.random(n) < nominal
        after_miss = np.concatenate([[False], ~inside[:-1]]) & (rng.random(n) < 0.3)
        add(counts, false=conditional_coverage(inside, nominal).p_both < LEVEL)
        add(counts, **{"found, pairs": conditional_coverage(inside & ~after_miss, nominal).p_both < LEVEL})
    return counts
