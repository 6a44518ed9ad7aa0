"""Every case that the verdict is tried on: its market, what is counted, and the bar that must be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import honesty_markets as markets
import honesty_studies as studies
import numpy as np


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


def cases() -> Iterator[Case]:
    """Every case of the project's promises about size and power, with its bar."""
    below5, below6 = Bar(high=0.05, upper=True), Bar(high=0.06)
    better = {"some better": SIZE}
    yield from outside()
    yield from beside()
    for market in markets.MARKETS:
        for n in (239, 1000):
            run = partial(studies.null_fitted, market=market, n=n, horizon=1)
            yield Case(f"random walk, {market}, n = {n}", run, {"some better": below5})
    singles = {f"DM of model {k}": Bar(0.04, 0.075) for k in range(7)} | {"any DM": SHOWN}
    for n in (239, 1000):
        run = partial(studies.null, make=partial(studies.as_accurate, n=n, horizon=1))
        bars = {**better, "some worse": SIZE, "interval covers": COVERS}
        yield Case(f"least favourable null, n = {n}", run, bars)
        yield Case(f"least favourable null, each model by itself, n = {n}", partial(studies.each_alone, n=n), singles)
    for horizon in (5, 20):
        for n in (239, 1000):
            for market in markets.MARKETS:
                run = partial(studies.null_fitted, market=market, n=n, horizon=horizon)
                yield Case(f"random walk, {market}, horizon {horizon}, n = {n}", run, {"some better": below6})
            run = partial(studies.null, make=partial(studies.as_accurate, n=n, horizon=horizon), horizon=horizon)
            bars = {"some better": below6, "some worse": SIZE, "interval covers": COVERS}
            yield Case(f"least favourable null, horizon {horizon}, n = {n}", run, bars)
    for market, coefficient, n, bar in (
        ("normal", 0.25, 1000, Bar(low=0.9)), ("GARCH-t", 0.30, 2500, Bar(low=0.9)), ("normal", 0.15, 1000, SHOWN),
        ("GARCH-t", 0.15, 2500, SHOWN),
    ):  # fmt: skip
        run = partial(studies.power, market=market, coefficient=coefficient, n=n)
        count = 2000 if n == 1000 and bar != SHOWN else 400
        yield Case(f"power, AR(1) {coefficient:.2f}, {market}, n = {n}", run, {"linear better": bar}, count)
    bars = {"counted": below6, "declared": below6, "uncounted": SHOWN}
    yield Case("forty variants on a random walk", studies.forty, bars)
    for symbols in (200, 506):
        bars = {"pooled": below6, "some symbol": below6}
        yield Case(f"{symbols} null symbols", partial(studies.many, symbols=symbols), bars, batch=10)


