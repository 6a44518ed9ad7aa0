"""Real files with real defects get the right finding; their repaired partners do not."""

from pathlib import Path

import pytest

from beatnaive.core.errors import DataRefused
from beatnaive.core.types import Finding
from beatnaive.prices import Source, load
from beatnaive.prices.quality import examine_quality, fill_gaps, refuse_fatal

PAIRS = [
    ("yf_4063-T-1d-bad-stock-split", "4063.T", "unapplied_split", "fatal", ("2023-03-29",)),
    ("yf_8TRA-DE-1d-missing-div-adjust", "8TRA.DE", "unadjusted_dividend", "doubt", ("2023-06-02",)),
    ("yf_AET-L-1d-100x-error", "AET.L", "unit_error", "fatal", ("2022-05-09", "2022-05-20")),
    ("yf_KME-MI-1d-bad-div", "KME.MI", "bad_dividend", "doubt", ("2023-05-22",)),
]
ALONE = [
    ("BP_L_2014_2017_weekends_filled", "BP.L", "copied_rows", 334),
    ("EURUSD_2016_2020_nan_dmy", "EURUSD=X", "missing_values", 23),
]


def findings(folder: Path, name: str, symbol: str, fill: str = "none") -> dict[str, Finding]:
    path = folder / "defects" / f"{name}.csv"
    return {
        found.kind: found for found in examine_quality(load(Source("file", path=str(path), symbols=(symbol,))), fill)
    }


@pytest.mark.parametrize(("name", "symbol", "kind", "severity", "dates"), PAIRS)
def test_a_defect_is_found_on_its_dates(
    shared_data: Path, name: str, symbol: str, kind: str, severity: str, dates: tuple[str, ...]
) -> None:
    found = findings(shared_data, name, symbol)
    assert found[kind].severity == severity
    assert found[kind].dates == dates
    assert found[kind].symbol == symbol
    assert found[kind].mend


@pytest.mark.parametrize(("name", "symbol", "kind", "severity", "dates"), PAIRS)
def test_its_repaired_partner_has_none(
    shared_data: Path, name: str, symbol: str, kind: str, severity: str, dates: tuple[str, ...]
) -> None:
    found = findings(shared_data, f"{name}-fixed", symbol)
    assert kind not in found
    assert not [each for each in found.values() if each.severity == "fatal"]


@pytest.mark.parametrize(("name", "exchange"), [(PAIRS[0][0], "XTKS"), (PAIRS[2][0], "XLON"), (PAIRS[3][0], "XMIL")])
def test_a_repaired_file_that_names_no_exchange_is_matched_with_its_own(
    shared_data: Path, name: str, exchange: str
) -> None:
    (prices,) = load(Source("file", path=str(shared_data / "defects" / f"{name}-fixed.csv")))
    assert prices.calendar == exchange
    kinds = {each.kind for each in examine_quality((prices,))}
    assert not kinds & {"missing_sessions", "extra_sessions", "copied_rows", "other_calendar"}


@pytest.mark.parametrize(("name", "symbol", "kind", "count"), ALONE)
def test_defects_that_a_declared_fill_mends(shared_data: Path, name: str, symbol: str, kind: str, count: int) -> None:
    found = findings(shared_data, name, symbol)
    assert (found[kind].severity, found[kind].count) == ("fatal", count)
    with pytest.raises(DataRefused, match=f"{symbol}: {count} rows"):
        refuse_fatal(tuple(found.values()))
    refuse_fatal(tuple(findings(shared_data, name, symbol, fill="forward").values()))
    prices = load(Source("file", path=str(shared_data / "defects" / f"{name}.csv"), symbols=(symbol,)))
    mended = {each.kind for each in examine_quality(fill_gaps(prices, "forward"))}
    assert not mended & {"copied_rows", "missing_values", "missing_sessions", "extra_sessions"}


def test_holidays_that_a_provider_copied_forward(shared_data: Path) -> None:
    found = findings(shared_data, "RELIANCE_yf_multiheader_raw", "RELIANCE.NS")
    assert found["copied_rows"].count == 80
    assert found["calendar_unknown"].severity == "note"
    assert "no_dividends" in found


def test_good_files_have_nothing_fatal(shared_data: Path) -> None:
    assert (
        examine_quality(load(Source("file", path=str(shared_data / "AAPL_raw_2016_2026.csv"), symbols=("AAPL",)))) == ()
    )
    frame = load(Source("file", path=str(shared_data / "AAPL_published_frame.csv"), symbols=("AAPL",)))
    assert examine_quality(frame) == ()


def test_the_sample_has_nothing_fatal_and_its_indices_next_to_nothing() -> None:
    found = examine_quality(load(Source(symbols=("*",))))
    assert {each.severity for each in found} == {"doubt", "note"}
    assert [each.kind for each in found if each.symbol == "^GSPC"] == []
    assert [each.kind for each in found if each.symbol == "^IXIC"] == ["zero_volume"]


def test_the_panel_of_506_survivors(shared_data: Path) -> None:
    found = examine_quality(load(Source("file", path=str(shared_data / "panel_sp500_2016_2026.parquet"))))
    refuse_fatal(found)
    panel = [each for each in found if each.symbol == "*"]
    assert [(each.kind, each.count) for each in panel] == [("survivorship", 506)]
    kinds = {(each.symbol, each.kind) for each in found}
    assert ("DHR", "bad_dividend") in kinds  # a spin-off counted twice: in the prices and as a dividend
    assert ("KDP", "jump") not in kinds  # -82 % on the ex-date of its special dividend is no jump once adjusted
    assert sum(each.count for each in found if each.kind == "zero_volume") == 1813
