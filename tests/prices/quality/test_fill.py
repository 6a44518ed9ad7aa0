"""Declared fills: every session of the calendar, made-up rows marked, the past untouched."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.core.errors import UnknownName
from beatnaive.prices import Source, Synthetic, load
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.prices.quality import examine_quality, fill_gaps

GOOD = load(Source("synthetic", symbols=("GOOD",), synthetic=Synthetic(n=40)))[0]


def without(*rows: int):
    return GOOD.take(np.delete(np.arange(40), rows))


def test_none_changes_nothing() -> None:
    gappy = without(5)
    assert fill_gaps([gappy], "none")[0] is gappy


def test_forward_repeats_the_last_close_and_marks_the_row() -> None:
    (filled,) = fill_gaps([without(5, 6)], "forward")
    assert (filled.sessions == GOOD.sessions).all()
    assert (filled.closes_at == GOOD.closes_at).all()
    assert np.flatnonzero(filled.filled).tolist() == [5, 6]
    close, volume = GOOD.bars[4, 3], GOOD.bars[4, 4]
    assert filled.bars[5:7].tolist() == [[close] * 4 + [volume]] * 2
    assert filled.dividends[5:7].tolist() == [0, 0]
    assert filled.splits[5:7].tolist() == [1, 1]
    kept = ~filled.filled
    assert (filled.bars[kept] == GOOD.bars[kept]).all()


def test_interpolation_lies_on_the_line_between_the_neighbours() -> None:
    (filled,) = fill_gaps([without(5, 6, 7)], "interpolate")
    for k, share in ((5, 0.25), (6, 0.5), (7, 0.75)):
        np.testing.assert_allclose(filled.bars[k], (1 - share) * GOOD.bars[4] + share * GOOD.bars[8])
    assert filled.filled.sum() == 3


def test_rows_without_a_close_are_filled_and_open_ends_are_not_invented() -> None:
    bars = GOOD.bars.copy()
    bars[[0, 1, 20, 39]] = np.nan
    for fill in ("forward", "interpolate"):
        (filled,) = fill_gaps([replace(GOOD, bars=bars)], fill)
        assert filled.sessions[0] == GOOD.sessions[2]
        assert filled.sessions[np.flatnonzero(filled.filled)].tolist() == GOOD.sessions[[20, 39]].tolist()
        assert filled.bars[-1, 3] == GOOD.bars[38, 3]


def test_a_column_that_the_source_lacks_stays_absent_and_empty_cells_stay_empty() -> None:
    bars = GOOD.bars.copy()
    bars[:, [0, 1, 2, 4]] = np.nan
    for fill in ("forward", "interpolate"):
        (filled,) = fill_gaps([replace(GOOD, bars=bars).take(np.delete(np.arange(40), 5))], fill)
        assert filled.columns == ("Close",)
    bars = GOOD.bars.copy()
    bars[7, 0] = np.nan
    (filled,) = fill_gaps([replace(GOOD, bars=bars)], "forward")
    assert np.isnan(filled.bars[7, 0])
    assert not filled.filled.any()


def test_copies_on_days_without_trading_are_left_out() -> None:
    days = np.arange(GOOD.sessions[0], GOOD.sessions[-1] + 1)
    rows = np.searchsorted(GOOD.sessions, days, "right") - 1
    copied = replace(GOOD.take(rows), sessions=days, closes_at=closes("XNYS", days))
    (filled,) = fill_gaps([copied], "forward")
    assert (filled.sessions == sessions_between("XNYS", days[0], days[-1])).all()
    assert (filled.bars == GOOD.bars).all()
    assert not filled.filled.any()


def test_interpolation_declares_that_it_uses_the_future() -> None:
    found = {each.kind: each for each in examine_quality([without(5)], "interpolate")}
    assert "uses the future" in found["interpolated"].message
    assert "interpolated" not in {each.kind for each in examine_quality([without(5)], "forward")}
    assert "interpolated" not in {each.kind for each in examine_quality([GOOD], "interpolate")}


def test_an_unknown_fill_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'forward'"):
        fill_gaps([GOOD], "foward")


@settings(deadline=None)
@given(st.sets(st.integers(1, 38), max_size=30), st.integers(1, 38))
def test_forward_filling_never_looks_ahead(missing: set[int], now: int) -> None:
    """What is filled up to a session is the same whether or not later rows exist."""
    gappy = without(*missing)
    (whole,) = fill_gaps([gappy], "forward")
    head = gappy.take(gappy.sessions <= GOOD.sessions[now])
    (part,) = fill_gaps([head], "forward")
    assert (part.bars == whole.bars[: len(part)]).all()
    assert (whole.sessions == GOOD.sessions).all()
    assert set(np.flatnonzero(whole.filled)) == missing
