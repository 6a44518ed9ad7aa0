"""Every check of the contract over every row of RELEASES, and tables that break it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from release_servers import FACTS, SERIES, Alfred, serving
from release_tables import EXAMPLE, days, instants, random_table

from beatnaive import checks
from beatnaive.checks.base import ContractBroken
from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases import RELEASES, ReleaseSpec, read_release
from beatnaive.releases.join import history, join
from beatnaive.releases.spec import transform_of
from beatnaive.releases.table import Releases

Read = Callable[[], Releases]
SYMBOLS = {"fundamentals": ["MRK", "AAPL", "JPM"], "edgar": ["MRK"]}
OF_TODAY = ("file", "news", "fred", "edgar")
"""Kinds whose source grows from day to day; the embedded ones are cut by `later_publications_change_nothing`."""


def values(folder: Path, until: np.datetime64 | None = None) -> str:
    """A file of monthly values with revisions; of what had come out by then."""
    table = random_table(7)
    table = table if until is None else table.known_by(until)
    frame = pd.DataFrame({"period_end": table.period_end, "known_at": table.known_at, "value": table.value})
    path = folder / "values.csv"
    frame.assign(known_at=frame["known_at"].astype(str) + "Z").to_csv(path, index=False)
    return str(path)


def headlines(folder: Path, until: np.datetime64 | None = None) -> str:
    """Two hundred headlines at odd times of two years, on A or on all."""
    rng = np.random.default_rng(2)
    at = np.datetime64("2022-01-03T00:00:00") + np.sort(rng.integers(0, 2 * 365 * 86400, 200)).astype("timedelta64[s]")
    words = rng.choice(["surge to a record", "fail in panic", "hold still", "lose badly"], 200)
    frame = pd.DataFrame({"time": at, "headline": words, "symbol": rng.choice(["", "A"], 200)})
    frame = frame if until is None else frame[frame["time"] <= until]
    path = folder / "news.csv"
    frame.assign(time=frame["time"].astype(str) + "+00:00").to_csv(path, index=False)
    (folder / "words.csv").write_text("word,score\nsurge,1\nfail,-1\npanic,-0.5\nlose,-0.7\n", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("releases")
    with pytest.MonkeyPatch.context() as patch, serving(folder / "cache", patch) as server:
        yield folder, server


def spec_of(kind: str, place: tuple[Path, str]) -> ReleaseSpec:
    folder, server = place
    options = {
        "file": {"path": str(folder / "values.csv")},
        "news": {"path": str(folder / "news.csv"), "scorer": "lexicon", "words": str(folder / "words.csv")},
        "prices": {"series": "^IXIC"},
        "fred": {"series": "WALK", "server": f"{server}/fred"},
        "edgar": {"facts": ["Revenues"], "server": server, "tickers": f"{server}/tickers.json"},
    }
    values(folder), headlines(folder)
    return ReleaseSpec(kind, options.get(kind, {}))


@pytest.mark.parametrize("check", checks.CHECKS["release"], ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", RELEASES)
def test_releases(kind: str, check: Callable[..., None], place: tuple[Path, str]) -> None:
    spec = spec_of(kind, place)

    def read() -> Releases:
        return read_release(kind, spec, SYMBOLS.get(kind, ["A"]))

    if check is checks.release_reads_offline:
        check(read)
    elif check is checks.later_publications_change_nothing:
        check(read(), transform_of(kind, spec))
        if kind == "file":
            for transform in ("level", "log", "difference", "year_on_year", "surprise"):
                check(read(), transform)
    else:
        check(read())


@pytest.mark.parametrize("kind", OF_TODAY)
def test_a_source_read_on_an_earlier_day_says_the_same_of_the_days_before(kind: str, place: tuple[Path, str]) -> None:
    """The source itself is cut at fifty days: the file as it then was, the server's answers of then."""
    spec, symbols = spec_of(kind, place), SYMBOLS.get(kind, ["A"])
    if kind in ("fred", "edgar"):
        spec = replace(spec, options={**spec.options, "refresh": True})
    whole = read_release(kind, spec, symbols)
    transform = transform_of(kind, spec)
    name = whole.names[0]
    sessions = sessions_between("XNYS", whole.known_at.min().astype("datetime64[D]"), np.datetime64("2024-03-28"))
    origin = closes("XNYS", sessions)
    made = join(history(whole.of_series(name, symbols[0]), transform), sessions, origin, "XNYS")
    told = 0
    for cut in np.linspace(25, len(sessions) - 1, 50).astype(int).tolist():
        until = origin[cut - 1]
        if kind == "file":
            values(place[0], until)
        elif kind == "news":
            headlines(place[0], until)
        else:  # a vintage counts from the end of its day: at this close yesterday's is known
            Alfred.until = str(until.astype("datetime64[D]") - 1)
        part = read_release(kind, spec, symbols).of_series(name, symbols[0])
        before = join(history(part, transform), sessions[:cut], origin[:cut], "XNYS")
        np.testing.assert_array_equal(before, made[:cut])
        told += bool(np.isfinite(before).any())
    Alfred.until = "9999-12-31"
    assert told >= 25, "most cuts have something to compare"


def small(**changes: object) -> Releases:
    given = {
        "name": "x", "period_end": days("2020-01-31", "2020-02-29"), "known_at": instants("2020-02-10", "2020-03-10"),
        "value": np.array([1.0, 2.0]), "provenance": EXAMPLE,
    }  # fmt: skip
    return Releases.of(**{**given, **changes})  # type: ignore[arg-type]


def test_tables_that_break_the_contract_are_told() -> None:
    sound = small()
    backwards = replace(sound, known_at=sound.known_at[::-1].copy())
    twice = small(period_end=days("2020-01-31", "2020-01-31"), known_at=instants("2020-02-10", "2020-02-10"))
    for check, broken, words in (
        (checks.publications_increase, backwards, "does not ascend"),
        (checks.publications_increase, twice, "of one instant"),
        (checks.publications_follow_periods, small(value=np.array([1.0, np.nan])), "not finite"),
        (checks.publications_follow_periods, small(known_at=instants("2020-01-10", "2020-03-10")), "before its period"),
        (checks.publications_follow_periods, small(known_at=instants("2020-02-10", "2999-03-10")), "in the future"),
        (checks.states_origin, small(provenance=replace(EXAMPLE, sha256="")), "sha256"),
    ):
        check(sound)
        with pytest.raises(ContractBroken, match=words):
            check(broken)


def test_a_reading_that_changes_or_needs_the_network_is_told() -> None:
    tables = iter([small(), small(value=np.array([1.0, 3.0]))])
    with pytest.raises(ContractBroken, match="another value"):
        checks.release_reads_offline(lambda: next(tables))


def test_a_table_that_is_not_in_order_of_publication_depends_on_the_future() -> None:
    """A join that searches rows out of order finds another one once later rows are there."""
    table = random_table(3)
    mixed = np.random.default_rng(0).permutation(len(table))
    with pytest.raises(ContractBroken, match="depends on what came later"):
        checks.later_publications_change_nothing(table.take(mixed))


def test_the_servers_tables_are_of_use() -> None:
    assert len(SERIES["WALK"]) == 30
    assert len(FACTS["facts"]["us-gaap"]["Revenues"]["units"]["USD"]) == 5
