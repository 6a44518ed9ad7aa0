"""Point-in-time adjustment: the published frame to the last bit, splits by hand, and round trips."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.core.errors import DataRefused
from beatnaive.core.types import BARS, Prices, Provenance
from beatnaive.prices import Source, load
from beatnaive.prices.adjust import as_of, unsplit


def prices_of(closes: list[float], dividends: dict[int, float], splits: dict[int, float]) -> Prices:
    """As traded, one session a day, volume 100."""
    n = len(closes)
    sessions = np.datetime64("2024-01-01", "D") + np.arange(n)
    bars = np.repeat(np.array(closes, float)[:, None], 5, axis=1)
    bars[:, 4] = 100.0
    paid, ratio = np.zeros(n), np.ones(n)
    for k, value in dividends.items():
        paid[k] = value
    for k, value in splits.items():
        ratio[k] = value
    at = sessions.astype("datetime64[s]")
    return Prices(
        symbol="T",
        sessions=sessions,
        closes_at=at,
        bars=bars,
        dividends=paid,
        splits=ratio,
        filled=np.zeros(n, bool),
        calendar="24/7",
        provenance=Provenance("test", ""),
    )


def closes_as_of(prices: Prices, day: int) -> list[float]:
    return as_of(prices, prices.sessions[day]).bars[:, 3].tolist()


def test_the_published_frame_comes_out_exactly(shared_data: Path) -> None:
    source = Source(
        "file", path=str(shared_data / "AAPL_raw_2016_2026.csv"), symbols=("AAPL",), start=date(2021, 2, 10),
        end=date(2026, 2, 6), as_of=date(2026, 2, 8),
    )  # fmt: skip
    (prices,) = load(source)
    with (shared_data / "AAPL_published_frame.csv").open() as file:
        frame = list(csv.DictReader(file))
    assert len(prices) == len(frame) == 1254
    assert [str(day) for day in prices.sessions] == [row["Date"] for row in frame]
    for k, name in enumerate(BARS):
        assert prices.bars[:, k].tolist() == [float(row[name]) for row in frame], name


def test_yahoos_raw_close_is_unsplit_to_what_was_traded(shared_data: Path) -> None:
    path = str(shared_data / "AAPL_raw_2016_2026.csv")
    (traded,) = load(Source("file", path=path), traded=True)
    before = int(np.flatnonzero(traded.sessions == np.datetime64("2020-08-27"))[0])
    assert traded.bars[before, 3] == pytest.approx(500.04, abs=0.005)  # four times 125.01
    assert traded.splits[traded.sessions == np.datetime64("2020-08-31")].tolist() == [4.0]
    (then,) = load(Source("file", path=path, as_of=date(2020, 8, 28)))
    assert then.sessions[-1] == np.datetime64("2020-08-28")
    assert then.bars[before, 3] == pytest.approx(500.04, abs=0.005)  # no split yet on that day
    assert then.bars[0, 3] < 4 * 25.63  # but the dividends so far are in


def test_a_split_divides_only_from_its_ex_date_on() -> None:
    prices = prices_of([100, 102, 51, 52], {}, {2: 2.0})
    assert closes_as_of(prices, 1) == [100, 102, 51, 52]
    assert closes_as_of(prices, 2) == [50, 51, 51, 52]
    assert as_of(prices, prices.sessions[3]).bars[:, 4].tolist() == [200, 200, 100, 100]


def test_a_dividend_scales_all_before_its_ex_date() -> None:
    prices = prices_of([100, 100, 99, 100], {2: 1.0}, {})
    assert closes_as_of(prices, 1) == [100, 100, 99, 100]
    assert closes_as_of(prices, 3) == pytest.approx([99, 99, 99, 100])


def test_dividend_and_split_on_one_day_use_the_new_share() -> None:
    """A dividend of 1 per new share on a close of 100 that became two shares of 50."""
    prices = prices_of([100, 49], {1: 1.0}, {1: 2.0})
    assert closes_as_of(prices, 1) == pytest.approx([49, 49])


def test_the_close_before_an_ex_date_may_be_missing() -> None:
    prices = prices_of([100, np.nan, 99], {2: 1.0}, {})
    assert closes_as_of(prices, 2)[0] == pytest.approx(99)


def test_disordered_rows_are_adjusted_by_date() -> None:
    prices = prices_of([100, 102, 51, 52], {}, {2: 2.0})
    shuffled = prices.take(np.array([2, 0, 3, 1]))
    assert as_of(shuffled, prices.sessions[3]).bars[:, 3].tolist() == [51, 50, 52, 51]


def test_a_dividend_above_the_price_is_refused_in_one_line() -> None:
    with pytest.raises(DataRefused, match=r"T: the dividend of 150 on 2024-01-02 is not smaller than .* 100"):
        closes_as_of(prices_of([100, 101], {1: 150.0}, {}), 1)


def test_prices_are_adjusted_once() -> None:
    prices = prices_of([1, 2], {}, {})
    with pytest.raises(ValueError, match="already adjusted"):
        as_of(as_of(prices, prices.sessions[1]), prices.sessions[1])


ratios = st.sampled_from([1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 7.0, 0.1, 1.5])


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 1e4), ratios), min_size=1, max_size=30))
def test_unsplit_and_as_of_the_last_day_are_inverse(rows: list[tuple[float, float]]) -> None:
    closes, splits = [close for close, _ in rows], np.array([split for _, split in rows])
    given_ = prices_of(closes, {}, {})
    bars, _ = unsplit(given_.sessions, given_.bars, given_.dividends, splits)
    back = as_of(replace(given_, bars=bars, splits=splits), given_.sessions[-1]).bars
    np.testing.assert_allclose(back, given_.bars, rtol=1e-13)
    after = len(rows) - 1 - int(np.argmax(splits[::-1] != 1)) if (splits != 1).any() else 0
    assert (back[after:] == given_.bars[after:]).all()  # bit for bit where no split follows


@settings(deadline=None)
@given(
    st.lists(st.floats(5, 100), min_size=3, max_size=20), st.integers(1, 19), st.floats(0.01, 4),
    st.integers(1, 19), ratios,
)  # fmt: skip
def test_the_total_return_is_that_of_a_reinvested_share(
    closes: list[float], ex: int, dividend: float, split_day: int, ratio: float
) -> None:
    """The oracle holds one share and reinvests each dividend at the ex-date's cum price."""
    ex, split_day = ex % len(closes), split_day % len(closes)
    closes = [close / ratio if k >= split_day > 0 else close for k, close in enumerate(closes)]
    paid = dividend / 10 * min(closes) / 5
    prices = prices_of(closes, {ex: paid} if ex else {}, {split_day: ratio} if split_day else {})
    shares = 1.0
    for k in range(1, len(closes)):
        shares *= prices.splits[k]
        if prices.dividends[k]:
            before = closes[k - 1] / prices.splits[k]
            shares *= before / (before - prices.dividends[k])
    adjusted = as_of(prices, prices.sessions[-1]).bars[:, 3]
    assert adjusted[-1] / adjusted[0] == pytest.approx(shares * closes[-1] / closes[0], rel=1e-12)
