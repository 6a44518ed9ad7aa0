"""Every check on a small example made to show it, and on its absence."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.core.errors import DataRefused
from beatnaive.core.types import Finding, Prices, Provenance
from beatnaive.prices import Source, Synthetic, load
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.prices.quality import examine_quality, refuse_fatal

GOOD = load(Source("synthetic", symbols=("GOOD",), synthetic=Synthetic(n=300)))[0]


def bars(prices: Prices, change: Callable[[np.ndarray], None]) -> Prices:
    """The same prices with some bars changed."""
    copy = prices.bars.copy()
    change(copy)
    return replace(prices, bars=copy)


def put(rows: object, columns: object, value: float) -> Callable[[np.ndarray], None]:
    def change(array: np.ndarray) -> None:
        array[rows, columns] = value

    return change


def scale(rows: object, factor: float) -> Callable[[np.ndarray], None]:
    def change(array: np.ndarray) -> None:
        array[rows, :4] *= factor

    return change


def at(prices: Prices, rows: np.ndarray | slice) -> Prices:
    return prices.take(rows)


ALL = np.arange(300)
DEFECTS: dict[str, tuple[Prices, str, int]] = {
    "duplicates": (at(GOOD, np.sort(np.append(ALL, [5, 9]))), "fatal", 2),
    "disorder": (at(GOOD, np.r_[ALL[:10], 11, 10, ALL[12:]]), "fatal", 1),
    "missing_values": (bars(GOOD, put([3, 7, 8], slice(None), np.nan)), "fatal", 3),
    "missing_cells": (bars(GOOD, put([3, 7], 0, np.nan)), "doubt", 2),
    "non_positive": (bars(GOOD, put([4], slice(0, 4), -1.0)), "fatal", 1),
    "non_positive ": (bars(GOOD, put(slice(None), slice(0, 4), -1.0)), "fatal", 300),
    "high_below_low": (bars(GOOD, put([4], 1, 1.0)), "fatal", 1),
    "outside_bar": (bars(GOOD, scale(slice(None), 1.0)), "doubt", 0),
    "stale": (bars(GOOD, put(slice(20, 26), 3, 100.0)), "doubt", 5),
    "zero_volume": (bars(GOOD, put([4, 6], 4, 0.0)), "doubt", 2),
    "no_volume": (bars(GOOD, put(slice(None), 4, 0.0)), "note", 300),
    "constant": (bars(GOOD, put(slice(None), slice(0, 4), 14.55)), "fatal", 300),
    "missing_sessions": (at(GOOD, np.delete(ALL, [50, 51, 100])), "doubt", 3),
    "not_daily": (at(GOOD, ALL[::3]), "fatal", 198),
    "weekly_bars": (at(GOOD, ALL[::5]), "fatal", 236),
    "monthly_bars": (at(GOOD, ALL[::21]), "fatal", 280),
    "unit_error": (bars(GOOD, scale(slice(100, 120), 100.0)), "fatal", 2),
    "jump": (bars(GOOD, scale(slice(100, None), 0.5)), "doubt", 1),
    "no_close": (bars(GOOD, put(slice(None), slice(None), np.nan)), "fatal", 1),
    "too_short": (at(GOOD, slice(0, 1)), "fatal", 1),
}
DEFECTS["outside_bar"] = (bars(GOOD, lambda array: array.__setitem__((4, 3), array[4, 1] * 1.01)), "doubt", 1)


def test_good_prices_have_no_findings() -> None:
    assert examine_quality([GOOD]) == ()


@pytest.mark.parametrize("kind", DEFECTS)
def test_a_defect_is_found_with_its_severity_and_count(kind: str) -> None:
    prices, severity, count = DEFECTS[kind]
    found = {each.kind: each for each in examine_quality([prices])}
    kind = kind.strip()
    assert kind in found, found
    assert (found[kind].severity, found[kind].count, found[kind].symbol) == (severity, count, "GOOD")
    assert found[kind].mend
    assert found[kind].message
    assert len(found[kind].dates) == min(count, 20)


def test_dates_in_a_finding_are_those_of_the_rows() -> None:
    found = examine_quality([DEFECTS["missing_values"][0]])[0]
    assert found.dates == tuple(str(GOOD.sessions[k]) for k in (3, 7, 8))
    assert found.message == f"3 rows have no close: {', '.join(found.dates)}"
    (one,) = examine_quality([at(GOOD, np.delete(ALL, 50))])
    assert one.message == f"1 session of XNYS has no row: {GOOD.sessions[50]}"


def test_one_bar_in_another_unit() -> None:
    found = examine_quality([bars(GOOD, put([4], 1, 10_000.0))])
    assert [(each.kind, each.dates) for each in found] == [("unit_error", (str(GOOD.sessions[4]),))]


def test_a_split_that_is_declared_and_not_applied() -> None:
    """Prices as traded taken for split-adjusted ones: the fall by the ratio stays."""
    splits = np.ones(300)
    splits[150] = 3.0
    whole = replace(bars(GOOD, scale(slice(150, None), 1 / 3)), splits=splits)
    assert {each.kind: each.dates for each in examine_quality([whole])}["unapplied_split"] == (str(GOOD.sessions[150]),)
    assert examine_quality([replace(GOOD, splits=splits)]) == ()


def weekends(prices: Prices, sessions: np.ndarray, source_rows: np.ndarray, calendar: str = "XNYS") -> Prices:
    taken = prices.take(source_rows)
    return replace(taken, sessions=sessions, closes_at=closes(calendar, sessions), calendar=calendar)


def test_weekends_copied_forward_and_days_of_their_own() -> None:
    days = np.arange(GOOD.sessions[0], GOOD.sessions[0] + 60)
    rows = np.searchsorted(GOOD.sessions, days, "right") - 1
    copied = weekends(GOOD, days, rows)
    found = {each.kind: each for each in examine_quality([copied])}
    assert found["copied_rows"].count == 60 - len(sessions_between("XNYS", days[0], days[-1]))
    assert "extra_sessions" not in found
    own = weekends(GOOD, days, np.arange(60))
    found = {each.kind: each for each in examine_quality([own])}
    assert found["other_calendar"].count == 60 - len(sessions_between("XNYS", days[0], days[-1]))
    assert "the dates fit 24/7 (0 sessions missing" in found["other_calendar"].message
    assert "copied_rows" not in found
    friday = int(np.flatnonzero(np.diff(GOOD.sessions).astype(int) == 3)[7])
    saturday = weekends(GOOD, np.where(friday == ALL, GOOD.sessions + 1, GOOD.sessions), ALL)
    found = {each.kind: each for each in examine_quality([saturday])}
    assert found["extra_sessions"].dates == (str(GOOD.sessions[friday] + 1),)
    assert found["missing_sessions"].dates == (str(GOOD.sessions[friday]),)
    assert examine_quality([weekends(GOOD, days, np.arange(60), "24/7")]) == ()


def test_crypto_rests_never_and_currencies_at_weekends() -> None:
    weekdays = GOOD.sessions[np.isin(GOOD.sessions, sessions_between("24/5", GOOD.sessions[0], GOOD.sessions[-1]))]
    as_crypto = {each.kind for each in examine_quality([weekends(GOOD, weekdays, np.arange(len(weekdays)), "24/7")])}
    assert as_crypto == {"other_calendar"}


def with_dividend(amount: float, fall: float) -> Prices:
    """A dividend on row 100 of which the price drops `fall`, adjusted as `load` adjusts."""
    from beatnaive.prices.adjust import as_of

    paid = np.zeros(300)
    paid[100] = amount
    traded = replace(bars(GOOD, scale(slice(100, None), 1 - fall)), dividends=paid, as_of=None)
    return as_of(traded, GOOD.sessions[-1])


def test_a_large_dividend_that_the_price_ignores() -> None:
    close = GOOD.bars[99, 3]
    assert [each.kind for each in examine_quality([with_dividend(0.3 * close, fall=0.0)])] == ["bad_dividend"]
    assert examine_quality([with_dividend(0.3 * close, fall=0.3)]) == ()
    assert examine_quality([with_dividend(0.01 * close, fall=0.0)]) == ()  # too small to tell from a day's move


def test_an_adjusted_close_that_leaves_ours() -> None:
    good = with_dividend(2.0, fall=2.0 / GOOD.bars[99, 3])
    raw = bars(GOOD, scale(slice(100, None), 1 - 2.0 / GOOD.bars[99, 3])).bars[:, 3]
    assert examine_quality([replace(good, adjusted=good.bars[:, 3] * 0.97)]) == ()  # later dividends only scale
    assert [each.kind for each in examine_quality([replace(good, adjusted=raw)])] == ["unadjusted_dividend"]
    pounds = good.bars[:, 3] * np.where(ALL < 100, 0.5, 1.0)  # an amount that is 25 times as large
    assert [each.kind for each in examine_quality([replace(good, adjusted=pounds)])] == ["disputed_dividend"]
    other = good.bars[:, 3] * np.where(ALL < 200, 0.99, 1.0)
    assert [each.kind for each in examine_quality([replace(good, adjusted=other)])] == ["unlisted_dividend"]
    none = replace(GOOD, adjusted=GOOD.bars[:, 3] * np.where(ALL < 200, 0.99, 1.0))
    assert [(each.kind, each.count) for each in examine_quality([none])] == [("no_dividends", 1)]


def test_what_the_source_says_is_a_note() -> None:
    noted = replace(GOOD, provenance=Provenance("test", "", note="newest first"))
    assert [(each.severity, each.kind, each.message) for each in examine_quality([noted])] == [
        ("note", "source", "newest first")
    ]


def test_a_fill_turns_what_it_mends_into_a_doubt_and_nothing_else() -> None:
    gaps = DEFECTS["missing_values"][0]
    assert [each.severity for each in examine_quality([gaps], "forward")] == ["doubt"]
    kinds = {each.kind: each.severity for each in examine_quality([gaps], "interpolate")}
    assert kinds == {"missing_values": "doubt", "interpolated": "doubt"}
    assert examine_quality([DEFECTS["disorder"][0]], "forward")[0].severity == "fatal"
    assert examine_quality([DEFECTS["no_close"][0]], "forward")[0].severity == "fatal"


def panel(ends: list[int]) -> list[Prices]:
    return [replace(GOOD.take(slice(0, end)), symbol=f"S{k}") for k, end in enumerate(ends)]


def test_a_panel_of_survivors_says_so() -> None:
    assert [each.kind for each in examine_quality(panel([300] * 6))] == ["survivorship"]
    assert examine_quality(panel([300] * 5 + [200])) == ()
    assert [each.kind for each in examine_quality(panel([300] * 5 + [298]))] == ["survivorship"]
    assert examine_quality(panel([300] * 2)) == ()


def test_refusal_is_one_line_with_exit_code_three() -> None:
    with pytest.raises(DataRefused, match=r"GOOD: 2 sessions have more than one row: .*keep one daily row") as caught:
        refuse_fatal(examine_quality([DEFECTS["duplicates"][0]]))
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    with pytest.raises(DataRefused, match="and 1 more fatal finding"):
        refuse_fatal(
            [
                Finding(severity="fatal", kind="a", symbol="S", message="x", mend="y"),
                Finding(severity="fatal", kind="b", symbol="S", message="x", mend="y"),
            ]
        )
    refuse_fatal([Finding(severity="doubt", kind="a", symbol="S", message="x", mend="y")])


def test_progress_counts_symbols() -> None:
    seen: list[tuple[int, int, str]] = []
    examine_quality(panel([300, 300]), progress=lambda *words: seen.append(words))
    assert seen == [(1, 2, "S0"), (2, 2, "S1")]


@settings(deadline=None)
@given(st.lists(st.integers(0, 299), min_size=0, max_size=400), st.floats(0.01, 1e6))
def test_checks_survive_any_selection_of_rows_and_do_not_depend_on_the_price_level(
    rows: list[int], level: float
) -> None:
    prices = GOOD.take(np.array(rows, int))
    other = bars(prices, scale(slice(None), level))
    kinds = {each.kind for each in examine_quality([prices])} if rows else set()
    assert not rows or {each.kind for each in examine_quality([other])} == kinds
    assert ("duplicates" in kinds) == (len(set(rows)) < len(rows) and len(rows) > 1)
    assert ("disorder" in kinds) == (len(rows) > 1 and rows != sorted(rows))
