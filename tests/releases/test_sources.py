"""The sources: embedded fundamentals, files, headlines, other prices, and local servers that answer as the real do."""

from pathlib import Path

import numpy as np
import pytest
from release_servers import Alfred

from beatnaive.core.errors import InputError, SourceUnreachable
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases import ReleaseSpec, read_release
from beatnaive.releases.fred import Fred
from beatnaive.releases.join import history, join
from beatnaive.releases.news import News
from beatnaive.releases.table import Releases


def newest(table: Releases, day: str) -> float:
    """The newest period's value at New York's close of a day."""
    days = np.array([day], "datetime64[D]")
    return float(join(history(table), days, closes("XNYS", days), "XNYS")[0, 0])


def test_unemployment_of_august_reads_38_in_september_and_37_after_its_revision(server: str) -> None:
    table = read_release("u", ReleaseSpec("fred", {"series": "UNRATE", "server": f"{server}/fred"}), ["^GSPC"])
    august = table.take(table.period_end == np.datetime64("2023-08-31"))
    assert august.known_by(np.datetime64("2023-09-15T20:00")).value.tolist() == [3.8]
    assert august.known_by(np.datetime64("2024-01-09T21:00")).value[-1] == 3.7
    assert (newest(table, "2023-09-01"), newest(table, "2023-09-05")) == (3.5, 3.8)


def test_a_declared_hour_makes_prices_known_on_the_day(server: str) -> None:
    spec = ReleaseSpec("fred", {"series": "CPIAUCSL", "server": f"{server}/fred", "at": "08:30"})
    table = read_release("cpi", spec, ["^GSPC"])
    assert [newest(table, day) for day in ("2023-04-11", "2023-04-12")] == [301.648, 301.808]


