"""Sessions and closes, checked against dates that anyone can look up."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from beatnaive.core.errors import UnknownName
from beatnaive.prices import calendars
from beatnaive.prices.calendars import better_fit, calendar_of, closes, next_sessions, recorded, sessions_between, zone


@pytest.fixture(scope="module", autouse=True)
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Calendars are built by the code under test, not taken from the user's cache folder."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEATNAIVE_CACHE", str(folder))
        forget()
        yield folder / "made"
    forget()


def forget() -> None:
    calendars._block.cache_clear()
    calendars._hours.cache_clear()


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[D]")


def test_closes_are_utc_instants_with_daylight_saving_and_half_days() -> None:
    got = closes("XNYS", days("2024-01-02", "2024-07-01", "2024-07-03", "2024-12-24"))
    assert got.astype(str).tolist() == [
        "2024-01-02T21:00:00", "2024-07-01T20:00:00", "2024-07-03T17:00:00", "2024-12-24T18:00:00",
    ]  # fmt: skip


def test_tokyo_closes_fourteen_hours_before_new_york_and_later_since_november_2024() -> None:
    assert closes("XTKS", days("2024-03-05", "2024-11-05")).astype(str).tolist() == [
        "2024-03-05T06:00:00", "2024-11-05T06:30:00",
    ]  # fmt: skip
    assert closes("XNYS", days("2024-03-05"))[0] - closes("XTKS", days("2024-03-05"))[0] == np.timedelta64(15, "h")


def test_crypto_never_rests_and_its_day_ends_at_midnight_utc() -> None:
    assert len(sessions_between("24/7", *days("2023-01-01", "2023-12-31"))) == 365
    assert closes("24/7", days("2023-12-31"))[0] == np.datetime64("2024-01-01T00:00:00")


@pytest.mark.parametrize("closure", ["2001-09-11", "2012-10-29", "2025-01-09", "2024-11-28"])
def test_closures_are_no_sessions(closure: str) -> None:
    assert len(sessions_between("XNYS", np.datetime64(closure), np.datetime64(closure))) == 0


def test_a_date_that_is_no_session_gets_the_usual_hour_in_any_order() -> None:
    got = closes("XNYS", days("2024-07-06", "2024-01-06", "2024-11-29"))
    assert got.astype(str).tolist() == ["2024-07-06T20:00:00", "2024-01-06T21:00:00", "2024-11-29T18:00:00"]


def test_next_sessions_pass_holidays_and_long_stretches() -> None:
    assert next_sessions("XNYS", np.datetime64("2024-12-31"), 1).astype(str).tolist() == ["2025-01-02"]
    many = next_sessions("XNYS", np.datetime64("1999-12-31"), 5000)
    assert len(many) == 5000
    assert (np.diff(many) > np.timedelta64(0, "D")).all()
    assert many[0] == np.datetime64("2000-01-03")


def test_beyond_what_is_recorded_every_weekday_counts() -> None:
    first, last = recorded("XBOM")
    assert str(first) == "1997-01-01"
    assert sessions_between("XBOM", *days("1996-01-01", "1996-01-07")).astype(str).tolist() == [
        f"1996-01-0{day}" for day in range(1, 6)
    ]
    assert closes("XBOM", days("1996-01-02"))[0] == np.datetime64("1996-01-02T10:00:00")
    assert len(next_sessions("XBOM", last, 3)) == 3


def test_an_empty_span_has_no_sessions() -> None:
    assert len(sessions_between("XTKS", *days("1997-01-01", "1960-01-01"))) == 0


def test_sessions_of_blocks_join_without_a_seam() -> None:
    got = sessions_between("XNYS", *days("1999-12-20", "2000-01-10"))
    assert got.astype(str).tolist()[7:11] == ["1999-12-30", "1999-12-31", "2000-01-03", "2000-01-04"]


@pytest.mark.parametrize(
    ("symbol", "code"),
    [
        ("AAPL", "XNYS"), ("brk-b", "XNYS"), ("BF.B", "XNYS"), ("^GSPC", "XNYS"), ("VOD.L", "XLON"), ("7203.T", "XTKS"),
        ("RELIANCE.NS", "XBOM"), ("SAP.DE", "XETR"), ("ENI.MI", "XMIL"), ("0700.HK", "XHKG"), ("^N225", "XTKS"),
        ("BTC-USD", "24/7"), ("ETH-BTC", "24/7"), ("EURUSD=X", "24/5"), ("ES=F", "CMES"),
    ],
)  # fmt: skip
def test_a_symbol_tells_its_calendar(symbol: str, code: str) -> None:
    assert calendar_of(symbol) == code
    assert zone(code)


def test_every_calendar_of_the_tables_exists() -> None:
    from exchange_calendars import get_calendar_names

    from beatnaive.prices.calendars import INDICES, SUFFIXES

    assert {*SUFFIXES.values(), *INDICES.values()} <= set(get_calendar_names())


def test_an_unknown_calendar_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown calendar 'XLOM': did you mean 'XLON'"):
        closes("XLOM", days("2024-01-02"))


@pytest.mark.parametrize("code", ["XNYS", "XTKS", "24/7"])
def test_what_is_kept_equals_exchange_calendars_and_needs_it_no_more(
    made: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    import exchange_calendars

    schedule = exchange_calendars.get_calendar(code, start="2023-01-01", end="2024-12-31").schedule
    sessions_between(code, *days("2023-01-01", "2024-12-31"))
    monkeypatch.setattr(calendars, "_build", None)  # a new process would find the kept blocks
    forget()
    got = sessions_between(code, *days("2023-01-01", "2024-12-31"))
    assert (got == schedule.index.to_numpy().astype("datetime64[D]")).all()
    assert (closes(code, got) == schedule["close"].dt.tz_localize(None).to_numpy().astype("datetime64[s]")).all()
    assert all(exchange_calendars.__version__ in path.name for path in made.iterdir())


def test_a_damaged_or_unwritable_cache_costs_time_and_nothing_else(
    made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    want = sessions_between("XLON", *days("2024-01-01", "2024-12-31"))
    for path in made.glob("*XLON*"):
        path.write_bytes(path.read_bytes()[:-8])
    forget()
    assert (sessions_between("XLON", *days("2024-01-01", "2024-12-31")) == want).all()
    (tmp_path / "file").write_text("a file where a folder should be")
    monkeypatch.setenv("BEATNAIVE_CACHE", str(tmp_path / "file"))
    forget()
    assert (sessions_between("XLON", *days("2024-01-01", "2024-12-31")) == want).all()


def test_a_short_file_is_told_by_days_of_both_kinds_and_not_by_one() -> None:
    tokyo = sessions_between("XTKS", *days("2023-03-15", "2023-04-14"))  # open on Good Friday, shut at the equinox
    found = better_fit("XNYS", tokyo)
    assert found is not None
    assert (found[0].code, found[0].wrong, found[1].missing, found[1].extra) == ("XTKS", 0, 1, 1)
    york = sessions_between("XNYS", *days("2023-03-15", "2023-04-14"))
    assert better_fit("XNYS", np.delete(york, 5)) is None  # a row that is missing is a gap, not another exchange
    assert better_fit("XNYS", np.sort(np.append(york, np.datetime64("2023-04-07")))) is None  # nor is a row too many
