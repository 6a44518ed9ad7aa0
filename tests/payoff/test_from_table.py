"""Forecasts that somebody brought: which session a row is traded at, and what cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.payoff.test_fills import market

from beatnaive.core.errors import InputError
from beatnaive.judging.from_table import judge
from beatnaive.payoff.accounts import accounts
from beatnaive.payoff.book import Book, Tape
from beatnaive.payoff.from_table import book_of
from beatnaive.payoff.plan import Plan


def frame_of(one: Book, symbols: bool = False) -> pd.DataFrame:
    """A book's forecasts as prices of the next session, a row per session that they are of."""
    parts = []
    for s, name in enumerate(one.symbols):
        close = one.close[:, s]
        made = {"ds": one.sessions[1:], "y": close[1:], "m0": close[:-1] * np.exp(one.forecast["m0"][:, s])}
        parts.append(pd.DataFrame({**({"symbol": name} if symbols else {}), **made}))
    return pd.concat(parts, ignore_index=True)


def tape_of(one: Book) -> Tape:
    """All its bars, with opens."""
    n, width = one.close.shape
    at, code = np.repeat(np.arange(n), width), np.tile(np.arange(width, dtype=np.int32), n)
    return Tape(
        symbols=one.symbols, symbol=code, session=one.sessions[at], open=one.open.ravel(), close=one.close.ravel(),
        variance=np.full(code.size, np.nan), filled=np.zeros(code.size, bool), yearly=252.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def one():
    return market(n=120)


def test_a_plain_table_is_traded_at_the_row_before(one):
    found = book_of(judge(frame_of(one)).table)
    assert np.array_equal(found.sessions, one.sessions[1:])  # the first row's origin is not in the table
    assert found.forecast["m0"] == pytest.approx(one.forecast["m0"][1:])
    wanted = accounts(one, Plan()).models["m0"].net(5)
    net = accounts(found, Plan()).models["m0"].net(5)
    assert net[1:] == pytest.approx(wanted[2:], abs=1e-12)  # the first row buys in one, and may hold in the other


@pytest.mark.parametrize("kind", ["price", "return"])
def test_prices_beside_it_give_every_origin_and_its_open(one, kind):
    frame = frame_of(one)
    if kind == "return":
        frame = frame.assign(y=np.diff(np.log(one.close[:, 0])), m0=one.forecast["m0"][:, 0])
    else:
        frame["close"] = one.close[:-1, 0]
    found = book_of(judge(frame, y=kind).table, tape_of(one))
    assert found.forecast["m0"] == pytest.approx(one.forecast["m0"])
    for fill in ("close", "open"):
        wanted = accounts(one, Plan(fill=fill)).models["m0"].net(5)
        assert accounts(found, Plan(fill=fill)).models["m0"].net(5) == pytest.approx(wanted, abs=1e-12)


def test_a_cutoff_says_when_a_row_was_made():
    one = market(n=120)
    frame = frame_of(one).assign(cutoff=one.sessions[:-1], naive=one.close[:-1, 0])
    found = book_of(judge(frame).table)
    assert np.array_equal(found.sessions, one.sessions)
    assert found.forecast["m0"] == pytest.approx(one.forecast["m0"])


def test_a_panel_keeps_its_symbols_apart_in_whatever_order_the_prices_have():
    one = market(n=80, symbols=3)
    frame = frame_of(one, symbols=True)
    tape = tape_of(one)
    turned = Tape(**{**vars(tape), "symbols": ("S002", "S000", "S001", "X")[:3], "symbol": (tape.symbol + 1) % 3})
    found = book_of(judge(frame).table, turned)
    assert found.symbols == ("S000", "S001", "S002")
    assert found.close == pytest.approx(one.close[1:])
    assert found.forecast["m0"] == pytest.approx(one.forecast["m0"][1:])


def test_two_sessions_ahead_lie_in_two_tranches():
    one = market(n=120, horizon=2)
    close = one.close[:, 0]
    frame = pd.DataFrame({"ds": one.sessions[2:], "y": close[2:], "m0": close[:-2] * 1.001})
    found = book_of(judge(frame, horizon=2).table)
    assert found.horizon == 2
    assert np.array_equal(found.sessions, one.sessions[2:-1])  # from the first dated origin to past the last


@pytest.mark.parametrize(
    ("change", "options", "told"),
    [
        ({"y": np.full(120, 1e-4) * np.exp(np.arange(120) % 7)}, {"y": "variance"}, "set no position"),
        ({"m0": np.zeros(120), "y": np.tile([0.01, -0.01], 60)}, {"y": "return"}, "returns alone value no position"),
        ({"close": np.linspace(90, 110, 120)}, {}, "is not that of the row before: give prices"),
    ],
)
def test_what_cannot_be_traded_is_one_line(one, change, options, told):
    with pytest.raises(InputError, match=told) as raised:
        book_of(judge(frame_of(one).assign(**change), **options).table)
    assert len(str(raised.value)) < 300
    assert "\n" not in str(raised.value)


def test_prices_must_hold_every_symbol_and_every_day(one):
    table = judge(frame_of(one)).table
    tape = tape_of(one)
    rows = np.arange(121) != 60
    short = Tape(**{**vars(tape), **{k: getattr(tape, k)[rows] for k in ("symbol", "session", "open", "close",
                    "variance", "filled")}})  # fmt: skip
    with pytest.raises(InputError, match=f"lack {one.sessions[60]}, which a forecast is of"):
        book_of(table, short)
    two = judge(frame_of(market(n=60, symbols=2), symbols=True)).table
    with pytest.raises(InputError, match="S001 has forecasts and no prices"):
        book_of(two, Tape(**{**vars(tape), "symbols": ("S000",)}))


def test_several_rows_a_day_are_refused():
    hours = pd.date_range("2024-01-01", periods=200, freq="h")
    y = 100 * np.exp(np.random.default_rng(0).normal(0, 0.01, 200).cumsum())
    table = judge(pd.DataFrame({"ds": hours, "y": y, "naive": np.r_[100, y[:-1]], "m0": y * 1.01})).table
    with pytest.raises(InputError, match="several rows a day"):
        book_of(table)
