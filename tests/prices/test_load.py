"""What `load` cuts, refuses and promises, whatever the source."""

import importlib
import subprocess
import sys
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.prices import SOURCES, Source, Synthetic, load
from beatnaive.prices.loader import years_before


def test_years_count_back_from_the_last_session() -> None:
    (prices,) = load(Source(years=5))
    assert prices.sessions[[0, -1]].astype(str).tolist() == ["2013-12-31", "2018-12-31"]
    (prices,) = load(Source(years=1, end=date(2010, 6, 15)))
    assert prices.sessions[[0, -1]].astype(str).tolist() == ["2009-06-15", "2010-06-15"]


def test_start_wins_over_years() -> None:
    (prices,) = load(Source(years=5, start=date(2018, 12, 3)))
    assert prices.sessions[0] == np.datetime64("2018-12-03")


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 90))
def test_years_before_is_the_same_day_of_the_year(day: date, years: int) -> None:
    back = years_before(day, years)
    assert (back.year, back.month) == (day.year - years, day.month)
    assert back.day == day.day or (day.month, day.day, back.day) == (2, 29, 28)


def test_prices_after_as_of_are_dropped_and_an_end_after_it_refused() -> None:
    (prices,) = load(Source(as_of=date(2015, 3, 1)))
    assert prices.sessions[-1] == np.datetime64("2015-02-27")
    assert prices.as_of == np.datetime64("2015-03-01")
    with pytest.raises(InputError, match="end 2016-01-01 is later than as_of 2015-03-01"):
        load(Source(as_of=date(2015, 3, 1), end=date(2016, 1, 1)))


def test_as_of_is_the_last_session_by_default() -> None:
    (prices,) = load(Source(end=date(2015, 3, 1)))
    assert prices.as_of == np.datetime64("2015-02-27")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source(start=date(2030, 1, 1)), r"\^GSPC has no rows from 2030-01-01 to the end: it has 1999.* to 2018-12-31"),
        (Source(end=date(1990, 1, 1)), "has no rows from the beginning to 1990-01-01"),
        (Source(start=date(2010, 1, 2), end=date(2010, 1, 1)), "start 2010-01-02 is later than end 2010-01-01"),
        (Source(years=0), "years = 0: give a number"),
        (Source(symbols=("APPL",)), "has no symbol 'APPL': did you mean 'AAPL'"),
        (Source(symbols=("AAPL", "^GSPC"), start=date(2020, 1, 1)), r"\^GSPC has no rows from 2020-01-01"),
    ],
)  # fmt: skip
def test_a_wrong_source_is_one_clear_line(source: Source, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load(source)
    assert "\n" not in str(caught.value)


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown source 'yahho': did you mean 'yahoo'"):
        load(Source("yahho"))


def test_a_whole_panel_leaves_out_symbols_without_rows_in_the_period() -> None:
    got = load(Source(symbols=("*",), start=date(2020, 1, 1)))
    assert len(got) == 20
    assert all(len(prices) for prices in got)


def test_a_source_of_ones_own_is_named_by_module(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "own.py").write_text(
        "from beatnaive.prices import synthetic\ndef read(source, progress=None):\n    return synthetic.read(source)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert len(load(Source("own:read", synthetic=Synthetic(n=10)))[0]) == 10


@pytest.mark.parametrize(
    "source", [Source(symbols=("*",)), Source("synthetic", synthetic=Synthetic(n=500))], ids=["sample", "synthetic"]
)
def test_every_source_keeps_the_promises_of_prices(source: Source) -> None:
    for prices in load(source):
        assert (np.diff(prices.sessions) > np.timedelta64(0, "D")).all()
        assert (np.diff(prices.closes_at) > np.timedelta64(0, "s")).all()
        assert prices.bars.shape == (len(prices), 5)
        assert len(prices.provenance.sha256) == 64
        assert prices.provenance.source
        assert not prices.filled.any()
        assert not prices.bars.flags.writeable


def test_every_row_of_the_table_exists() -> None:
    for reference in SOURCES.values():
        module, _, name = reference.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


def test_a_source_is_read_from_toml_and_refuses_unknown_keys() -> None:
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(Source)
    source = adapter.validate_python(
        {"kind": "synthetic", "symbols": ["A"], "start": date(2001, 1, 1), "synthetic": {"model": "garch", "n": 7}}
    )
    assert source == Source("synthetic", ("A",), start=date(2001, 1, 1), synthetic=Synthetic("garch", 7))
    for wrong in ({"kid": "file"}, {"synthetic": {"modell": "garch"}}, {"fill": "backward"}):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


def test_importing_sources_costs_nothing_heavy() -> None:
    heavy = "('pandas', 'pyarrow', 'yfinance', 'exchange_calendars', 'pydantic')"
    code = f"import sys, beatnaive.prices, beatnaive.prices.quality; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
