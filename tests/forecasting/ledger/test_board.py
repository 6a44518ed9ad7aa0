"""What a ledger has to show: against its own entries, read by hand."""

import math
import shutil

import numpy as np
import pytest
from planted_ledger import plant

from beatnaive.forecasting.ledger import chain, clock
from beatnaive.forecasting.ledger.board import board
from beatnaive.forecasting.ledger.ledger import init
from beatnaive.forecasting.ledger.standing import standing


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Forty days of two symbols and three models; folder, returns (40, 2), and the entries of forecasts."""
    folder = tmp_path_factory.mktemp("board") / "ledger"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: np.datetime64("2014-01-02T12:00:00"))
        init(folder)
    returns = plant(folder, 40)
    with chain.opened(folder) as connection:
        entries = [one.data for one in chain.check(connection) if one.kind == "forecasts"]
    return folder, returns, entries, board(folder)["planted XNYS"]


def test_the_last_odds_are_those_of_today(planted):
    folder, _, _, shown = planted
    ruled = {row["model"]: row for row in standing(folder)["contests"][0]["models"] if "odds" in row}
    session, last = shown["odds"][-1]
    assert session == standing(folder)["contests"][0]["last"]
    assert {name: math.exp(better) for name, (better, _) in last.items()} == pytest.approx(
        {name: row["odds"] for name, row in ruled.items()}, rel=1e-5
    )
    assert len(shown["odds"]) == standing(folder)["contests"][0]["sessions"]
    assert [day for day, _ in shown["odds"]] == sorted(day for day, _ in shown["odds"])


def test_what_is_ahead_is_the_last_entry_in_currency(planted):
    _, _, entries, shown = planted
    last = entries[-1]
    assert [(one["symbol"], one["session"]) for one in shown["ahead"]] == list(
        zip(last["symbols"], last["session"], strict=True)
    )
    for place, one in enumerate(shown["ahead"]):
        for name, made in one["models"].items():
            values = last["forecasts"][name][place]
            assert made["price"] == pytest.approx(100 * math.exp(values[0]))
            assert made["intervals"]["95"] == pytest.approx((100 * math.exp(values[1]), 100 * math.exp(values[9])))
            assert made["intervals"]["50"] == pytest.approx((100 * math.exp(values[4]), 100 * math.exp(values[6])))
        assert [day for day, _ in one["recent"]] == [data["origin"][place] for data in entries[-20:]]


def test_what_came_last_is_measured_against_every_model_and_naive(planted):
    _, returns, entries, shown = planted
    settled = entries[-2] if shown["came"][0]["session"] == entries[-2]["session"][0] else entries[-3]
    day = entries.index(settled)
    assert {one["session"] for one in shown["came"]} == set(settled["session"])
    assert len(shown["came"]) == 6
    for one in shown["came"]:
        place = settled["symbols"].index(one["symbol"])
        made, came = settled["forecasts"][one["model"]][place], returns[day, place]
        assert one["miss"] == pytest.approx(100 * (came - made[0]), abs=1e-6)
        assert one["naive_miss"] == pytest.approx(100 * came, abs=1e-6)
        assert one["inside"] == (made[1] <= came <= made[9])
        assert one["came"] == pytest.approx(100 * math.exp(came), rel=1e-8)


def test_a_book_of_an_earlier_format_shows_nothing_and_is_made_anew(planted, tmp_path):
    folder = tmp_path / "old"
    shutil.copytree(planted[0], folder)
    with chain.opened(folder, write=True) as connection, chain.writing(connection):
        connection.execute("DROP TABLE odds")
        connection.execute("UPDATE book SET format = 1")
    assert board(folder) == {}
    init(folder)
    assert board(folder)["planted XNYS"] == planted[3]
