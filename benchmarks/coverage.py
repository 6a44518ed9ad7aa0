"""Do the intervals hold what they promise? The naive forecast's, on the 22 embedded series, whole sample.

Run: python benchmarks/coverage.py [docs/intervals.md]; prints the tables, or puts them between the page's marks.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pages import put

from beatnaive.backtest.conformal import IntervalSettings, calibrate, volatility
from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.targets import target
from beatnaive.core.types import Bools, Floats, Forecast, Ints, Samples, Track
from beatnaive.features import compute
from beatnaive.judging.quantile_scores import coverage, interval, winkler
from beatnaive.prices import Source, load
from beatnaive.prices.sample import SYMBOLS

LAST, WARMUP, FEWEST = 2520, 500, 200


@dataclass(frozen=True)
class Series:
    """One symbol's outcomes, quantiles, volatility at the origin and calendar year."""

    symbol: str
    y: Floats
    quantiles: Floats
    sigma: Floats
    year: Ints

    @property
    def last(self) -> slice:
        return slice(len(self.y) - LAST, len(self.y))

    def inside(self, nominal: float = 0.95) -> Bools:
        lower, upper = interval(self.quantiles, nominal)
        return (self.y >= lower) & (self.y <= upper)

    def years(self) -> dict[int, float]:
        """Share inside the 95 % interval by year, after the warm-up, years with fewer than 200 sessions left out."""
        scored, inside = self.year[WARMUP:], self.inside()[WARMUP:]
        return {int(y): float(inside[scored == y].mean()) for y in np.unique(scored) if (scored == y).sum() >= FEWEST}

    def thirds(self) -> list[float]:
        """Share inside the 95 % interval in the calm, the middle and the wild third of the last sessions."""
        order = np.argsort(self.sigma[self.last], kind="stable")
        return [float(self.inside()[self.last][part].mean()) for part in np.array_split(order, 3)]

    def gain(self, *, matched: bool) -> float:
        """% by which the Winkler score of the 95 % interval beats fixed-width split conformal, calibrated before the
        scored sessions; `matched` widens or narrows that until it holds as many outcomes as ours did."""
        y = self.y[self.last]
        ours = winkler(y, *(edge[self.last] for edge in interval(self.quantiles, 0.95)), 0.95).mean()
        edges = np.quantile(self.y[:-LAST], [0.025, 0.975])
        share = self.inside()[self.last].mean()
        # the width at which this share lies inside: the quantile of how far out each outcome lies
        width = np.quantile(np.maximum(y / edges[1], y / edges[0]), share) if matched else 1.0
        fixed = winkler(y, np.full(LAST, width * edges[0]), np.full(LAST, width * edges[1]), 0.95).mean()
        return float(100 * (1 - ours / fixed))


def series_of(symbol: str, settings: IntervalSettings) -> Series:
    prices = load(Source(kind="sample", symbols=(symbol,)))
    columns, x, _ = compute(prices[0].bars, prices[0].sessions, (), symbol=symbol)
    samples = assemble(gather(prices, columns, [x]), target("return"))
    found = calibrate({"naive": naive(samples)}, samples, settings)["naive"].forecast.quantiles
    assert found is not None
    year = samples.inputs.session[samples.rows].astype("datetime64[Y]").astype(int) + 1970
    return Series(symbol, samples.y, found, volatility(samples.inputs, settings.decay)[samples.rows], year)


def naive(samples: Samples) -> Track:
    forecast = Forecast(np.zeros(len(samples)))
    return Track(
        model="naive",
        rows=samples.rows,
        fold=np.zeros(len(samples), np.int32),
        forecast=forecast,
        seeds={-1: forecast},
        facts={},
    )


def tables(found: list[Series]) -> str:
    head = (
        "| series | 95 % | 80 % | 50 % | 95 %: calm, middle, wild third | worst year | Winkler gain % | matched |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    return "\n".join([head, *(row(one) for one in found), "", summary(found)])


def row(one: Series) -> str:
    held = [coverage(one.y[one.last], one.quantiles[one.last], nominal) for nominal in (0.95, 0.8, 0.5)]
    shares = " | ".join(f"{100 * each.observed:.1f}" for each in held)
    thirds = " / ".join(f"{100 * share:.1f}" for share in one.thirds())
    worst = min(one.years().items(), key=lambda item: item[1])
    gains = f"{one.gain(matched=False):.1f} | {one.gain(matched=True):.1f}"
    return f"| {one.symbol} | {shares} | {thirds} | {100 * worst[1]:.1f} ({worst[0]}) | {gains} |"


def summary(found: list[Series]) -> str:
    lines = []
    for year in (2008, 2020):
        shares = [years[year] for one in found if year in (years := one.years())]
        lines.append(
            f"- {year}: mean {100 * np.mean(shares):.1f} %, lowest {100 * min(shares):.1f} %, {len(shares)} series"
        )
    worst = min(min(one.years().values()) for one in found)
    gains = [np.mean([one.gain(matched=matched) for one in found]) for matched in (False, True)]
    lines.append(f"- worst full year of any series: {100 * worst:.1f} %")
    lines.append(f"- mean Winkler gain: {gains[0]:.1f} % over split conformal, {gains[1]:.1f} % at the same coverage")
    return "\n".join(lines)


def main() -> None:
    text = tables([series_of(symbol, IntervalSettings()) for symbol in SYMBOLS])
    if len(sys.argv) > 1:
        put(Path(sys.argv[1]), text, "coverage")
    else:
        print(text)


if __name__ == "__main__":
    main()
