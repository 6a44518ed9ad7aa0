"""Fills and costs, against a slow loop that counts shares and money."""

import numpy as np
import pytest

from beatnaive.core.types import Prices, Provenance
from beatnaive.payoff.accounts import accounts
from beatnaive.payoff.book import Book, Tape, book
from beatnaive.payoff.fills import Moves, held
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.positions import positions
from beatnaive.payoff.rules import RULES, Terms
from beatnaive.prices.adjust import as_of
from beatnaive.study.traded import tape_of_prices

DAYS = np.arange("2020-01-01", "2021-12-31", dtype="datetime64[D]")


def market(n: int = 120, symbols: int = 1, seed: int = 0, horizon: int = 1, models: int = 1) -> Book:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0003, 0.01, (n + 1, symbols)), axis=0))
    opened = close * np.exp(rng.normal(0, 0.004, close.shape))
    names = tuple(f"S{k:03d}" for k in range(symbols))
    code, at = np.tile(np.arange(symbols, dtype=np.int32), n + 1), np.repeat(np.arange(n + 1), symbols)
    tape = Tape(
        symbols=names, symbol=code, session=DAYS[at], open=opened.ravel(), close=close.ravel(),
        variance=np.full(code.size, np.nan), filled=np.zeros(code.size, bool), yearly=252.0,
    )  # fmt: skip
    rows = at < n
    forecast = {f"m{k}": rng.normal(0, 0.003, rows.sum()) for k in range(models)}
    return book(tape, symbols=names, symbol=code[rows], session=DAYS[at[rows]], forecast=forecast, horizon=horizon)


def slow(one: Book, rule: str, terms: Terms, fill: str, cost: float) -> list[float]:
    """Net returns of one symbol, day by day: shares, money, and a bill for every trade at the end of its day."""
    close, opened, forecast = one.close[:, 0], one.open[:, 0], one.forecast["m0"][:, 0]
    last, net, shares, money, wishes = float("nan"), [], 0.0, 1.0, []
    for t in range(len(one)):
        if t:
            square = np.log(close[t] / close[t - 1]) ** 2
            last = square if np.isnan(last) else 0.94 * last + 0.06 * square
        f, h = forecast[t], one.horizon
        if rule == "scaled":
            wish = 0.0 if np.isnan(last) else min(1.5, max(-1.5 if terms.short else 0.0, f / (3 * h * last)))
        else:
            beyond = rule == "sign" or abs(f) > 2 * terms.cost / 10_000
            wish = 0.0 if not beyond else 1.0 if f > 0 else -1.0 if f < 0 and terms.short else 0.0
        wishes.append(wish)
        want = sum(wishes[-h:]) / h
        start = money + shares * close[t]
        price = close[t] if fill == "close" else opened[t + 1]
        value = money + shares * price
        new = want * value / price
        traded = abs(new - shares) * price / value
        money, shares = value - new * price, new
        end = money + shares * close[t + 1]
        net.append(end / start - 1 - cost / 10_000 * traded)
    return net


@pytest.mark.parametrize("fill", ["close", "open"])
@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("horizon", [1, 3])
def test_net_returns_are_those_of_a_loop_with_shares_and_money(rule, short, fill, horizon):
    one = market(horizon=horizon)
    plan = Plan(rule=rule, fill=fill, short=short, cost=7.0)
    found = accounts(one, plan).models["m0"].net(7.0)
    assert found == pytest.approx(slow(one, rule, plan.terms, fill, 7.0), abs=1e-13)


@pytest.mark.parametrize("fill", ["close", "open"])
def test_a_same_bar_fill_is_impossible(fill):
    """A position set at a close earns nothing of the session that ends there: whatever led to it, a jump included."""
    one = market()
    jumped = one.close.copy()
    jumped[:61] /= 3  # origin 60's own session triples the price; its position is set at that close
    forecast = np.zeros((120, 1))
    forecast[60] = 0.01
    only = Book(**{**vars(one), "close": jumped, "open": jumped * 0.99, "forecast": {"m0": forecast}})
    jumped[60] *= 3
    gross = accounts(Book(**{**vars(only), "close": jumped}), Plan(fill=fill)).models["m0"].gross
    entry = jumped[60, 0] if fill == "close" else only.open[61, 0]
    assert gross[60] == pytest.approx(jumped[61, 0] / entry - 1)
    assert not gross[:60].any()
    assert abs(gross[60]) < 0.1 < jumped[60, 0] / jumped[59, 0] - 1


