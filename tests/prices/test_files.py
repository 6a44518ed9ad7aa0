"""Files as people have them: every layout reads to the same prices, every bad one is one clear line."""

import csv
import io
import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beatnaive.cli import main
from beatnaive.core.errors import InputError
from beatnaive.prices import Source, load
from beatnaive.prices.quality import examine_quality

ROWS = [
    ("2024-01-02", 1.1, 3.3, 1.0, 2.2, 10),
    ("2024-01-03", 2.1, 4.3, 2.0, 3.2, 20),
    ("2024-01-16", 3.1, 5.3, 3.0, 4.2, 30),
]
HEADER = "Date,Open,High,Low,Close,Volume"


def write(folder: Path, text: str | bytes, name: str = "T.csv") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def body(dates: list[str] | None = None) -> str:
    rows = [(new, *row[1:]) for new, row in zip(dates or [row[0] for row in ROWS], ROWS, strict=True)]
    return "\n".join(",".join(map(str, row)) for row in rows) + "\n"


def read(path: str, **options: object) -> tuple:
    return load(Source("file", path=path, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{body()}",
        f"date,OPEN,high,LOW,Close,VOLUME\n{body()}",
        f"\ufeff{HEADER}\r\n{body()}".replace("\n", "\r\n").replace("\r\r", "\r"),
        f"{HEADER}\n{body()}".replace(",", ";"),
        f"{HEADER}\n{body()}".replace(",", "\t"),
        f"{HEADER}\n{body(['16/01/2024', '17/01/2024', '30/01/2024'])}",
        f"{HEADER}\n{body(['01/16/2024', '01/17/2024', '01/30/2024'])}",
        f"{HEADER}\n{body(['20240116', '20240117', '20240130'])}",
        f"{HEADER}\n{body(['2024/01/16', '2024/1/17', '2024/01/30'])}",
        f"{HEADER}\n{body(['2024-01-16 00:00:00-05:00', '2024-01-17 00:00:00-05:00', '2024-01-30 00:00:00-05:00'])}",
        f"{HEADER}\n{body(['2024-01-16T05:00:00Z', '2024-01-17T05:00:00Z', '2024-01-30T05:00:00Z'])}",
        f"Ticker,{HEADER}\n" + "".join(f"T,{line}\n" for line in body().splitlines()),
        f"{HEADER},,\n" + "".join(f"{line},,\n" for line in body().splitlines()) + "\n\n",
        "Price,Open,High,Low,Close,Volume\nTicker,T,T,T,T,T\nDate,,,,,\n" + body(),
        "Ticker,T,T,T,T,T\nPrice,Open,High,Low,Close,Volume\nDate,,,,,\n" + body(),
    ],
    ids=["plain", "case", "bom-crlf", "semicolon", "tab", "dmy", "mdy", "compact", "slashes", "offset", "utc", "ticker",
         "trailing", "yfinance", "yfinance-by-ticker"],
)  # fmt: skip
def test_layouts_mean_the_same(tmp_path: Path, text: str) -> None:
    (prices,) = read(write(tmp_path, text))
    assert prices.symbol == "T"
    assert prices.bars.tolist() == [list(row[1:]) for row in ROWS]
    gaps = np.diff(prices.sessions).astype(int).tolist()
    assert gaps == [1, 13]
    assert prices.calendar == "XNYS"


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Date;Close;Volume\n02.01.2024;1.229,56;1.000\n16.01.2024;998,4;\n", "its decimal commas are read as points"),
        (
            "Tag;Auf;Hoch;Tief;Schluss;Menge\n02.01.2024;1.229,5;1.300,0;1.200,0;1.229,56;1.000\n"
            "16.01.2024;998,3;998,5;998,1;998,4;\n",
            "read as Date, Open, High, Low, Close, Volume by position; its decimal commas are",
        ),
        ("Date\tClose\tVolume\n2024-01-02\t1\u00a0229,56\t1000\n2024-01-16\t998,4\tNaN\n", "its decimal commas"),
        ('Date,Close,Volume\n2024-01-02,"1,229.56","1,000"\n2024-01-16,998.4,\n', "what divides its thousands"),
        ("Date;Close;Volume\n2024-01-02;1229.56;1 000\n2024-01-16;998.4;\n", "what divides its thousands is left out"),
    ],
    ids=["semicolon", "by position", "tab", "thousands", "spaces"],
)
def test_numbers_are_read_as_people_write_them_where_they_show_how(tmp_path: Path, text: str, note: str) -> None:
    (prices,) = read(write(tmp_path, text))
    np.testing.assert_array_equal(prices.bars[:, 3:], [[1229.56, 1000], [998.4, np.nan]])
    assert note in prices.provenance.note


