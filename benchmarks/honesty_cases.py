"""The markets that the verdict is tried on, what is counted in each, and the bars that must be kept.

Every study goes through the rule that `run` and `judge` use (`beatnaive.judging.significance.joint`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import honesty_markets as markets
import numpy as np
from numpy.typing import NDArray

from beatnaive.judging.significance.cosines import mean_test
from beatnaive.judging.significance.diebold_mariano import diebold_mariano
from beatnaive.judging.significance.effect import detectable_effect
from beatnaive.judging.significance.joint import Field, Judgement, judgement, judgement_of_symbol
from beatnaive.judging.significance.many_symbols import benjamini_hochberg, level_inside

Array = NDArray[np.float64]
REPLICATIONS = 499
LEVEL = 0.05


@dataclass(frozen=True)
class Bar:
    """What a rate must keep: between `low` and `high`; `upper`: the upper 95 % limit must keep `high`."""

    low: float = 0.0
    high: float = 1.0
    upper: bool = False

    def words(self) -> str:
        if self.low == 0 and self.high == 1:
            return "shown"
        if self.low == 0:
            return f"{'upper limit ' if self.upper else ''}at most {100 * self.high:g} %"
        return f"at least {100 * self.low:g} %" if self.high == 1 else f"{100 * self.low:g} to {100 * self.high:g} %"

    def kept(self, hits: int, studies: int) -> bool:
        rate = interval(hits, studies)[1] if self.upper else hits / studies
        return self.low <= rate <= self.high


SHOWN = Bar()
SIZE = Bar(high=0.065)
COVERS = Bar(0.88, 0.92)


def interval(hits: int, studies: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper-Pearson interval of a rate."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, studies - hits + 1, tail)) if hits else 0.0
    return low, float(betaincinv(hits + 1, studies - hits, 1 - tail)) if hits < studies else 1.0


@dataclass(frozen=True)
class Case:
    """A market, a procedure, and the bars of what is counted. run(rng, studies) -> {measure: hits}.

    `studies` of a full run; slow cases have fewer. Studies of one batch share a generator.
    """

    name: str
    run: Callable[[np.random.Generator, int], dict[str, int]]
    bars: dict[str, Bar]
    studies: int = 2000
    batch: int = 50

    def generator(self, number: int) -> np.random.Generator:
        """Of one batch: from the case's name and the batch's number only."""
        return np.random.default_rng([int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:4], "big"), number])


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
    """One of seven null models, its differences shifted by the minimum detectable effect.

    By its own ("same history"), and by the mean of all histories' ("fixed beforehand"); "single": judged by itself.
    """
    counts: dict[str, int] = {}
    gains = as_accurate(rng, studies, n, horizon)
    at_null = [
        judgement(field(gain, horizon), uncounted=uncounted, replications=REPLICATIONS, seed=int(rng.integers(2**31)))
        for gain in gains
    ]
    effect = np.array([detectable_effect(one.test.error, one.critical, one.test.df)[0] for one in at_null])
    single = np.array([detectable_effect(one.test.error, one.single, one.test.df)[0] for one in at_null])
    declared = {"uncounted": uncounted} if uncounted else {}
    for k, gain in enumerate(gains):
        for name, shift in (("same history", effect[k]), ("fixed beforehand", effect.mean())):
            moved = field(gain + shift * (np.arange(7) == 0), horizon)
            add(counts, **{name: judge(rng, moved, model=0, **declared).p_better[0] < LEVEL})
        add(counts, single=mean_test(gain[:, :1] + single[k], at_null[k].test.df).p_better[0] < LEVEL)
    return counts


def symbol_at_detectable(rng: np.random.Generator, studies: int, n: int, symbols: int = 200) -> dict[str, int]:
    """One symbol of a null panel, one of its models shifted by the effect that is called detectable there."""
    counts: dict[str, int] = {}
    for _ in range(studies):
        gains = markets.null_panel(rng, symbols, n, 3)
        ruled = [judgement_of_symbol(field(gain), symbols=symbols) for gain in gains]
        p = np.array([one.p_better.min() for one in ruled])
        effect = np.array([detectable_effect(one.test.error, one.critical, one.test.df)[0] for one in ruled])
        for name, shift in (("same history", effect[0]), ("fixed beforehand", effect.mean())):
            moved = judgement_of_symbol(field(gains[0] + shift * (np.arange(3) == 0)), symbols=symbols).p_better
            selected = benjamini_hochberg(np.concatenate([[moved.min()], p[1:]]))
            add(counts, **{name: bool(selected[0]) and moved[0] < level_inside(selected)})
    return counts


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
    p = np.array([judgement_of_symbol(field(gain)).p_better.min() for gain in gains])
    selected = benjamini_hochberg(p)
    return bool((p[selected] < level_inside(selected)).any())


def cases() -> Iterator[Case]:
    """Every case of the project's promises about size and power, with its bar."""
    below5, below6 = Bar(high=0.05, upper=True), Bar(high=0.06)
    better = {"some better": SIZE}
    yield from outside()
    for market in markets.MARKETS:
        for n in (239, 1000):
            run = partial(null_fitted, market=market, n=n, horizon=1)
            yield Case(f"random walk, {market}, n = {n}", run, {"some better": below5})
    singles = {f"DM of model {k}": Bar(0.04, 0.075) for k in range(7)} | {"any DM": SHOWN}
    for n in (239, 1000):
        run = partial(null, make=partial(as_accurate, n=n, horizon=1))
        bars = {**better, "some worse": SIZE, "interval covers": COVERS}
        yield Case(f"least favourable null, n = {n}", run, bars)
        yield Case(f"least favourable null, each model by itself, n = {n}", partial(each_alone, n=n), singles)
    for horizon in (5, 20):
        for n in (239, 1000):
            for market in markets.MARKETS:
                run = partial(null_fitted, market=market, n=n, horizon=horizon)
                yield Case(f"random walk, {market}, horizon {horizon}, n = {n}", run, {"some better": below6})
            run = partial(null, make=partial(as_accurate, n=n, horizon=horizon), horizon=horizon)
            bars = {"some better": below6, "some worse": SIZE, "interval covers": COVERS}
            yield Case(f"least favourable null, horizon {horizon}, n = {n}", run, bars)
    for market, coefficient, n, bar in (
        ("normal", 0.25, 1000, Bar(low=0.9)), ("GARCH-t", 0.30, 2500, Bar(low=0.9)), ("normal", 0.15, 1000, SHOWN),
        ("GARCH-t", 0.15, 2500, SHOWN),
    ):  # fmt: skip
        run = partial(power, market=market, coefficient=coefficient, n=n)
        yield Case(f"power, AR(1) {coefficient:.2f}, {market}, n = {n}", run, {"linear better": bar})
    bars = {"counted": below6, "declared": below6, "uncounted": SHOWN}
    yield Case("forty variants on a random walk", forty, bars)
    for symbols in (200, 506):
        bars = {"pooled": below6, "some symbol": below6}
        yield Case(f"{symbols} null symbols", partial(many, symbols=symbols), bars, 400, 10)


