"""How often the findings about moves and dividends err: on real prices, and on defects planted into them.

    python benchmarks/price_findings.py [PANEL.parquet]

False alarms: the findings on the embedded sample and on a panel (Parquet with dates, symbols and bars), each listed, as
nobody has to mend anything there. Found: one defect of each kind is planted into each stock at a random session; the
share of stocks in which it is named as what it is.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from beatnaive.core.types import CLOSE, VOLUME, Prices
from beatnaive.prices import Source, load
from beatnaive.prices.quality import examine_quality

KINDS = ("bad_tick", "quiet_jump", "jump", "misdated_split", "unapplied_split", "unit_error", "phantom_dividend",
         "doubled_dividend", "understated_dividend", "dividend_unit", "double_counted", "other_calendar")  # fmt: skip


def scaled(prices: Prices, rows: slice | int, factor: float) -> Prices:
    """The same prices with some bars times a factor."""
    bars = prices.bars.copy()
    bars[rows, :VOLUME] *= factor
    return replace(prices, bars=bars, adjusted=None)


def demerger(prices: Prices, k: int, rng: np.random.Generator) -> Prices:
    """A fall by 41 % overnight, to stay, on 1.5 to 3 times the day's own volume."""
    fallen = scaled(prices, slice(k, None), 0.59)
    bars = fallen.bars.copy()
    bars[k, VOLUME] *= rng.uniform(1.5, 3)
    return replace(fallen, bars=bars)


def misdated(prices: Prices, k: int, rng: np.random.Generator) -> Prices:
    """A split 2:1 that took effect some sessions after its listed day."""
    splits = prices.splits.copy()
    splits[k] = 2.0
    return replace(scaled(prices, slice(k, k + int(rng.integers(1, 6))), 2.0), splits=splits)


def phantom(prices: Prices, k: int, rng: np.random.Generator) -> Prices:
    """One of the dividends once more, seven sessions later."""
    dividends = prices.dividends.copy()
    paid = np.flatnonzero(dividends[1:-8] > 0) + 1
    if len(paid):
        at = rng.choice(paid)
        dividends[at + 7] = dividends[at]
    return replace(prices, dividends=dividends, adjusted=None)


PLANTED: dict[str, tuple[str, Callable[[Prices, int, np.random.Generator], Prices]]] = {
    "a tick of 4.4 times the price": ("bad_tick", lambda prices, k, rng: scaled(prices, k, 4.4)),
    "a tick of 1.3 times the price": ("bad_tick", lambda prices, k, rng: scaled(prices, k, 1.3)),
    "a demerger of 41 %": ("quiet_jump", demerger),
    "a split some sessions off": ("misdated_split", misdated),
    "a dividend listed twice": ("phantom_dividend", phantom),
}


def main() -> None:
    """Print false alarms and the share of planted defects that are found, for each set of prices."""
    sets = {"sample": load(Source(symbols=("*",)))}
    if len(sys.argv) > 1:
        sets["panel"] = load(Source("file", path=sys.argv[1]))
    for name, prices in sets.items():
        start = time.process_time()
        found = [each for each in examine_quality(prices) if each.kind in KINDS]
        seconds = time.process_time() - start
        days = sum(len(each) for each in prices)
        print(f"\n{name}: {len(prices)} symbols, {days:,} sessions, {seconds:.2f} s of processor time")
        print("  ", dict(Counter(each.kind for each in found)))
        for each in found:
            print(f"   {each.kind:17} {each.symbol:6} {each.message}")
        for words, (kind, plant) in PLANTED.items():
            rng = np.random.default_rng(0)
            usable = [each for each in prices if len(each) > 300 and np.isfinite(each.bars[:, CLOSE]).all()]
            if kind == "phantom_dividend":
                usable = [each for each in usable if (each.dividends[1:-8] > 0).sum() > 3]
            hits = 0
            for each in usable:
                defect = plant(each, int(rng.integers(60, len(each) - 60)), rng)
                hits += any(finding.kind == kind for finding in examine_quality([defect]))
            if usable:
                print(f"   {words:30} found as {kind} in {hits} of {len(usable)}")


if __name__ == "__main__":
    main()