def test_requests_are_cut_into_vintages_and_repeat_nothing(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ReleaseSpec("fred", {"series": "UNRATE", "server": f"{server}/fred"})
    whole = read_release("u", spec, [])
    asked = len(Alfred.asked)
    read_release("u", spec, [])
    assert len(Alfred.asked) == asked, "the second time from the cache"
    monkeypatch.setattr("beatnaive.releases.fred.VINTAGES", 2)
    again = read_release("u", ReleaseSpec("fred", {**spec.options, "refresh": True}), [])
    np.testing.assert_array_equal(again.value, whole.value)
    np.testing.assert_array_equal(again.known_at, whole.known_at)
    assert len(whole) == 5


def test_a_server_that_ignores_vintages_is_not_believed(server: str) -> None:
    Alfred.broken = "today"
    with pytest.raises(SourceUnreachable, match="does not list"):
        Fred("UNRATE", server=f"{server}/fred").read([])


def test_what_fred_cannot_do_is_one_line(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="does not exist") as error:
        Fred("NOPE", server=f"{server}/fred").read([])
    assert "secret" not in str(error.value)
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        Fred("UNRATE", server="http://127.0.0.1:9/fred").read([])
    monkeypatch.delenv("FRED_API_KEY")
    with pytest.raises(InputError, match="needs a key"):
        Fred("UNRATE", server=f"{server}/fred").read([])


@pytest.mark.parametrize("kind", ["edgar", "fundamentals"])
def test_mercks_revenue_of_2019_reads_4684_from_its_filing_and_not_3912(kind: str, server: str) -> None:
    """39.12 bn is how 2019 reads today, after the sale of a division: nobody knew that in 2020."""
    options = {"facts": ["Revenues"], "server": server, "tickers": f"{server}/tickers.json"} if kind == "edgar" else {}
    table = read_release("f", ReleaseSpec(kind, options), ["MRK"])
    revenue = table.of_series("Revenues" if kind == "edgar" else "Revenue", "MRK")
    shown = revenue.known_by(np.datetime64("2020-02-27T05:00:00"))  # the end of 26 February in New York
    assert shown.period_end[-1] == np.datetime64("2019-12-31")
    assert shown.value[-1] / 1e9 == pytest.approx(46.84)
    assert revenue.known_by(np.datetime64("2020-02-26T21:00:00")).period_end[-1] == np.datetime64("2018-12-31")
    days = sessions_between("XNYS", np.datetime64("2020-02-26"), np.datetime64("2021-01-29"))
    made = join(history(revenue), days, closes("XNYS", days), "XNYS")[:, 0]
    assert set(np.round(made[1:] / 1e9, 2)) == {46.84}
    if kind == "fundamentals":
        assert not (np.round(revenue.value / 1e9, 2) == 39.12).any()


def test_edgar_asks_who_sends_it(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BEATNAIVE_SEC_AGENT")
    with pytest.raises(InputError, match="BEATNAIVE_SEC_AGENT"):
        read_release("f", ReleaseSpec("edgar", {"server": server, "tickers": f"{server}/tickers.json"}), ["MRK"])


def test_forty_rows_without_a_reliable_filing_date_are_left_out() -> None:
    from beatnaive.releases.embedded import embedded

    frame = embedded("fundamentals")[0].to_pandas()
    symbols = sorted(frame["ticker"].unique())
    table = read_release("f", ReleaseSpec("fundamentals"), symbols)
    assert (len(symbols), int((~frame["filed_reliable"]).sum())) == (40, 40)
    assert len(table) == len(frame) - 40
    assert "40 values with implausible filing dates" in table.provenance.note


def written(folder: Path, text: str, name: str = "mine.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_long_file_and_a_wide_one_say_the_same(tmp_path: Path) -> None:
    long = written(
        tmp_path, "period_end,known_at,value\n2023-02-28,2023-03-14 08:30,1\n2023-03-31,2023-04-12 08:30,2\n"
    )
    wide = written(
        tmp_path, "date,published,orders\n2023-02-28,2023-03-14 08:30,1\n2023-03-31,2023-04-12 08:30,2\n", "w.csv"
    )
    one, other = (read_release("x", ReleaseSpec("file", {"path": path}), ["A"]) for path in (long, wide))
    np.testing.assert_array_equal(one.known_at, other.known_at)
    assert one.known_at[1] == np.datetime64("2023-04-12T12:30:00")
    assert [newest(one, day) for day in ("2023-04-11", "2023-04-12")] == [1, 2]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("period_end,value\n2023-02-28,1\n", {}, "declare lag"),
        ("period_end,known_at,value\n2023-02-28,2023-02-20,1\n", {}, "before its period ended"),
        ("period_end,known_at,value\n2023-02-28,2023-03-20,1\n2023-02-28,2023-03-20,1\n", {}, "twice"),
        ("period_end,known_at,value\n2023-02-28,2093-03-20,1\n", {}, "in the future"),
        ("period_end,known_at,value\n2023-02-28,2023-03-20,much\n", {}, "row 1 says 'much' in value"),
        ("period_end,known_at,value\n2023-02-28,2023-03-20,1\n", {"zone": "Mars/X"}, "unknown time zone"),
        ("symbol,period_end,known_at,value\nB,2023-02-28,2023-03-20,1\n", {}, "nothing on A"),
        ("when,known_at,value\n2023-02-28,2023-03-20,1\n", {}, "add a column period_end"),
        ("period_end,known_at,value\nsoon,2023-03-20,1\n", {}, "row 1 says 'soon'"),
        ("", {}, "cannot be read"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, text: str, options: dict, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=words) as error:
        read_release("x", ReleaseSpec("file", {"path": path, **options}), ["A"])
    assert len(str(error.value)) < 280


def test_a_declared_lag_is_said_to_be_assumed(tmp_path: Path) -> None:
    path = written(tmp_path, "date,value\n2023-02-28,1\n")
    table = read_release("x", ReleaseSpec("file", {"path": path, "lag": "45d"}), [])
    assert "45d" in table.assumed
    assert table.known_at[0] == np.datetime64("2023-04-15T04:00:00")


HEADLINES = """time,headline,symbol
2024-03-05 15:59,Profits surge to a great record,
2024-03-05 16:01,Bank fails in panic,
2024-03-05,Terrible losses,
2024-03-08 20:00,Wonderful rally,
2024-03-05 10:00,Awful fraud,B
"""


def test_headlines_after_the_close_belong_to_the_next_session(tmp_path: Path) -> None:
    """By hand: one headline before Tuesday's close, two known on Wednesday, Friday evening's on Monday."""
    table = News(written(tmp_path, HEADLINES), scorer="vader").read(["A"])
    count = table.of_series("count", "A")
    assert dict(zip(count.period_end.astype(str), count.value, strict=True)) == {
        "2024-03-05": 1, "2024-03-06": 2, "2024-03-11": 1,
    }  # fmt: skip
    mean = dict(zip(count.period_end.astype(str), table.of_series("mean", "A").value, strict=True))
    assert mean["2024-03-05"] > 0 > mean["2024-03-06"]
    spread = table.of_series("dispersion", "A").value
    assert spread[0] == pytest.approx(0, abs=1e-9)
    assert spread[1] > 0


def test_a_lexicon_of_ones_own(tmp_path: Path) -> None:
    words = written(tmp_path, "word,score\nsurge,1\nfails,-1\npanic,-0.5\n", "words.csv")
    table = News(written(tmp_path, HEADLINES), scorer="lexicon", words=words).read(["A"])
    assert table.of_series("mean", "A").value.tolist() == [1.0, -0.375, 0.0]
    with pytest.raises(InputError, match="needs a list of words"):
        News(written(tmp_path, HEADLINES), scorer="lexicon").read(["A"])


def test_other_prices_are_joined_by_instants_of_closes() -> None:
    table = read_release("nasdaq", ReleaseSpec("prices", {"series": "^IXIC"}), ["^GSPC"])
    days = sessions_between("XNYS", np.datetime64("2010-01-04"), np.datetime64("2010-01-08"))
    here = join(history(table), days, closes("XNYS", days), "XNYS")
    tokyo = join(history(table), days, closes("XTKS", days), "XTKS")
    assert here[:, 1].tolist() == [0] * 5, "the same exchange knows it at the same close"
    np.testing.assert_array_equal(tokyo[1:, 0], here[:-1, 0])