def outside() -> Iterator[Case]:
    """Where a constant standard error fails: few rows, heavy tails, persistent losses, overlap, panels, odd fields."""
    better = {"some better": SIZE}
    sizes = {**better, "some worse": SIZE}
    for n in (30, 60, 120):
        run = partial(null, make=partial(markets.heavy_tailed_null, n=n, models=7))
        bars = {**sizes, "interval covers": COVERS if n >= 60 else SHOWN}
        yield Case(f"heavy tails, seven models, n = {n}", run, bars)
    for n in (60, 239):
        run = partial(null, make=partial(markets.heavy_tailed_null, n=n, models=30, correlation=0.5))
        yield Case(f"heavy tails, thirty models, n = {n}", run, sizes)
    for phi, n, bar in (
        (0.9, 500, SIZE), (0.9, 1000, SIZE), (0.9, 2500, SIZE), (0.98, 1000, Bar(high=0.08)), (0.98, 2500, SIZE),
    ):  # fmt: skip
        run = partial(null, make=partial(markets.variance_null, n=n, models=5, phi=phi, deviation=0.3), persistent=True)
        bars = {"some better": bar, "some worse": SHOWN}
        yield Case(f"variances, log errors AR({phi}), n = {n}", run, bars)
    for days in (5, 40):
        run = partial(null, make=partial(markets.few_days_null, n=239, models=1, days=days))
        yield Case(f"one model that differs on {days} of 239 rows", run, better)
    bars = {"found": Bar(low=0.75), "alone": SHOWN}
    yield Case("a true model beside six that differ on 3 rows", beside_few_days, bars)
    yield Case("three benchmarks, each the hardest of one model", hardest_of_three, sizes)
    strict, wide = Bar(0.77, 0.83), Bar(0.7, 0.83)
    for n, horizon, bar in ((239, 1, strict), (1000, 1, strict), (60, 1, wide), (239, 5, wide), (239, 20, wide)):
        far = f", horizon {horizon}" if horizon > 1 else ""
        bars = {"same history": bar, "fixed beforehand": bar, "single": bar}
        run = partial(at_detectable, n=n, horizon=horizon)
        yield Case(f"power at the minimum detectable effect{far}, n = {n}", run, bars, 1000)
    bars = {"same history": strict, "fixed beforehand": strict}
    run = partial(at_detectable, n=239, uncounted=40)
    yield Case("detectable effect with 40 declared trials, n = 239", run, bars, 1000)
    run = partial(symbol_at_detectable, n=239)
    yield Case("detectable effect of one symbol of 200, n = 239", run, bars, 400, 10)
    bars = {"some better in some run": SIZE, "uncounted": SHOWN}
    yield Case("three runs that count each other, n = 239", with_trials, bars, 1000)
    for nu in (None, 3.0):
        for n in (60, 120, 239):
            run = partial(null_panel, n=n, nu=nu)
            tails = "normal" if nu is None else "Student-t(3)"
            yield Case(f"200 least favourable symbols, {tails}, n = {n}", run, {"some symbol": SIZE}, 1000, 10)
    for n in (60, 239, 1000):
        run = partial(null, make=partial(markets.crashes, n=n))
        yield Case(f"a constant forecast where returns crash, n = {n}", run, {"some better": SHOWN})
