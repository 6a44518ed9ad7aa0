"""Defects that look alike are told apart: small files of the shape in which they were met, and the cause they have."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beatnaive.core.errors import DataRefused
from beatnaive.core.types import Finding
from beatnaive.prices import Source, Synthetic, load
from beatnaive.prices.calendars import sessions_between
from beatnaive.prices.explore import explore
from beatnaive.prices.quality import examine_quality, refuse_fatal

Columns = dict[str, Any]
NAMES = ("Open", "High", "Low", "Close")


def stock(n: int = 300, volatility: float = 0.012, calendar: str = "XNYS", seed: int = 3) -> Columns:
    """Columns of a file: a random walk with volume, no dividends and no splits."""
    options = Synthetic(n=n, volatility=volatility, seed=seed)
    (prices,) = load(Source("synthetic", symbols=("S",), calendar=calendar, synthetic=options))
    days = sessions_between(calendar, np.datetime64("2018-01-01"), np.datetime64("2030-01-01"))[:n]
    columns: Columns = {"Date": days, **{name: prices.bars[:, k].copy() for k, name in enumerate((*NAMES, "Volume"))}}
    return {**columns, "Adj Close": columns["Close"].copy(), "Dividends": np.zeros(n), "Stock Splits": np.zeros(n)}


def times(columns: Columns, rows: object, factor: float, *names: str) -> None:
    for name in names or (*NAMES, "Adj Close"):
        columns[name][rows] *= factor


def findings(columns: Columns, folder: Path, symbol: str = "S", **options: Any) -> dict[str, Finding]:
    """What `examine_quality` says about a CSV file of these columns."""
    path = folder / f"{symbol}.csv"
    kept = {name: values for name, values in columns.items() if values is not None}
    rows = [",".join(kept), *(",".join(str(cell) for cell in row) for row in zip(*kept.values(), strict=True))]
    path.write_text("\n".join(rows) + "\n")
    found = examine_quality(load(Source("file", path=str(path), symbols=(symbol,), **options)))
    assert len({each.kind for each in found}) == len(found), found
    return {each.kind: each for each in found}


def paying(amount: float = 1.0, every: int = 63, n: int = 1300, adjusted: bool = True, seed: int = 3) -> Columns:
    """A stock that pays a dividend each quarter: the price falls by it, the adjusted close carries it."""
    columns = stock(n, seed=seed)
    factor = np.ones(n)
    for k in range(every, n, every):
        columns["Dividends"][k] = amount
        share = 1 - amount / columns["Close"][k - 1]
        times(columns, slice(k, None), share, *NAMES)
        factor[:k] *= share
    columns["Adj Close"] = columns["Close"] * factor if adjusted else columns["Close"].copy()
    return columns


def test_a_file_without_a_defect_has_no_finding(tmp_path: Path) -> None:
    assert findings(stock(), tmp_path) == {}
    assert findings(paying(), tmp_path) == {}


@pytest.mark.parametrize("factor", [4.4, 1 / 4.4])
def test_a_tick_that_jumps_and_returns_is_a_bad_tick_and_not_two_splits(tmp_path: Path, factor: float) -> None:
    columns = stock()
    times(columns, 150, factor)
    found = findings(columns, tmp_path)
    assert set(found) == {"bad_tick"}
    assert (found["bad_tick"].count, found["bad_tick"].dates) == (1, (str(columns["Date"][150]),))
    assert "by a factor of 4." in found["bad_tick"].message
    columns = stock()
    times(columns, slice(150, 153), factor)
    assert findings(columns, tmp_path)["bad_tick"].count == 3


def test_a_spike_between_the_neighbours_of_a_currency(tmp_path: Path) -> None:
    """1.27, 1.49, 1.29: 16 % in a series that moves by half a percent, and back."""
    columns = stock(volatility=0.005, calendar="24/5")
    times(columns, slice(None), 1.27 / columns["Close"][150])
    columns["Close"][151] = 1.49
    columns["Close"][152:] *= 1.29 / columns["Close"][152]
    currency = {"Date": columns["Date"], "Close": columns["Close"]}
    found = findings(currency, tmp_path, "GBPUSD=X")
    assert set(found) == {"bad_tick"}
    assert found["bad_tick"].dates == (str(columns["Date"][151]),)


def test_a_crash_that_recovers_in_a_wild_market_is_not_a_bad_tick(tmp_path: Path) -> None:
    columns = stock(volatility=0.08, seed=5)
    times(columns, 150, 1.15)
    assert "bad_tick" not in findings(columns, tmp_path)
    crowd = stock()
    times(crowd, 150, 0.7)
    crowd["Volume"][150] *= 9
    assert "bad_tick" not in findings(crowd, tmp_path)


@pytest.mark.parametrize(("volume", "kinds"), [(1.6, {"quiet_jump"}), (9.0, set())])
def test_a_demerger_of_41_percent_falls_in_silence_and_bad_news_do_not(
    tmp_path: Path, volume: float, kinds: set[str]
) -> None:
    columns = stock()
    times(columns, slice(150, None), 0.59)
    columns["Volume"][150] *= volume
    found = findings(columns, tmp_path)
    assert set(found) == kinds
    if kinds:
        assert "moved by -40 %" in found["quiet_jump"].message  # -41 % and the day's own move
        assert found["quiet_jump"].dates == (str(columns["Date"][150]),)
        assert "demerger" in found["quiet_jump"].mend


def test_a_demerger_on_three_times_the_usual_volume(tmp_path: Path) -> None:
    """News of 41 % are traded more than that; news of 22 % are not, so such a fall has no finding."""
    for fall, kinds in ((0.59, {"quiet_jump"}), (0.78, set())):
        for seed in range(10):
            columns = stock(seed=seed)
            times(columns, slice(150, None), fall)
            columns["Volume"][:] = 1e6
            columns["Volume"][150] *= 3.2
            assert set(findings(columns, tmp_path)) == kinds


def test_a_demerger_in_a_file_of_closes_only(tmp_path: Path) -> None:
    columns = stock()
    times(columns, slice(150, None), 0.59)
    assert set(findings({"Date": columns["Date"], "Close": columns["Close"]}, tmp_path)) == {"quiet_jump"}


def test_a_demerger_that_is_listed_as_a_dividend_is_no_jump(tmp_path: Path) -> None:
    columns = stock()
    columns["Dividends"][150] = 0.41 * columns["Close"][149]
    times(columns, slice(150, None), 0.59)
    columns["Adj Close"] = columns["Close"] * np.where(np.arange(300) < 150, 0.59, 1.0)
    assert findings(columns, tmp_path) == {}


@pytest.mark.parametrize("off", [-4, -1, 1, 3, 8])
def test_a_split_that_took_effect_some_sessions_off(tmp_path: Path, off: int) -> None:
    """The listed day and the jump: the rows in between lie on the other side of the split."""
    columns = stock()
    columns["Stock Splits"][150] = 2.0
    between = slice(150, 150 + off) if off > 0 else slice(150 + off, 150)
    times(columns, between, 2.0 if off > 0 else 0.5)
    found = findings(columns, tmp_path)
    assert set(found) == {"misdated_split"}
    assert found["misdated_split"].severity == "fatal"
    assert set(found["misdated_split"].dates) == {str(columns["Date"][150]), str(columns["Date"][150 + off])}
    words = f"{abs(off)} session{'s' * (abs(off) > 1)} {'after' if off > 0 else 'before'}"
    assert words in found["misdated_split"].message


def test_a_split_that_is_not_applied_on_its_day_or_on_another(tmp_path: Path) -> None:
    for at, kind in ((150, "unapplied_split"), (149, "unapplied_split"), (146, "misdated_split")):
        columns = stock()
        columns["Stock Splits"][150] = 4.0
        times(columns, slice(at, None), 0.25)
        found = findings(columns, tmp_path)
        assert (set(found), found[kind].dates) == ({kind}, (str(columns["Date"][at]),))


def test_the_longest_gap_is_named_first(tmp_path: Path) -> None:
    columns = stock()
    kept = np.setdiff1d(np.arange(300), [10, 20, 30, 40, *range(200, 226)])
    found = findings({name: values[kept] for name, values in columns.items()}, tmp_path)
    first, last = columns["Date"][200], columns["Date"][225]
    assert found["missing_sessions"].message.startswith(
        f"30 sessions of XNYS have no row: the longest gap is 26, {first} to {last}; also {columns['Date'][10]}"
    )
    assert found["missing_sessions"].message.endswith("and 2 more")


def test_dates_of_another_exchange_say_which(tmp_path: Path) -> None:
    columns = stock(n=700)
    found = findings(columns, tmp_path, calendar="XLON")
    assert set(found) == {"other_calendar"}
    said = "the dates fit XNYS (0 sessions missing, 0 too many), not XLON (15 missing, 11 too many)"
    assert said in found["other_calendar"].message
    assert 'calendar = "XNYS"' in found["other_calendar"].mend


def test_a_file_without_an_exchange_is_matched_with_the_common_calendars(tmp_path: Path) -> None:
    for code in ("XLON", "XTKS", "24/7", "XNYS"):
        columns = stock(n=700, calendar=code)
        columns["Volume"][:] = 1e6
        found = findings(columns, tmp_path, "VOD")
        (prices,) = load(Source("file", path=str(tmp_path / "VOD.csv"), symbols=("VOD",)))
        assert prices.calendar == code
        assert set(found) == ({"source"} if code != "XNYS" else set())
        if code != "XNYS":
            assert f"the dates fit {code}" in found["source"].message


@pytest.mark.parametrize(("step", "kind"), [("W", "weekly_bars"), ("M", "monthly_bars")])
def test_bars_of_weeks_and_months_have_one_finding(tmp_path: Path, step: str, kind: str) -> None:
    columns = stock(n=120)
    days = np.arange(np.datetime64("2015-01-01", step), np.datetime64("2015-01-01", step) + 120)
    columns["Date"] = days.astype("datetime64[D]") + (4 if step == "W" else 0)
    found = findings(columns, tmp_path)
    assert {name for name, each in found.items() if each.severity != "note"} == {kind}
    assert found[kind].severity == "fatal"
    with pytest.raises(DataRefused) as stop:
        refuse_fatal(list(found.values()))
    assert str(stop.value).count(": ") == 1  # the symbol's
    assert "these are" in str(stop.value)
    (prices,) = load(Source("file", path=str(tmp_path / "S.csv"), symbols=("S",)))
    with pytest.raises(DataRefused, match="give daily bars, as"):  # "daily log return" of a week would be wrong
        explore(prices, list(found.values()))


def test_every_third_session_is_not_daily(tmp_path: Path) -> None:
    found = findings({name: values[::3] for name, values in stock().items()}, tmp_path)
    assert found["not_daily"].message == "198 of 298 sessions of XNYS have no row, too many for daily bars"
    assert found["not_daily"].mend == 'give daily bars, or name another calendar: calendar = "CODE"'


def test_dividends_of_one_hundredth(tmp_path: Path) -> None:
    """Pounds where the prices are pence: one of them, or all of them, with and without an adjusted close."""
    one = paying()
    one["Dividends"][189] /= 100
    assert set(findings(one, tmp_path)) == {"dividend_unit"}
    alone = {**one, "Adj Close": None}
    found = findings(alone, tmp_path)
    assert (set(found), found["dividend_unit"].dates) == ({"dividend_unit"}, (str(one["Date"][189]),))
    every = paying(amount=1.5, n=2500)
    every["Dividends"] /= 100
    found = findings(every, tmp_path)
    assert set(found) == {"dividend_unit"}
    assert found["dividend_unit"].count == 39
    found = findings({**every, "Adj Close": None}, tmp_path)
    assert set(found) == {"dividend_unit"}
    assert "on ex-dates the price falls by" in found["dividend_unit"].message


def test_dividends_that_the_adjusted_close_ignores_and_the_reverse(tmp_path: Path) -> None:
    assert set(findings(paying(adjusted=False), tmp_path)) == {"unadjusted_dividend"}
    unlisted = paying()
    unlisted["Dividends"][189] = 0
    found = findings(unlisted, tmp_path)
    assert (set(found), found["unlisted_dividend"].dates) == ({"unlisted_dividend"}, (str(unlisted["Date"][189]),))
    none = paying()
    none["Dividends"][:] = 0
    assert (set(findings(none, tmp_path)), findings(none, tmp_path)["no_dividends"].count) == ({"no_dividends"}, 20)


def test_a_phantom_dividend(tmp_path: Path) -> None:
    """One payment listed on its ex-date and again some days later; the price fell once."""
    columns = paying()
    columns["Dividends"][189 + 7] = columns["Dividends"][189]
    found = findings({**columns, "Adj Close": None}, tmp_path)
    assert (set(found), found["phantom_dividend"].dates) == ({"phantom_dividend"}, (str(columns["Date"][196]),))
    assert set(findings(paying(every=21), tmp_path)) == set()  # one that pays every month is no phantom


def fund(seed: int, gain: float, *, listed: float, implied: float) -> tuple[Columns, int]:
    """A fund that pays a gain with its third dividend, and the row: the price falls by both.

    gain: of the close before; listed and implied: how often the gain is in Dividends and in the adjusted close.
    """
    columns, k = paying(seed=seed), 189
    before = columns["Close"][k - 1]
    times(columns, slice(k, None), 1 - gain, *NAMES, "Adj Close")
    columns["Adj Close"][:k] *= (1 - gain) ** implied
    columns["Dividends"][k] += listed * gain * before
    return columns, k


def test_capital_gains_counted_twice(tmp_path: Path) -> None:
    """A fund lists dividend and gain as one amount; the adjusted close takes the gain off a second time.

    The price decides, although the ex-date has a move of its own.
    """
    named = []
    for seed in range(20):
        columns, k = fund(seed, 0.06, listed=1, implied=2)
        found = findings(columns, tmp_path)
        named.append(set(found) == {"double_counted"} and found["double_counted"].dates == (str(columns["Date"][k]),))
    assert sum(named) >= 19


def test_capital_gains_that_are_not_listed(tmp_path: Path) -> None:
    """In the price and in the adjusted close, not in Dividends: those list too little. Alone: a dividend not listed."""
    named = []
    for seed in range(20):
        columns, k = fund(seed, 0.06, listed=0, implied=1)
        found = findings(columns, tmp_path)
        kinds = {"understated_dividend"}
        named.append(set(found) == kinds and found["understated_dividend"].dates == (str(columns["Date"][k]),))
    assert sum(named) >= 19
    assert "Capital Gains" in found["understated_dividend"].mend
    columns["Dividends"][k] = 0
    found = findings(columns, tmp_path)
    assert set(found) == {"unlisted_dividend"}
    assert "capital gains" in found["unlisted_dividend"].mend


def test_a_column_of_capital_gains_is_read(tmp_path: Path) -> None:
    """The gain is what the price and the adjusted close carry: nothing to find, and our close equals the adjusted one.

    Where Yahoo has the gain in Dividends as well, it is not added again.
    """
    for twice in (False, True):
        columns, k = fund(5, 0.06, listed=0, implied=1)
        gain = 0.06 * columns["Close"][k - 1]
        gains = np.zeros(len(columns["Date"]))
        gains[k] = gain
        columns["Dividends"][k] += twice * gain
        found = findings({**columns, "Capital Gains": gains}, tmp_path)
        (prices,) = load(Source("file", path=str(tmp_path / "S.csv"), symbols=("S",)))
        assert found == {}, twice
        assert prices.dividends[k] == pytest.approx(1.0 + gain)
        assert sorted(findings(columns, tmp_path)) == ([] if twice else ["understated_dividend"])


def test_days_copied_forward_do_not_hide_the_exchange(tmp_path: Path) -> None:
    """Every weekday of a London stock, holidays copied forward: the days that moved fit London alone."""
    columns = stock(700, calendar="XLON")
    days = np.arange(columns["Date"][0], columns["Date"][-1] + 1)
    days = days[np.is_busday(days)]
    last = np.searchsorted(columns["Date"], days, side="right") - 1
    columns = {name: values[last] for name, values in columns.items()} | {"Date": days}
    found = findings(columns, tmp_path)
    assert "XLON" in found["source"].message
    copied = ~np.isin(days, sessions_between("XLON", days[0], days[-1]))
    assert found["copied_rows"].count == copied.sum() > 10
    assert "extra_sessions" not in found
    newest_first = {name: values[::-1] for name, values in columns.items()}
    assert "XLON" in findings(newest_first, tmp_path)["source"].message


def test_a_dividend_listed_at_twice_what_the_price_fell(tmp_path: Path) -> None:
    """The adjusted close has it twice as well, so only the price can tell: it does for large ones, not for small."""
    named = []
    for seed in range(20):
        columns, k = fund(seed, 0.06, listed=2, implied=2)
        found = findings(columns, tmp_path)
        named.append(
            set(found) == {"doubled_dividend"} and found["doubled_dividend"].dates == (str(columns["Date"][k]),)
        )
        small, _ = fund(seed, 0.015, listed=2, implied=2)
        assert set(findings(small, tmp_path)) == set()
        right, _ = fund(seed, 0.12, listed=1, implied=1)
        assert set(findings(right, tmp_path)) == set()
    assert sum(named) >= 18
