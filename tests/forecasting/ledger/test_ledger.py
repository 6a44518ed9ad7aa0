"""A ledger from the first entry to a year of sessions: idempotent, scored as a loop of one's own scores it."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from planted_ledger import plant

from beatnaive.core.errors import DataRefused, InputError, SourceUnreachable
from beatnaive.core.types import LEVELS
from beatnaive.forecasting.ledger import chain
from beatnaive.forecasting.ledger import settle as settling
from beatnaive.forecasting.ledger.calls import known_prices
from beatnaive.forecasting.ledger.ledger import add, init
from beatnaive.forecasting.ledger.settle import settle
from beatnaive.forecasting.ledger.standing import standing
from beatnaive.forecasting.ledger.verify import verify
from beatnaive.judging.quantile_scores import crps
from beatnaive.prices import Source, load
from beatnaive.study.spec import parse

STUDY = {
    "source": {"kind": "sample", "symbols": ["^GSPC", "^IXIC"], "start": "2016-01-04", "end": "2017-12-29"},
    "features": [],
    "split": {"kind": "walk_forward", "first": 300, "refit_every": 250},
}


def days_of(folder: Path, run: Path, evenings, move, sessions: int) -> None:
    """Every evening: settle, then add."""
    for evening in evenings[:sessions]:
        move(evening)
        settle(folder)
        add(folder, run=run)


@pytest.fixture
def folder(tmp_path: Path, move, evenings) -> Path:
    move("2014-01-01T00:00:00")
    init(tmp_path / "ledger")
    move(evenings[0])
    return tmp_path / "ledger"


def test_add_and_settle_twice_a_day_add_nothing_twice(folder, run, move, evenings):
    first = add(folder, run=run)
    assert (first.written, first.late, first.sessions) == (("^GSPC", "^IXIC"), (), ("2018-01-02",))
    again = add(folder, run=run)
    assert (again.written, again.known, again.head) == ((), ("^GSPC", "^IXIC"), first.head)
    assert settle(folder).head == first.head
    move(evenings[1])
    done = settle(folder)
    assert (done.settled, done.waiting) == (2, {})
    assert settle(folder).head == done.head
    assert init(folder) == (done.number, done.head)


def test_what_is_written_stands_on_what_was_known(folder, run, move, evenings):
    add(folder, run=run)
    with chain.opened(folder) as connection:
        data = chain.get(connection, 2).data
    assert data["origin"] == ["2017-12-29"] * 2
    assert data["closes_at"] == ["2018-01-02T21:00:00Z"] * 2
    close = load(Source("sample", symbols=("^GSPC",)))[0]
    assert data["close"][0] == close.bars[close.sessions == np.datetime64("2017-12-29")][0, 3]
    assert data["models"] == ["naive", "drift", "moving_average"]
    assert data["forecasts"]["naive"][0][0] == 0.0
    moving = close.bars[:, 3][close.sessions <= np.datetime64("2017-12-29")][-7:]
    assert data["forecasts"]["moving_average"][0][0] == pytest.approx(np.log(moving.mean() / moving[-1]), abs=1e-8)
    for name in data["models"]:
        for one in data["forecasts"][name]:
            assert len(one) == 1 + len(LEVELS)
            assert one[1:] == sorted(one[1:])


def test_scores_are_those_of_a_loop_over_the_entries(folder, run, move, evenings):
    days_of(folder, run, evenings, move, 6)
    found = standing(folder)["contests"][0]
    closes = {
        p.symbol: dict(zip(map(str, p.sessions), p.bars[:, 3], strict=True))
        for p in load(Source("sample", ("^GSPC", "^IXIC")))
    }
    errors = {name: [] for name in ("naive", "drift", "moving_average")}
    held, scores = {name: [] for name in errors}, {name: [] for name in errors}
    with chain.opened(folder) as connection:
        entries = [one.data for one in chain.check(connection) if one.kind == "forecasts"]
    for data in entries[:-1]:
        for k, symbol in enumerate(data["symbols"]):
            came = np.log(closes[symbol][data["session"][k]] / closes[symbol][data["origin"][k]])
            for name, own in errors.items():
                mean, *quantiles = data["forecasts"][name][k]
                own.append(came - mean)
                held[name].append(quantiles[0] <= came <= quantiles[-1])
                scores[name].append(crps(np.array([came]), np.array([quantiles]))[0])
    assert found["sessions"] == 5
    for row in found["models"]:
        own = np.array(errors[row["model"]])
        assert row["n"] == 10
        assert row["rmse"] == pytest.approx(100 * np.sqrt(np.mean(own**2)), rel=1e-7)
        assert row["naive_rmse"] == pytest.approx(100 * np.sqrt(np.mean(np.square(errors["naive"]))), rel=1e-7)
        assert row["inside"]["95"]["count"] == sum(held[row["model"]])
        assert row["crps"] == pytest.approx(100 * np.mean(scores[row["model"]]), rel=1e-6)


def test_bets_are_those_of_a_loop_over_the_sessions(folder):
    returns = plant(folder, 60, seed=5)
    with chain.opened(folder) as connection:
        entries = [one.data for one in chain.check(connection) if one.kind == "forecasts"]
    found = {row["model"]: row for row in standing(folder)["contests"][0]["models"]}
    e = {}
    for model in ("model1", "model2"):
        wealth, squares, weight = 1.0, 0.0, 0.0
        for day, data in enumerate(entries[:-1]):
            gains = []
            for k in range(2):
                r = returns[day, k]
                gains.append((r**2 - (r - data["forecasts"][model][k][0]) ** 2) / data["volatility"][k] ** 2)
            gain = sum(gains) / 2
            if day >= 20:
                c = 8 * np.sqrt(squares / weight)
                wealth *= 1 + min(max(gain, -c), c) / (2 * c)
            squares, weight = 0.99 * squares + gain**2, 0.99 * weight + 1
        e[model] = wealth
    # two models together: the smaller of a model's own and the mean of both
    for model, own in e.items():
        assert found[model]["odds"] == pytest.approx(min(own, sum(e.values()) / 2), rel=1e-6)
    assert verify(folder)["kinds"] == {"start": 1, "forecasts": 60, "outcomes": 59}


def test_a_forecast_made_after_the_close_is_late_and_never_scored(folder, run, move, evenings):
    move("2018-01-02T20:59:00")
    add(folder, ["^GSPC"], run=run)
    move("2018-01-02T21:00:01")
    done = add(folder, run=run)
    assert (done.written, done.late) == (("^IXIC",), ("^IXIC",))
    move("2018-01-03T23:00:00")
    assert settle(folder).settled == 1
    found = standing(folder)["contests"][0]
    assert (found["settled"], found["late"], found["models"][0]["n"]) == (1, 1, 1)


def test_a_clock_that_is_put_back_makes_no_forecast_early(folder, run, move, evenings):
    move("2018-01-03T12:00:00")
    add(folder, ["^GSPC"], run=run)
    move("2018-01-02T12:00:00")  # before the close of 2 January, says the machine
    done = add(folder, ["^IXIC"], run=run)
    assert done.late == ("^IXIC",)
    assert "clock went back" in verify(folder)["notes"][0]


def test_a_stale_source_makes_late_entries_only(tmp_path, run, move):
    move("2019-06-03T22:30:00")
    init(tmp_path / "ledger")
    done = add(tmp_path / "ledger", run=run)
    assert done.late == done.written == ("^GSPC", "^IXIC")


def test_a_source_in_trouble_lets_the_entry_wait_with_the_reason(folder, run, move, evenings):
    add(folder, run=run)
    move(evenings[1])

    def half(source, symbol):
        if symbol == "^IXIC":
            raise SourceUnreachable("no prices of ^IXIC (no connection)")
        return known_prices(source, symbol, np.datetime64(evenings[1]))

    done = settle(folder, read=half)
    assert done.settled == 1
    assert done.waiting == {("^IXIC", "2018-01-02"): "source: no prices of ^IXIC (no connection)"}
    assert standing(folder)["contests"][0]["troubles"][0]["symbol"] == "^IXIC"
    assert standing(folder)["contests"][0]["sessions"] == 0  # the session is bet on as a whole

    def none(source, symbol):
        raise SourceUnreachable("no connection")

    with pytest.raises(SourceUnreachable):
        settle(folder, read=none)
    assert settle(folder).settled == 1
    assert standing(folder)["contests"][0]["sessions"] == 1


def test_a_symbol_that_is_gone_waits_even_where_nothing_else_is_due(folder, run, move, evenings):
    add(folder, ["^IXIC"], run=run)
    move(evenings[1])

    def gone(source, symbol):
        raise InputError("Yahoo has no symbol '^IXIC' (delisted)")

    assert settle(folder, read=gone).waiting == {("^IXIC", "2018-01-02"): "Yahoo has no symbol '^IXIC' (delisted)"}


def test_a_holiday_that_no_calendar_knew_waits_and_is_never_bet_on(folder, run, move, evenings):
    """The exchange stays closed on a day for which a forecast stands; the sessions after it go on."""
    closed = np.datetime64("2018-01-03")

    def without(source, symbol):
        prices = known_prices(source, symbol, settling.clock.now())
        return prices.take(prices.sessions != closed)

    for evening in evenings[:12]:
        move(evening)
        done = settle(folder, read=without)
        add(folder, run=run)
    why = "the source has no close of 2018-01-03, though later ones: a holiday, or a halt"
    assert done.waiting[("^GSPC", "2018-01-03")] == why
    assert {session for _, session in done.waiting} == {"2018-01-03", "2018-01-04"}
    there = [evening[:10] for evening in evenings[1:12] if evening[:10] not in ("2018-01-03", "2018-01-04")]
    assert standing(folder)["contests"][0]["sessions"] == len(there)


def test_a_session_does_not_wait_for_a_dead_symbol_for_ever(folder, run, move, evenings):
    def without(source, symbol):
        if symbol == "^IXIC":
            raise InputError("Yahoo has no symbol '^IXIC' (delisted)")
        return known_prices(source, symbol, settling.clock.now())

    for evening in evenings[:9]:
        move(evening)
        settle(folder, read=without)
        add(folder, run=run)
    move(evenings[9])
    settle(folder, read=without)
    found = standing(folder)["contests"][0]
    # the first sessions are ten days old by now: they were bet on without it
    assert 0 < found["sessions"] < 9
    assert found["settled"] == 9
    assert settle(folder).settled == 9
    after = standing(folder)["contests"][0]
    assert after["models"][0]["n"] == after["settled"] == 18  # all are scored,
    assert after["sessions"] == 9  # each session is bet on once
    assert verify(folder)["entries"] > 18


def test_a_price_that_its_source_revises_is_said_and_not_scored_again(folder, run, move, evenings):
    add(folder, run=run)
    move(evenings[1])
    settle(folder)
    add(folder, run=run)
    before = standing(folder)["contests"][0]["models"]
    move(evenings[2])

    def revised(factor):
        def read(source, symbol):
            prices = known_prices(source, symbol, np.datetime64(evenings[2]))
            bars = prices.bars.copy()
            bars[prices.sessions == np.datetime64("2018-01-02"), 3] *= factor
            return prices.__class__(**{**vars(prices), "bars": bars})

        return read

    done = settle(folder, read=revised(1 + 1e-6))  # rounding
    assert done.revised == ()
    move("2018-01-04T22:30:00")
    add(folder, run=run)
    move("2018-01-05T22:30:00")
    done = settle(folder, read=revised(1.01))
    assert {(one["symbol"], one["session"]) for one in done.revised} >= {
        ("^GSPC", "2018-01-02"),
        ("^IXIC", "2018-01-02"),
    }
    told = standing(folder)["contests"][0]["revised"]
    assert told[0]["now"] - told[0]["was"] == pytest.approx(np.log(1.01), abs=1e-6)
    assert before[0]["n"] == 2
    assert verify(folder)["entries"] == standing(folder)["entries"]


def test_a_fall_like_a_split_is_believed_when_sessions_have_followed(folder, run, move, evenings):
    add(folder, run=run)

    def halved(source, symbol):
        prices = known_prices(source, symbol, settling.clock.now())
        bars = prices.bars.copy()
        bars[prices.sessions >= np.datetime64("2018-01-02"), :4] /= 4
        return prices.__class__(**{**vars(prices), "bars": bars})

    move(evenings[1])
    done = settle(folder, read=halved)
    assert done.settled == 0
    assert "perhaps a split" in done.waiting["^GSPC", "2018-01-02"]
    move(evenings[6])
    assert settle(folder, read=halved).settled == 2


def test_a_ledger_settles_from_data_never_from_code(folder, run, move, evenings):
    add(folder, run=run)
    with chain.opened(folder, write=True) as connection, chain.writing(connection):
        data = chain.get(connection, 2).data
        data["source"]["kind"], data["origin"] = "evil:source", ["2017-12-28"] * 2
        settling.book.apply(connection, chain.append(connection, "forecasts", data))
    move(evenings[1])
    done = settle(folder)
    assert done.settled == 2
    assert all("is code" in why for why in done.waiting.values())


def test_a_study_is_run_first_on_what_is_known_that_day(folder, move, evenings, tmp_path):
    done = add(folder, ["^IXIC"], study=parse({**STUDY, "models": {"naive": {}, "drift": {}}}, "cheap"))
    assert (done.written, done.sessions, done.late) == (("^IXIC",), ("2018-01-02",), ())
    move(evenings[1])
    assert settle(folder).settled == 1
    found = standing(folder)["contests"][0]
    assert found["name"].startswith("cheap-")
    assert [row["model"] for row in found["models"]] == ["naive", "drift"]
    with pytest.raises(InputError, match="one of the two"):
        add(folder)


def test_no_ledger_no_run_no_symbol_are_one_line(tmp_path, command, run, evenings, move):
    for words, expected in (
        (("show",), "holds no ledger"),
        (("settle",), "holds no ledger"),
        (("add", "--run", run), "holds no ledger"),
        (("add",), "name a run folder"),
    ):
        said = command("ledger", *words)
        assert said.code == 2
        assert expected in said.err
        assert len(said.err) < 300
        assert said.err.count("\n") == 1
    assert command("ledger", "init").code == 0
    assert "unknown symbol" in command("ledger", "add", "MSFT", "--run", run).err
    assert command("ledger", "add", "--run", tmp_path / "nothing").code == 2


def test_the_whole_way_on_the_command_line(command, run, move, evenings):
    move(evenings[0])
    assert command("ledger", "init").code == 0
    assert "written: ^GSPC, ^IXIC, for 2018-01-02" in command("ledger", "add", "--run", run).out
    move(evenings[1])
    assert "settled: 2" in command("ledger", "settle").out
    said = command("ledger", "show")
    assert "moving_average" in said.out
    assert "cannot tell yet" in said.out
    found = json.loads(command("ledger", "show", "--json").out)
    assert "3 entries" in command("ledger", "verify", "--head", found["head"]).out


def test_triggers_refuse_what_changes_the_past(folder, run):
    add(folder, run=run)
    with chain.opened(folder, write=True) as connection:
        row = connection.execute("SELECT * FROM entries WHERE number = 1").fetchone()
        for statement, values in (
            ("UPDATE entries SET body = x'00' WHERE number = 1", ()),
            ("DELETE FROM entries WHERE number = 2", ()),
            ("REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", row),
            ("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", row),
            ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", (9, *row[1:])),
            ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", (3, *row[1:])),
            ("INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?)", row[1:]),
        ):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement, values)
    with sqlite3.connect(chain.path_of(folder)) as plain, pytest.raises(sqlite3.IntegrityError):
        plain.execute("REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)  # without the pragma too
    assert verify(folder)["entries"] == 2


def test_scores_that_were_changed_are_found(folder, run, move, evenings):
    days_of(folder, run, evenings, move, 3)
    with sqlite3.connect(chain.path_of(folder)) as plain:
        plain.execute("UPDATE calls SET value = 0 WHERE session = '2018-01-02'")
    with pytest.raises(DataRefused, match="2018-01-02 is not that of the chain"):
        verify(folder)
