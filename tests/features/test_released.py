"""Release columns of a whole panel: nobody's values reach another symbol, and five hundred symbols take little."""

import time
import tracemalloc

import numpy as np
import pytest
from release_tables import EXAMPLE, days, instants

from beatnaive.core.errors import InputError
from beatnaive.core.types import Prices
from beatnaive.features.released import Joined
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases import ReleaseSpec
from beatnaive.releases.table import Releases

SESSIONS = sessions_between("XNYS", np.datetime64("2016-01-04"), np.datetime64("2025-12-31"))


def prices(symbol: str, sessions: np.ndarray = SESSIONS) -> Prices:
    n = len(sessions)
    return Prices(
        symbol=symbol, sessions=sessions, closes_at=closes("XNYS", sessions), bars=np.ones((n, 5)),
        dividends=np.zeros(n), splits=np.ones(n), filled=np.zeros(n, bool), calendar="XNYS", provenance=EXAMPLE,
    )  # fmt: skip


def joined(table: Releases) -> Joined:
    from beatnaive.releases.spec import columns_of

    spec = ReleaseSpec("fundamentals", transform="level")
    return Joined({"f": spec}, {"f": table}, {"f": columns_of("f", spec, table)})


def test_a_symbols_values_never_reach_another() -> None:
    table = Releases.of(
        symbol=np.array(["A", "A", "B"]), name=np.array(["x", "y", "x"]), provenance=EXAMPLE,
        period_end=days("2019-12-31", "2019-12-31", "2019-12-31"), value=np.array([1.0, 2.0, 9.0]),
        known_at=instants("2020-02-26", "2020-02-26", "2020-03-02"),
    )  # fmt: skip
    made = joined(table)
    assert made.all_columns == ("f_x", "f_y")
    assert made.beside(prices("A"))[-1].tolist() == [1.0, 2.0]
    np.testing.assert_array_equal(made.beside(prices("B"))[-1], [9.0, np.nan])
    assert np.isnan(made.beside(prices("C"))).all()


def test_a_symbol_without_any_value_is_named() -> None:
    with pytest.raises(InputError, match="has nothing on ZZZ"):
        Joined.read({"f": ReleaseSpec("fundamentals")}, ["MRK", "ZZZ"])


def test_five_hundred_symbols_and_seven_series_take_little() -> None:
    """506 x 7 x 16 filings joined to 2,514 sessions each: processor seconds and peak memory of the join alone."""
    symbols, series, years = [f"S{k:03}" for k in range(506)], [f"c{k}" for k in range(7)], np.arange(2010, 2026)
    n = len(symbols) * len(series) * len(years)
    end = np.tile(years.astype(str).astype("datetime64[Y]").astype("datetime64[D]") - 1, n // len(years))
    table = Releases.of(
        symbol=np.repeat(symbols, len(series) * len(years)), period_end=end, provenance=EXAMPLE,
        name=np.tile(np.repeat(series, len(years)), len(symbols)), known_at=end.astype("datetime64[s]") + 45 * 86400,
        value=np.arange(n) + 1.0,
    )  # fmt: skip
    made, panel = joined(table), [prices(symbol) for symbol in symbols]
    made.beside(panel[0])  # calendars are built once, elsewhere
    tracemalloc.start()
    total = sum(float(made.beside(one)[-1, 0]) for one in panel[::50])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    started = time.process_time()
    last = [made.beside(one)[-1, 0] for one in panel]
    spent = time.process_time() - started
    assert np.isfinite(total)
    assert last == [(k * 7 + 1) * 16.0 for k in range(506)]
    assert peak < 300e6
    print(f"{spent:.2f} s of processor time, {peak / 1e6:.0f} MB")