def outside() -> Iterator[Case]:
    """Where a constant standard error fails: few rows, heavy tails, persistent losses, overlap, panels, odd fields."""
    better = {"some better": SIZE}
    sizes = {**better, "some worse": SIZE}
    for n in (30, 60, 120):
        run = partial(studies.null, make=partial(markets.heavy_tailed_null, n=n, models=7))
        bars = {**sizes, "interval covers": COVERS if n >= 60 else SHOWN}
        yield Case(f"heavy tails, seven models, n = {n}", run, bars)
    for n in (60, 239):
        run = partial(studies.null, make=partial(markets.heavy_tailed_null, n=n, models=30, correlation=0.5))
        yield Case(f"heavy tails, thirty models, n = {n}", run, sizes)
    for phi, n, bar in (
        (0.9, 500, SIZE), (0.9, 1000, SIZE), (0.9, 2500, SIZE), (0.98, 1000, Bar(high=0.08)), (0.98, 2500, SIZE),
    ):  # fmt: skip
        run = partial(
            studies.null, make=partial(markets.variance_null, n=n, models=5, phi=phi, deviation=0.3), persistent=True
        )
        bars = {"some better": bar, "some worse": SHOWN}
        yield Case(f"variances, log errors AR({phi}), n = {n}", run, bars)
    for days in (5, 40):
        run = partial(studies.null, make=partial(markets.few_days_null, n=239, models=1, days=days))
        yield Case(f"one model that differs on {days} of 239 rows", run, better)
    late, day = np.repeat([0.25, 1.0], (54, 6)), 1 + 0.8 * np.cos(2 * np.pi * np.arange(60) / 13)
    for name, make in (
        ("volatility times four at mid-sample", partial(markets.uneven_null, deviation=np.repeat([0.25, 1.0], 30))),
        ("volatility times four in the last tenth", partial(markets.uneven_null, deviation=late)),
        ("volatility with a cycle of 13 rows", partial(markets.uneven_null, deviation=day)),
        ("prices in whole ticks, six rows of ten without a move", markets.ticks_null),
    ):
        run = partial(studies.null, make=partial(make, n=60))
        yield Case(f"{name}, n = 60", run, {**sizes, "interval covers": Bar(0.88, 0.93)})
    bars = {"found": Bar(low=0.75), "alone": SHOWN}
    yield Case("a true model beside six that differ on 3 rows", studies.beside_few_days, bars)
    yield Case("three benchmarks, each the hardest of one model", studies.hardest_of_three, sizes)
    strict, wide = Bar(0.77, 0.83), Bar(0.7, 0.83)
    for n, horizon, bar in ((239, 1, strict), (1000, 1, strict), (60, 1, wide), (239, 5, wide), (239, 20, wide)):
        far = f", horizon {horizon}" if horizon > 1 else ""
        bars = {"found": bar, "found by a single test": bar, "same history": SHOWN}
        run = partial(studies.at_detectable, n=n, horizon=horizon)
        yield Case(f"power at the minimum detectable effect{far}, n = {n}", run, bars)
    bars = {"found": strict, "same history": SHOWN}
    run = partial(studies.at_detectable, n=239, uncounted=40)
    yield Case("detectable effect with 40 declared trials, n = 239", run, bars)
    run = partial(studies.symbol_at_detectable, n=239)
    yield Case("detectable effect of one symbol of 200, n = 239", run, bars, batch=10)
    bars = {"some better in some run": SIZE, "uncounted": SHOWN}
    yield Case("three runs that count each other, n = 239", studies.with_trials, bars, 1000)
    for nu in (None, 3.0):
        for n in (60, 120, 239):
            run = partial(studies.null_panel, n=n, nu=nu)
            tails = "normal" if nu is None else "Student-t(3)"
            yield Case(f"200 least favourable symbols, {tails}, n = {n}", run, {"some symbol": SIZE}, batch=10)
    for n in (60, 239, 1000):
        run = partial(studies.null, make=partial(markets.crashes, n=n))
        yield Case(f"a constant forecast where returns crash, n = {n}", run, {"some better": SHOWN})


def beside() -> Iterator[Case]:
    """Evidence that stands beside the ruling."""
    honest = Bar(0.04, 0.065)
    for horizon in (5, 20):
        for n in (239, 500, 1000):
            bars = {"five lags": honest if n == 1000 else SIZE, "twenty lags": SIZE, "reversion": SIZE}
            bars |= {"unrelated": honest, "unrelated 1992": SHOWN}
            run = partial(studies.directions, n=n, horizon=horizon)
            yield Case(f"directions on a random walk, horizon {horizon}, n = {n}", run, bars)
    for horizon in (1, 5, 20):
        for n in (239, 1000):
            run = partial(studies.over_time, n=n, horizon=horizon)
            name = f"fluctuation test, horizon {horizon}, n = {n}"
            yield Case(name, run, {"false": SHOWN, "found, halves": SHOWN})
    for nominal in (0.8, 0.95):
        run = partial(studies.coverage, n=500, nominal=nominal)
        yield Case(
            f"conditional coverage of {100 * nominal:.0f} %, n = 500", run, {"false": SHOWN, "found, pairs": SHOWN}
        )
