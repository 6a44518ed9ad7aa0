"""A release with its years exchanged: dates stay, each year's values are another year's, in their order."""

import numpy as np
from release_tables import EXAMPLE, random_table

from beatnaive.releases.placebo import exchange_years
from beatnaive.releases.table import Releases


def test_years_are_exchanged_as_wholes() -> None:
    end = (np.datetime64("2010-01", "M") + np.arange(1, 61)).astype("datetime64[D]") - 1
    value = np.repeat(np.arange(5) * 100.0, 12) + np.tile(np.arange(12.0), 5)
    table = Releases.of(
        name="x", provenance=EXAMPLE, period_end=end, known_at=end.astype("datetime64[s]") + 10**6, value=value
    )
    sham = exchange_years(table, np.random.default_rng(3))
    np.testing.assert_array_equal(sham.known_at, table.known_at)
    np.testing.assert_array_equal(sham.value % 100, value % 100, "December's stays December's")
    assert sorted(sham.value.tolist()) == sorted(value.tolist())
    assert (sham.value != value).all()


def test_no_year_keeps_its_own_values_while_there_is_another() -> None:
    end = np.array(["2015-06-30", "2016-06-30", "2017-06-30"], "datetime64[D]")
    for count in (1, 2, 3):
        table = Releases.of(
            name="x", provenance=EXAMPLE, period_end=end[:count], known_at=end[:count].astype("datetime64[s]") + 10**6,
            value=np.arange(count) + 0.5,
        )  # fmt: skip
        for seed in range(20):
            moved = exchange_years(table, np.random.default_rng(seed)).value != table.value
            assert moved.all() if count > 1 else not moved.any()


def test_years_of_different_length_leave_no_gap() -> None:
    sham = exchange_years(random_table(1), np.random.default_rng(0))
    assert np.isfinite(sham.value).all()
    assert set(sham.value) <= set(random_table(1).value)