def test_spaces_between_the_thousands_of_whole_numbers_are_no_commas(tmp_path: Path) -> None:
    (prices,) = read(write(tmp_path, "Date;Close\n2024-01-02;1 229\n2024-01-16;998\n"))
    assert prices.bars[:, 3].tolist() == [1229, 998]


def test_a_comma_far_down_a_long_file_is_read_too(tmp_path: Path) -> None:
    days = np.arange(np.datetime64("1990-01-01"), np.datetime64("2020-01-01"))
    lines = [f'{day},"1,000.5"' if k == len(days) - 1 else f"{day},999.25" for k, day in enumerate(days)]
    (prices,) = read(write(tmp_path, "\n".join(["Date,Close", *lines])))
    assert prices.bars[[0, -1], 3].tolist() == [999.25, 1000.5]


def test_utc_midnights_of_tokyo_belong_to_the_next_day(tmp_path: Path) -> None:
    (prices,) = read(
        write(tmp_path, "Date,Close\n2023-04-12 15:00:00+00:00,1\n2023-04-13 15:00:00+00:00,2\n"), symbols=("7203.T",)
    )
    assert prices.sessions.astype(str).tolist() == ["2023-04-13", "2023-04-14"]
    assert prices.symbol == "7203.T"


def test_a_declared_order_reads_ambiguous_dates(tmp_path: Path) -> None:
    path = write(tmp_path, "Date,Close\n01/02/2024,1\n02/02/2024,2\n")
    assert read(path, dates="DMY")[0].sessions.astype(str).tolist() == ["2024-02-01", "2024-02-02"]
    assert read(path, dates="MDY")[0].sessions.astype(str).tolist() == ["2024-01-02", "2024-02-02"]


def test_newest_first_is_turned_round_and_said(tmp_path: Path) -> None:
    lines = body().splitlines()[::-1]
    (prices,) = read(write(tmp_path, "\n".join([HEADER, *lines])))
    assert prices.bars[:, 3].tolist() == [2.2, 3.2, 4.2]
    assert "turned round" in prices.provenance.note


def test_disorder_duplicates_gaps_and_nonsense_survive_for_quality(tmp_path: Path) -> None:
    text = "Date,Close\n2024-01-03,-1\n2024-01-02,\n2024-01-02,NaN\n2024-01-04,null\n2024-01-05,0\n"
    (prices,) = read(write(tmp_path, text))
    assert prices.sessions.astype(str).tolist() == [f"2024-01-0{day}" for day in (3, 2, 2, 4, 5)]
    np.testing.assert_array_equal(prices.bars[:, 3], [-1, np.nan, np.nan, np.nan, 0])


def test_columns_that_are_absent_are_missing_and_only_an_adjusted_close_will_do(tmp_path: Path) -> None:
    (prices,) = read(write(tmp_path, "Date,Adj Close\n2024-01-02,5\n2024-01-03,6\n"))
    assert prices.columns == ("Close",)
    assert prices.adjusted is None
    assert prices.bars[:, 3].tolist() == [5, 6]


def test_the_adjusted_close_is_kept_aside(tmp_path: Path) -> None:
    (prices,) = read(write(tmp_path, "Date,Close,Adj Close\n2024-01-02,5,4.5\n2024-01-03,6,6\n"))
    assert prices.bars[:, 3].tolist() == [5, 6]
    assert prices.adjusted is not None
    assert prices.adjusted.tolist() == [4.5, 6]


