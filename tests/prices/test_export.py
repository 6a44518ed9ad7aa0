"""A written file is read back to the same prices, as of every date."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.prices import Source, Synthetic, load, write_file
from beatnaive.prices.adjust import as_of

WALK = load(Source("synthetic", symbols=("A", "B"), synthetic=Synthetic(n=30)), traded=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    splits=st.dictionaries(st.integers(1, 29), st.sampled_from([2.0, 3.0, 0.1, 1.5]), max_size=3),
    dividends=st.dictionaries(st.integers(1, 29), st.floats(0.01, 5), max_size=3),
    now=st.integers(0, 29), ending=st.sampled_from(["csv", "parquet"]),
)  # fmt: skip
def test_what_is_written_is_read_back(tmp_path: Path, splits, dividends, now: int, ending: str) -> None:
    ratio, paid = np.ones(30), np.zeros(30)
    ratio[list(splits)], paid[list(dividends)] = list(splits.values()), list(dividends.values())
    traded = [replace(prices, splits=ratio, dividends=paid) for prices in WALK]
    path = str(write_file(traded, str(tmp_path / f"prices.{ending}")))
    day = WALK[0].sessions[now]
    back = load(Source("file", path=path, as_of=day.astype(date)))
    for before, after in zip(traded, back, strict=True):
        expected = as_of(before, day).take(slice(0, now + 1))
        assert after.symbol == before.symbol
        assert (after.sessions == expected.sessions).all()
        np.testing.assert_allclose(after.bars, expected.bars, rtol=1e-12)
        np.testing.assert_allclose(after.dividends, expected.dividends, rtol=1e-12)


def test_the_raw_file_survives_the_round_trip(shared_data: Path, tmp_path: Path) -> None:
    source = Source("file", path=str(shared_data / "AAPL_raw_2016_2026.csv"), symbols=("AAPL",))
    path = write_file(load(source, traded=True), str(tmp_path / "deep" / "AAPL.csv"))
    (again,) = load(Source("file", path=str(path)))
    (first,) = load(source)
    assert again.symbol == "AAPL"
    np.testing.assert_array_equal(again.bars, first.bars)
    assert again.adjusted is not None
    np.testing.assert_allclose(again.adjusted, again.bars[:, 3], rtol=1e-12)


def test_columns_that_are_absent_stay_absent(tmp_path: Path) -> None:
    path = write_file(load(Source(symbols=("AAPL",), years=1), traded=True), str(tmp_path / "a.csv"))
    (back,) = load(Source("file", path=str(path)))
    assert back.columns == ("Close",)


def test_wrong_targets_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end in \.csv or \.parquet"):
        write_file(WALK, str(tmp_path / "prices.xlsx"))
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match=r"cannot write .*choose another file"):
        write_file(WALK, str(tmp_path / "file" / "prices.csv"))
