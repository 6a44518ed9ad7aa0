"""A year in the life of a ledger: every evening of 2018, with all the trouble a source can make."""

from pathlib import Path

import numpy as np
import pytest
from yahoo_year import Share, Yahoo, served

from beatnaive.core.errors import SourceUnreachable
from beatnaive.forecasting.ledger import chain, clock
from beatnaive.forecasting.ledger.ledger import add, init
from beatnaive.forecasting.ledger.settle import settle
from beatnaive.forecasting.ledger.standing import standing
from beatnaive.forecasting.ledger.verify import verify
from beatnaive.prices.calendars import sessions_between
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore
from beatnaive.study.spec import parse

SHARES = {
    "AAA": Share(1, splits={"2018-06-11": 4.0}, dividends={"2018-03-12": 2.0, "2018-08-10": 0.5}),
    "BBB": Share(2, delisted="2018-09-14"),
    "CCC": Share(3, wrong={"2018-04-18": (1.02, "2018-04-24T12:00")}),
}
STUDY = {
    "source": {"kind": "yahoo", "symbols": list(SHARES), "start": "2017-03-01"},
    "features": [],
    "split": {"kind": "walk_forward", "first": 120, "refit_every": 250},
    "models": {"naive": {}, "drift": {}, "moving_average": {}},
}
NO_NETWORK = {f"2018-05-{day:02}" for day in range(7, 12)}


@pytest.fixture(scope="module")
def year(tmp_path_factory) -> dict:
    """The ledger's folder, and what happened on the way."""
    place: Path = tmp_path_factory.mktemp("year")
    yahoo, told = Yahoo(SHARES), {"unreachable": [], "revised": [], "late": [], "waits": {}, "twice": 0}
    with served(yahoo, place), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: yahoo.now)
        yahoo.now = np.datetime64("2017-12-29T22:30:00")
        Recorder(RunStore(place / "run")).run(parse(STUDY, "year"), pages=False)
        init(place / "ledger")
        for day in np.arange(np.datetime64("2018-01-02"), np.datetime64("2019-01-01")):
            if day.item().weekday() == 6:
                continue  # one day of a weekend is enough
            yahoo.now, yahoo.down = np.datetime64(f"{day}T22:30:00"), str(day) in NO_NETWORK
            yahoo.lag = 1 if str(day) == "2018-01-02" else 0
            try:
                done = settle(place / "ledger")
                told["revised"] += done.revised
                told["waits"].update(done.waiting)
                added = add(place / "ledger", run=place / "run")
                told["late"] += added.late
                if day.item().day == 15:  # now and then twice a day
                    told["twice"] += len(add(place / "ledger", run=place / "run").written)
                    told["twice"] += settle(place / "ledger").settled
            except SourceUnreachable:
                told["unreachable"].append(str(day))
        told["last"] = settle(place / "ledger")
        told["folder"] = place / "ledger"
    return told


def rows(folder: Path) -> list[tuple]:
    with chain.opened(folder) as connection:
        query = "SELECT symbol, origin, session, state, value, reason, closes_at, entry FROM calls ORDER BY session"
        return connection.execute(query).fetchall()


def test_it_ends_complete(year):
    found = rows(year["folder"])
    sessions = {str(day) for day in sessions_between("XNYS", np.datetime64("2018-01-04"), np.datetime64("2018-12-31"))}
    # the first forecast in time is that of 4 January; these four would have been written in the week without network
    missing = {"2018-05-08", "2018-05-09", "2018-05-10", "2018-05-11"}
    settled = {symbol: {row[2] for row in found if row[0] == symbol and row[3] == "settled"} for symbol in SHARES}
    assert settled["AAA"] == settled["CCC"] == sessions - missing
    assert settled["BBB"] == {day for day in sessions - missing if day <= "2018-09-14"}
    waiting = [row for row in found if row[3] == "waiting" and row[2] <= "2018-12-31"]
    assert [(row[0], row[2]) for row in waiting] == [("BBB", "2018-09-17")]
    assert "delisted" in waiting[0][5]
    assert {"2018-07-03", "2018-11-23", "2018-12-24"} <= settled["AAA"]  # half days
    assert year["twice"] == 0


def test_the_week_without_network_and_the_late_entry_are_told(year):
    assert set(year["unreachable"]) == NO_NETWORK
    assert year["late"] == ["AAA", "BBB", "CCC"]
    late = [row for row in rows(year["folder"]) if row[3] == "late"]
    assert {(row[1], row[2], row[4]) for row in late} == {("2017-12-29", "2018-01-02", None)}


def test_nothing_is_scored_that_was_made_after_its_close(year):
    with chain.opened(year["folder"]) as connection:
        made_at = {one.number: one.data["made_at"] for one in chain.check(connection) if one.kind == "forecasts"}
    for _, _, _, state, _, _, closes_at, entry in rows(year["folder"]):
        assert (made_at[entry] > closes_at) == (state == "late")


def test_returns_are_those_of_the_market_through_splits_and_dividends(year):
    for symbol, origin, session, state, value, *_ in rows(year["folder"]):
        share = SHARES[symbol]
        if state != "settled" or "2018-04-18" in (origin, session):
            continue
        start, end = (share.closes[share.days == np.datetime64(day)][0] for day in (origin, session))
        ratio, paid = share.splits.get(session, 1.0), share.dividends.get(session, 0.0)
        # what a holder had: the close, times the shares a split made, over the close less the dividend's share
        before = start * (1 - paid / (start / ratio)) / ratio
        assert value == pytest.approx(np.log(end / before), abs=1e-6), (symbol, session)


def test_the_revision_is_told_and_the_split_is_none(year):
    both = {("CCC", "2018-04-18"), ("CCC", "2018-04-19")}
    assert {(one["symbol"], one["session"]) for one in year["revised"]} == both
    told = standing(year["folder"])["contests"][0]["revised"]
    assert {(one["symbol"], one["session"]) for one in told} == both
    first = next(one for one in told if one["session"] == "2018-04-18")
    assert first["was"] - first["now"] == pytest.approx(np.log(1.02), abs=1e-6)


def test_it_verifies_and_its_bets_are_on_every_session(year):
    found = verify(year["folder"])
    assert found["notes"] == []
    contest = standing(year["folder"])["contests"][0]
    assert contest["sessions"] == len({row[2] for row in rows(year["folder"]) if row[3] == "settled"})
    assert contest["settled"] == sum(row[3] == "settled" for row in rows(year["folder"]))