def test_tomorrows_close_cannot_be_traded_at_by_todays_position():
    """A forecast of the move that has just ended, filled before that move, would win every day."""
    one = market()
    move = np.log(one.close[1:] / one.close[:-1])
    late = np.vstack([np.zeros((1, 1)), move[:-1]])  # known at each origin: the session that ends there
    cheat = Book(**{**vars(one), "forecast": {"late": late}})
    gross = accounts(cheat, Plan(short=True)).models["late"].gross
    stolen = np.abs(np.expm1(move[:-1, 0]))  # what a fill one session early would have made
    assert gross[1:].sum() < 0.3 * stolen.sum()
    changed = one.close.copy()
    changed[60:] *= 2  # whatever comes after a close changes no position set until then
    other = Book(**{**vars(cheat), "close": changed})
    assert np.array_equal(
        positions(cheat, "late", "sign", Terms())[:60], positions(other, "late", "sign", Terms())[:60]
    )
    for fill in ("close", "open"):
        before, after = (accounts(x, Plan(fill=fill)).models["late"].gross for x in (cheat, other))
        assert np.array_equal(before[:59], after[:59])


@pytest.mark.parametrize("fill", ["close", "open"])
def test_prices_times_a_constant_change_nothing(fill):
    one = market()
    times = Book(**{**vars(one), "close": 7.3 * one.close, "open": 7.3 * one.open})
    a, b = (accounts(x, Plan(fill=fill, rule="scaled")).models["m0"] for x in (one, times))
    assert a.net(5) == pytest.approx(b.net(5), abs=1e-12)


def adjusted(bars, dividends, splits, days):
    """Bars as traded, as a chart of the last day shows them."""
    traded = Prices(
        symbol="A", sessions=days, closes_at=days.astype("datetime64[s]"), bars=bars, dividends=dividends,
        splits=splits, filled=np.zeros(len(days), bool), calendar="XNYS", provenance=Provenance("test", "0"),
    )  # fmt: skip
    return tape_of_prices([as_of(traded, days[-1])])


@pytest.mark.parametrize("fill", ["close", "open"])
def test_a_split_and_a_dividend_change_nothing_but_the_currency(fill):
    """A firm with a 4:1 split and a dividend of 3 %, as traded and then adjusted, beside the same firm without."""
    one, n = market(n=119), 120
    days, zero, forecast = one.sessions, np.zeros(119, np.int32), {"m0": one.forecast["m0"][:, 0]}
    opened, close = one.open[:, 0], one.close[:, 0]
    plain = np.column_stack([opened, np.maximum(opened, close), np.minimum(opened, close), close, np.full(n, 1e6)])
    traded, dividends, splits = plain.copy(), np.zeros(n), np.ones(n)
    traded[:50, :4] *= 4
    splits[50] = 4.0
    dividends[80] = 0.03 * traded[79, 3]
    traded[80:, :4] *= 0.97
    nets = []
    for tape in (adjusted(traded, dividends, splits, days), adjusted(plain, np.zeros(n), np.ones(n), days)):
        own = book(tape, symbols=("A",), symbol=zero, session=days[:-1], forecast=forecast, horizon=1)
        nets.append([accounts(own, Plan(fill=fill, rule=rule)).models["m0"].net(5) for rule in RULES])
    assert np.array(nets[0]) == pytest.approx(np.array(nets[1]), abs=1e-12)


def test_cash_is_earned_on_what_is_not_held():
    one = market()
    w = np.full((120, 1), 0.25)
    plain, paid = held(Moves.of(one), w), held(Moves.of(one, cash=0.0252), w)
    assert plain.gross - paid.gross == pytest.approx(np.full((120, 1), 0.25 * 0.0001))


def test_where_nothing_is_traded_the_position_stands():
    one = market(n=6)
    forecast = np.array([[0.01], [np.nan], [-0.01], [-0.01], [0.01], [0.01]])
    tradable = one.tradable.copy()
    tradable[2] = False  # a halt
    one = Book(**{**vars(one), "forecast": {"m0": forecast}, "tradable": tradable})
    assert positions(one, "m0", "sign", Terms()).ravel().tolist() == [1, 1, 1, 0, 1, 1]
    assert one.kept == 2