def test_a_panel_gives_every_symbol_or_those_asked_for_in_that_order(tmp_path: Path) -> None:
    text = "symbol,date,close\nB,2024-01-02,1\nA,2024-01-02,2\nB,2024-01-03,3\nA,2024-01-03,4\nC,2024-01-02,5\n"
    path = write(tmp_path, text, "panel.csv")
    assert [(p.symbol, p.bars[:, 3].tolist()) for p in read(path)] == [("A", [2, 4]), ("B", [1, 3]), ("C", [5])]
    assert [p.symbol for p in read(path, symbols=("C", "A"))] == ["C", "A"]
    assert [p.symbol for p in read(path, symbols=("*",))] == ["A", "B", "C"]


def test_yfinances_table_of_several_symbols(tmp_path: Path) -> None:
    text = "Price,Close,Close,Volume,Volume\nTicker,A,B.L,A,B.L\nDate,,,,\n2024-01-02,1,2,3,4\n2024-01-03,5,6,7,8\n"
    a, b = read(write(tmp_path, text))
    assert (a.symbol, a.calendar, b.symbol, b.calendar) == ("A", "XNYS", "B.L", "XLON")
    assert b.bars[:, [3, 4]].tolist() == [[2, 4], [6, 8]]


def test_parquet_is_told_by_content_with_time_zones_and_an_index(tmp_path: Path) -> None:
    import pandas as pd

    index = pd.DatetimeIndex(["2024-01-02", "2024-01-03"], tz="America/New_York", name="Date")
    frame = pd.DataFrame({"Close": np.float32([1.5, 2.5]), "Volume": [1, 2]}, index=index)
    frame.to_parquet(tmp_path / "T.dat")
    (prices,) = read(str(tmp_path / "T.dat"))
    assert prices.sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03"]
    assert prices.bars[:, 3].tolist() == [1.5, 2.5]
    frame.tz_convert("UTC").to_parquet(tmp_path / "U.parquet")
    assert (read(str(tmp_path / "U.parquet"))[0].sessions == prices.sessions).all()


def test_the_calendar_can_be_declared(tmp_path: Path) -> None:
    (prices,) = read(write(tmp_path, f"{HEADER}\n{body()}"), calendar="24/7")
    assert prices.calendar == "24/7"
    assert prices.closes_at[0] == np.datetime64("2024-01-03T00:00:00")


BAD = {
    "empty": (b"", "is empty: it needs a header and at least one row"),
    "blank": (b"\n\n", "is empty"),
    "header only": (b"Date,Close\n", "has a header but no rows"),
    "binary": (bytes(range(256)) * 4, "is a binary file"),
    "latin-1": ("Date,Close\n2024-01-02,1,\xe9\n".encode("latin-1"), "binary file or not UTF-8"),
    "no close": (b"Date,Open,Volume\n2024-01-02,1,2\n", "has no column for close: it has 'Date', 'Open', 'Volume'"),
    "no date": (b"Open,Close\n1,2\n", "has no column for date"),
    "no header": (b"2024-01-02,1,2\n2024-01-03,1,2\n", "has no column for date and close"),
    "text": (b"Date,Close\n2024-01-02,1\n2024-01-03,abc\n", "'Close', row 3 holds 'abc': write plain numbers"),
    "commas of two kinds": (b'Date,Close\n2024-01-02,"1,234.5"\n2024-01-03,"1,5"\n', "'Close', row 2 holds '1,234.5'"),
    "a comma of either kind": (b"Date;Close\n2024-01-02;1,234\n", "'1,234', which may be a decimal comma or divide"),
    "ambiguous": (b"Date,Close\n01/02/2024,1\n02/02/2024,2\n", 'declare dates = "DMY" or "MDY"'),
    "mixed": (b"Date,Close\n13/02/2024,1\n02/14/2024,2\n", "mixes day/month and month/day"),
    "two digits": (b"Date,Close\n13/02/24,1\n", "no four digits"),
    "no such day": (b"Date,Close\n2024-02-30,1\n", "2024-02-30 is not a date"),
    "year 24": (b"Date,Close\n0024-02-03,1\n", "0024-02-03 is not a plausible date"),
    "words": (b"Date,Close\nyesterday,1\n", "'yesterday' is not a date: write dates as 2024-01-31"),
    "date missing": (b"Date,Close\n2024-01-02,1\n,2\n", "row 2 has no date|'' is not a date"),
    "uneven": (b"Date,Close\n2024-01-02,1\n2024-01-03\n", "row 3 has 1 cells, the header 2"),
    "twice": (b"Date,Close,close\n2024-01-02,1,2\n", "several columns named 'Close'"),
    "damaged parquet": (b"PAR1" + b"x" * 99, "is a damaged Parquet file"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_clear_line(tmp_path: Path, case: str) -> None:
    content, message = BAD[case]
    with pytest.raises(InputError, match=message) as caught:
        read(write(tmp_path, content))
    assert "\n" not in str(caught.value)
    assert "T.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nothing.csv", "no such file: .*nothing.csv; check the path"),
        ("Tt.csv", "no such file: .*; did you mean 'T.csv'"),
        (".", "is a folder: name a CSV or Parquet file in it"),
    ],
)
def test_a_wrong_path_is_one_clear_line(tmp_path: Path, path: str, message: str) -> None:
    write(tmp_path, "Date,Close\n2024-01-02,1\n")
    with pytest.raises(InputError, match=message):
        read(str(tmp_path / path))


