"""A ledger of 500 symbols, seven models and 1,000 days: seconds of the processor, and the size of the file.

python benchmarks/ledger.py [--symbols 500] [--models 7] [--days 1000]

Forecasts and outcomes are drawn: what is timed is what `add` and `settle` do beyond forecasting and fetching, and
`show` and `verify` as a whole.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from planted_ledger import append, forecasts, outcomes, sessions

from beatnaive.core.types import BARS, Prices, Provenance
from beatnaive.forecasting.ledger import chain, clock
from beatnaive.forecasting.ledger.ledger import init
from beatnaive.forecasting.ledger.settle import settle
from beatnaive.forecasting.ledger.standing import standing
from beatnaive.forecasting.ledger.verify import verify
from beatnaive.prices.calendars import closes


def prices_of(symbol: str, days: np.ndarray, close: np.ndarray) -> Prices:
    """Prices that have these closes."""
    bars = np.column_stack([close] * 4 + [np.full(len(close), 1000.0)])
    assert bars.shape[1] == len(BARS)
    return Prices(
        symbol=symbol, sessions=days, closes_at=closes("XNYS", days), bars=bars, dividends=np.zeros(len(days)),
        splits=np.ones(len(days)), filled=np.zeros(len(days), bool), calendar="XNYS",
        provenance=Provenance("drawn", ""),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("symbols", 500), ("models", 7), ("days", 1000)):
        parser.add_argument(f"--{name}", type=int, default=number)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    calendar = sessions(asked.days + 3)
    days = np.array(calendar[0], "datetime64[D]")
    returns = 0.01 * rng.standard_normal((len(days), asked.symbols))
    close = 100 * np.exp(np.cumsum(returns, axis=0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "ledger"
        clock.now = lambda: np.datetime64("2014-01-01T00:00:00")
        init(folder)
        spent = {"add": 0.0, "settle": 0.0}
        before = None
        for day in range(asked.days):
            data = forecasts(rng, day, calendar, symbols=asked.symbols, models=asked.models)
            start = process_time()
            if before is not None:
                append(folder, "outcomes", outcomes(before, returns[day], data["made_at"]))
            spent["settle"] = process_time() - start
            start = process_time()
            append(folder, "forecasts", data)
            spent["add"] = process_time() - start
            before = data
        # the last day by `settle` itself, with prices that are there
        clock.now = lambda: np.datetime64(calendar[1][asked.days].removesuffix("Z")) + np.timedelta64(60, "m")
        prices = {f"S{k:03}": prices_of(f"S{k:03}", days[: asked.days + 1], close[: asked.days + 1, k])
                  for k in range(asked.symbols)}  # fmt: skip
        start = process_time()
        done = settle(folder, read=lambda source, symbol: prices[symbol])
        spent["settle, all of it"] = process_time() - start
        assert done.settled == asked.symbols, list(done.waiting.values())[:1]
        for what, work in (("show", standing), ("verify", verify)):
            start = process_time()
            work(folder)
            spent[what] = process_time() - start
        size = chain.path_of(folder).stat().st_size
    print(f"{asked.symbols} symbols x {asked.models} models x {asked.days} days, seconds of the processor:")
    for what, seconds in spent.items():
        print(f"{what:18} {seconds:8.2f}")
    print(f"file {size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
