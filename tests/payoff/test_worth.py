"""The ruling: what pays, what does not, and what cannot be told."""

import numpy as np
import pytest
from tests.payoff.test_fills import DAYS, market

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.payoff.book import Book, Tape, book
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.worth import Tried, worth


def with_forecast(one: Book, **forecast) -> Book:
    return Book(**{**vars(one), "forecast": forecast})


def drifting(n: int = 600, drift: float = 0.002, seed: int = 0) -> Book:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(drift, 0.01, n + 1)))
    days = np.datetime64("2000-01-01") + np.arange(n + 1)
    zero = np.zeros(n + 1, np.int32)
    tape = Tape.of_closes(("A",), zero, days, close)
    return book(tape, symbols=("A",), symbol=zero[1:], session=days[:-1], forecast={"up": np.ones(n)}, horizon=1)


def test_what_never_differs_from_holding_cannot_be_told():
    found = worth(drifting(), replications=99)
    assert found.rulings["up"].ruling == "cannot tell"
    assert found.rulings["up"].detectable is None
    assert "its position never differs from holding" in found.words


def test_holding_a_market_that_falls_is_holding_and_not_a_loss():
    falling = worth(drifting(drift=-0.004), replications=99)
    assert falling.models["up"].net < -0.5
    assert falling.rulings["up"].ruling == "cannot tell"
    assert "its position never differs from holding" in falling.words
    down = with_forecast(drifting(drift=0.004), down=-np.ones((600, 1)))
    idle = worth(down, replications=99)
    assert idle.rulings["down"].ruling == "cannot tell"
    assert "its position never differs from cash" in idle.words


def test_more_of_the_market_is_not_skill():
    """1.5 times a market that rises a great deal: 1.5 times the market is the rival."""
    found = worth(drifting(), Plan(rule="scaled"), replications=99)
    assert found.models["up"].exposure > 1.49
    assert found.models["up"].net > found.holding.net
    assert found.rulings["up"].ruling == "cannot tell"


def test_a_constant_short_position_in_a_falling_market_is_not_skill():
    one = drifting(drift=-0.002)
    down = with_forecast(one, down=-np.ones((600, 1)))
    found = worth(down, Plan(short=True), replications=99)
    assert found.models["down"].net > 0 > found.holding.net
    assert found.rulings["down"].ruling == "cannot tell"


def test_knowledge_pays_and_its_reverse_loses():
    one = market(n=300)
    truth = np.log(one.close[1:] / one.close[:-1])
    found = worth(with_forecast(one, knows=truth, wrong=-truth), Plan(short=True), replications=499)
    assert found.rulings["knows"].ruling == "paid"
    assert found.rulings["wrong"].ruling == "lost"
    assert found.best == "knows"
    assert found.models["knows"].random < 0.01
    assert found.models["knows"].hit == 1
    assert found.models["wrong"].hit == 0
    assert "knows paid at 5 basis points" in found.words
    assert "Also lost: wrong" in found.words
    assert "not advice" in found.words
    assert "n = 300" in found.words
    assert "break-even at" in found.words


def test_trials_are_counted_and_can_only_hurt():
    one = market(n=300)
    rng = np.random.default_rng(0)
    weak = np.log(one.close[1:] / one.close[:-1]) + rng.normal(0, 0.03, (300, 1))
    own = with_forecast(one, weak=weak)
    alone = worth(own, Plan(short=True), replications=499)
    tried = Tried(plans=(Plan(rule="scaled"), Plan()), books=(market(n=300, models=8),), uncounted=2)
    beside = worth(own, Plan(short=True), tried=tried, replications=499)
    assert beside.trials == 1 + 2 + 8 + 2
    assert alone.trials == 1
    assert beside.rulings["weak"].p_paid >= 3 * alone.rulings["weak"].p_paid
    assert beside.models["weak"].probability < alone.models["weak"].probability
    assert beside.overfitting is not None
    assert alone.overfitting is None


def test_numbers_agree_with_their_definitions():
    one = market(n=250)
    found = worth(one, Plan(cost=10, cash=0.02), replications=99)
    account, numbers = found.made.models["m0"], found.models["m0"]
    net = account.net(10)
    assert numbers.net == pytest.approx(252 * net.mean() + 0.02)
    assert dict(numbers.at_cost)[25] == pytest.approx(252 * account.net(25).mean() + 0.02)
    assert numbers.sharpe == pytest.approx(np.sqrt(252) * net.mean() / net.std())
    assert numbers.certainty == pytest.approx(0.02 + 252 * (net.mean() - 1.5 * net.var()))
    assert numbers.growth == pytest.approx(np.prod(1 + net + 0.02 / 252) ** (252 / 250) - 1)
    assert numbers.turnover == pytest.approx(252 * np.abs(np.diff((one.forecast["m0"] > 0)[:, 0], prepend=0)).mean())


def test_a_market_alone_is_not_traded():
    with pytest.raises(InputError, match="no model besides the benchmark"):
        worth(with_forecast(market(), naive=np.zeros((120, 1))))


@pytest.mark.parametrize("bad", [{"cost": -1}, {"cost": float("nan")}, {"cash": 3}])
def test_costs_and_interest_that_cannot_be(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        Plan(**bad)
    with pytest.raises(UnknownName, match="sign"):
        Plan(rule="sing")


def test_prices_that_nothing_can_be_valued_at_are_one_line():
    zero, days = np.zeros(40, np.int32), DAYS[:40]
    close = np.full(40, 10.0)
    close[7] = 0.0
    tape = Tape.of_closes(("A",), zero, days, close)
    with pytest.raises(InputError, match="A has a price of zero or less on 2020-01-08"):
        book(tape, symbols=("A",), symbol=zero[1:], session=days[:-1], forecast={"m": np.ones(39)}, horizon=1)
    whole = market()
    lacking = whole.open.copy()
    lacking[5] = np.nan
    with pytest.raises(InputError, match="S000 has no open on 2020-01-06: take fill close"):
        worth(Book(**{**vars(whole), "open": lacking}), Plan(fill="open"))
    assert worth(Book(**{**vars(whole), "open": lacking}), replications=99).other_fill is None


def test_worth_json_is_plain():
    import json

    text = json.dumps(worth(market(n=60, symbols=11), replications=99).to_json())
    assert json.loads(text)["models"]["m0"]["n"] == 60