def test_wrong_symbols_are_one_clear_line(tmp_path: Path) -> None:
    panel = write(tmp_path, "symbol,date,close\nAAPL,2024-01-02,1\nMSFT,2024-01-02,2\n", "panel.csv")
    with pytest.raises(InputError, match=r"panel\.csv has no symbol 'APPL': did you mean 'AAPL'"):
        read(panel, symbols=("APPL",))
    single = write(tmp_path, "Date,Close\n2024-01-02,1\n")
    with pytest.raises(InputError, match="has no symbol column, so it holds one symbol"):
        read(single, symbols=("A", "B"))
    with pytest.raises(InputError, match="needs a path"):
        load(Source("file"))
    holes = write(tmp_path, "symbol,date,close\nA,2024-01-02,1\n,2024-01-03,2\n", "holes.csv")
    with pytest.raises(InputError, match=r"holes.csv: some rows have no symbol"):
        read(holes)


def test_a_declared_order_that_the_dates_contradict_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "Date,Close\n13/02/2024,1\n")
    with pytest.raises(InputError, match=r'its dates are DMY, not MDY: give dates = "DMY" or leave it out'):
        read(path, dates="MDY")


ORDERS = {"YMD": "%Y-%m-%d", "DMY": "%d/%m/%Y", "MDY": "%m/%d/%Y", "compact": "%Y%m%d"}
finite = st.floats(1e-6, 1e9, allow_nan=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.dictionaries(st.integers(0, 20000), st.tuples(*[finite] * 5), min_size=1, max_size=15),
    order=st.sampled_from(sorted(ORDERS)),
    upper=st.lists(st.booleans(), min_size=6, max_size=6),
    columns=st.permutations(range(6)),
    newest_first=st.booleans(),
)  # fmt: skip
def test_any_order_of_dates_columns_and_case_reads_back_exactly(
    tmp_path, rows, order, upper, columns, newest_first
) -> None:
    rows = sorted(rows.items())
    days = [date(1970, 1, 1) + timedelta(days) for days, _ in rows]
    table = [[day.strftime(ORDERS[order]), *map(repr, values)] for day, (_, values) in zip(days, rows, strict=True)]
    names = [name.upper() if up else name for name, up in zip(HEADER.split(","), upper, strict=True)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([names[k] for k in columns])
    writer.writerows([row[k] for k in columns] for row in (table[::-1] if newest_first else table))
    declared = order if order in ("DMY", "MDY") else None
    (prices,) = read(write(tmp_path, out.getvalue()), dates=declared)
    assert prices.sessions.tolist() == days
    assert prices.bars.tolist() == [list(values) for _, values in rows]


def test_the_panels_of_real_data_read_fast_and_whole(shared_data: Path) -> None:
    got = read(str(shared_data / "panel_sp500_2016_2026.parquet"))
    assert (len(got), sum(map(len, got))) == (506, 1_237_981)
    apple = next(prices for prices in got if prices.symbol == "AAPL")
    (single,) = read(str(shared_data / "AAPL_raw_2016_2026.csv"), symbols=("AAPL",))
    np.testing.assert_allclose(apple.bars[:, 3], single.bars[:, 3], rtol=1e-6)
    got = read(str(shared_data / "panel_stocknet88_2012_2017_MIT.parquet"))
    assert (len(got), sum(map(len, got))) == (88, 108_592)
    assert all((np.diff(prices.sessions) > np.timedelta64(0, "D")).all() for prices in got)


def test_yfinances_three_line_file(shared_data: Path) -> None:
    (prices,) = read(str(shared_data / "defects" / "RELIANCE_yf_multiheader_raw.csv"))
    assert (prices.symbol, prices.calendar, len(prices)) == ("RELIANCE.NS", "XBOM", 7255)
    assert prices.bars[-1].tolist() == [
        1229.4000244140625, 1268.8499755859375, 1222.449951171875, 1265.4000244140625, 20467050.0,
    ]  # fmt: skip


def test_day_month_year_files_show_their_order(shared_data: Path) -> None:
    (prices,) = read(str(shared_data / "defects" / "EURUSD_2016_2020_nan_dmy.csv"), symbols=("EURUSD=X",))
    assert prices.sessions[[0, -1]].astype(str).tolist() == ["2016-01-01", "2020-12-31"]
    assert (np.diff(prices.sessions) > np.timedelta64(0, "D")).all()


def hostile(folder: Path, kind: str) -> str:
    """A path that is not a file of prices."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "h.parquet"
    days = pa.array([date(2024, 1, 2), date(2024, 1, 3)])
    if kind == "pipe":
        os.mkfifo(folder / "pipe")
        return str(folder / "pipe")
    if kind == "loop":
        (folder / "a").symlink_to(folder / "b")
        (folder / "b").symlink_to(folder / "a")
        return str(folder / "a")
    if kind == "long":
        return str(folder / ("x" * 6000))
    if kind == "long path":
        return str(folder) + "/x" * 3000
    if kind == "lists":
        pq.write_table(pa.table({"Date": days, "Close": pa.array([[1.0], [2.0]])}), path)
    if kind == "list of symbols":
        pq.write_table(pa.table({"Date": days, "Close": [1.0, 2.0], "Symbol": pa.array([["A"], ["B"]])}), path)
    if kind == "zone":
        stamps = pa.array([0, 86400], pa.timestamp("s", "Mars/Base"))
        pq.write_table(pa.table({"Date": stamps, "Close": [1.0, 2.0]}), path)
    if kind == "struct dates":
        pq.write_table(pa.table({"Date": pa.array([{"d": 1}, {"d": 2}]), "Close": [1.0, 2.0]}), path)
    return {"device": "/dev/zero", "null": "/dev/null", "nobody": "~nobody-at-all/prices.csv"}.get(kind, str(path))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("pipe", "is a device or a pipe"),
        ("device", "is a device or a pipe"),
        ("null", "is a device or a pipe"),
        ("loop", "cannot be read"),
        ("long", "cannot be read"),
        ("long path", "cannot be read"),
        ("nobody", "no such file"),
        ("lists", "the column 'Close' holds list"),
        ("list of symbols", "the column 'Symbol' holds list"),
        ("zone", "unknown time zone 'Mars/Base'"),
        ("struct dates", "the date column holds struct"),
    ],
)
def test_what_is_not_a_file_of_prices_is_one_line_and_exit_2(
    tmp_path: Path, kind: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["fetch", "--source", hostile(tmp_path, kind)])
    err = capsys.readouterr().err
    assert left.value.code == 2, err
    assert message in err
    assert err.count("\n") == 1
    assert len(err) < 300


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_line(tmp_path: Path) -> None:
    path = Path(write(tmp_path, "Date,Close\n2024-01-02,1\n"))
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        read(str(path))


@pytest.mark.parametrize(
    ("stamp", "message"),
    [
        ("2024-01-02 25:61", "holds no time of day"),
        ("2024-01-02T24:00:00Z", "holds no time of day"),
        ("2024-01-02 09:30 Mars/Base", "is in an unknown time zone"),
        ("02/01/2024 12:99", "holds no time of day"),
    ],
)
def test_times_that_do_not_exist_are_refused(tmp_path: Path, stamp: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(write(tmp_path, f"Date,Close\n{stamp},1\n"))
    good = ("09:30", "09:30:00", "9:30 PM", "16:00:00.000 EST", "16:00:00-05:00", "16:00 America/New_York")
    for time in good:
        (prices,) = read(write(tmp_path, f"Date,Close\n2024-01-02 {time},1\n"))
        assert str(prices.sessions[0]) == "2024-01-02"


def test_more_symbols_than_a_short_integer_counts(tmp_path: Path) -> None:
    """Beyond 32,767 symbols none is dropped, beyond 65,535 no two share prices."""
    n = 70_000
    rows = "".join(f"S{k:05d},2024-01-02,{k + 1}\n" for k in range(n))
    prices = read(write(tmp_path, f"symbol,date,close\n{rows}"))
    assert [each.symbol for each in prices] == [f"S{k:05d}" for k in range(n)]
    assert [each.bars[0, 3] for each in prices] == list(range(1, n + 1))


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        ("DATE,SP500\n2024-01-02,4742.8\n2024-01-03,4704.8\n", ("Close",), "its header (DATE, SP500)"),
        ("2024-01-02,1,3,0.5,2\n2024-01-03,2,4,1.5,3\n", ("Open", "High", "Low", "Close"), "it has no header"),
        ("a,b,c,d,e,f\n20240102,1,3,0.5,2,9\n20240103,2,4,1.5,3,9\n", ("Open", "High", "Low", "Close", "Volume"),
         "its header (a, b, c, d, e, f)"),
    ],
)  # fmt: skip
def test_a_header_that_means_nothing_is_read_by_position_and_says_so(
    tmp_path: Path, text: str, columns: tuple[str, ...], said: str
) -> None:
    (prices,) = read(write(tmp_path, text, "T.csv"))
    assert prices.columns == columns
    assert prices.sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03"]
    assert said in prices.provenance.note
    assert "read as Date, " in prices.provenance.note
    assert "as one symbol, T, since none is named" in prices.provenance.note
    (finding,) = [one for one in examine_quality([prices]) if one.kind == "source"]
    assert (finding.severity, finding.message) == ("note", prices.provenance.note)


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c,d,e\n2024-01-02,1,0.5,3,2\n",  # the second number is not the highest
        "Date,Volume\n2024-01-02,1\n",  # a column that says what it is
        "a,b,c,d\n2024-01-02,1,2,3\n",  # three numbers: nobody knows
        "when,note\n2024-01-02,good\n",
    ],
)
def test_what_position_cannot_tell_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="has no column for"):
        read(write(tmp_path, text))


def test_a_file_of_several_blocks_reads_whole_and_tells_its_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from beatnaive.prices import csv as reader

    monkeypatch.setattr(reader, "BLOCK", 4096)
    monkeypatch.setattr(reader, "MEGABYTE", 1)
    days = np.arange("2000-01-01", "2008-01-01", dtype="datetime64[D]")
    rows = "".join(f"{day},{symbol},{k + 1}\n" for symbol in "AB" for k, day in enumerate(days))
    seen: list[tuple[int, int, str]] = []
    path = write(tmp_path, f"Date,Symbol,Close\n{rows}")
    first, second = load(Source("file", path=path, calendar="24/7"), lambda *words: seen.append(words))
    assert (len(first), len(second)) == (len(days), len(days))
    assert (second.bars[:, 3] == np.arange(1, len(days) + 1)).all()
    assert len(seen) > 10
    assert seen[-1][0] == seen[-1][1] == Path(path).stat().st_size
    assert seen[-1][2] == "MB of T.csv"
