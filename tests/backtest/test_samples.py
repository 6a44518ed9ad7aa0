import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markets import prices_of

from beatnaive.backtest.samples import assemble, complete_rows, gather, only_columns
from beatnaive.backtest.targets import target
from beatnaive.core import mapped
from beatnaive.core.errors import InputError
from beatnaive.core.inputs import ROWS


def test_rows_are_sorted_by_origin_then_symbol_and_until_is_a_prefix(panel):
    inputs = panel({"TOKYO": 5, "YORK": 5}, {"TOKYO": 6, "YORK": 21})
    assert [inputs.symbols[code] for code in inputs.symbol[:4]] == ["TOKYO", "YORK", "TOKYO", "YORK"]
    assert (np.diff(inputs.origin) > np.timedelta64(0, "s")).all()
    known = inputs.until(np.datetime64("2020-01-02T06:00:00"))
    assert len(known) == 3
    assert known.bars.base is not None


def test_history_and_ahead_never_cross_symbols(panel):
    inputs = panel({"A": 4, "B": 2})
    a = np.flatnonzero(inputs.symbol == 0)
    b = np.flatnonzero(inputs.symbol == 1)
    assert inputs.history(b, 3).tolist() == [[-1, -1, b[0]], [-1, b[0], b[1]]]
    assert inputs.history(a[-1:], 2).tolist() == [[a[-2], a[-1]]]
    assert inputs.ahead(b, 1).tolist() == [b[1], -1]
    assert inputs.ahead(a, 3).tolist() == [a[3], -1, -1, -1]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 6))
def test_history_equals_a_slow_loop(counts, length):
    prices = [prices_of(f"S{k}", n, seed=k) for k, n in enumerate(counts)]
    inputs = gather(prices, [], [np.empty((n, 0)) for n in counts])
    for row in range(len(inputs)):
        same = [k for k in range(row + 1) if inputs.symbol[k] == inputs.symbol[row]][-length:]
        assert inputs.history(np.array([row]), length)[0].tolist() == [-1] * (length - len(same)) + same


@pytest.mark.parametrize("horizon", [1, 5])
def test_labels_and_the_instant_they_are_known(panel, horizon):
    inputs = panel({"A": 30})
    made = assemble(inputs, target("return", horizon))
    assert len(made) == 30 - horizon
    np.testing.assert_allclose(made.y, np.log(inputs.close[horizon:] / inputs.close[:-horizon]), rtol=0, atol=1e-15)
    assert (made.known_at == inputs.origin[horizon:]).all()


def test_filled_rows_are_neither_origin_nor_label():
    one = prices_of("A", 10)
    filled = one.filled.copy()
    filled[4] = True
    made = assemble(
        gather([type(one)(**{**one.__dict__, "filled": filled})], [], [np.empty((10, 0))]), target("return")
    )
    assert made.rows.tolist() == [0, 1, 2, 5, 6, 7, 8]


def test_incomplete_features_and_short_histories_are_no_samples():
    one = prices_of("A", 10)
    x = np.arange(10.0)[:, None]
    x[:2] = np.nan
    inputs = gather([one], ["x"], [x])
    assert assemble(inputs, target("return")).rows.tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert assemble(inputs, target("return"), lookback=5).rows.tolist() == [4, 5, 6, 7, 8]


def test_too_little_history_says_needed_and_given():
    inputs = gather([prices_of("A", 10)], [], [np.empty((10, 0))])
    with pytest.raises(InputError, match=r"10 sessions given.*lookback of 60 and a horizon of 1 need more than 61"):
        assemble(inputs, target("return"), lookback=60)


def test_one_symbol_twice_is_refused():
    with pytest.raises(InputError, match="appears twice"):
        gather([prices_of("A", 3), prices_of("A", 3)], [], [np.empty((3, 0))] * 2)


def test_inputs_with_other_bars_forget_the_whole_they_were_cut_from(samples):
    whole = samples(60, symbols=2).inputs
    part = whole.until(whole.origin[40])
    assert part.of_symbol(1)[1].whole is None
    other = replace(part, bars=2.0 * part.bars)
    rows, own = other.of_symbol(1)
    np.testing.assert_array_equal(own.close[: len(rows)], 2.0 * part.close[rows])


def test_a_copy_by_symbol_made_beforehand_is_the_one_that_is_used_and_travels(samples):
    inputs = samples(60, symbols=2).inputs
    grouped = pickle.loads(pickle.dumps(inputs.grouped()))
    assert grouped.by_symbol is not None
    for code in (0, 1):
        (rows, own), (here, same) = grouped.of_symbol(code), inputs.of_symbol(code)
        np.testing.assert_array_equal(rows, here)
        np.testing.assert_array_equal(own.bars, same.bars)
        assert np.shares_memory(own.bars, grouped.by_symbol["bars"])


@pytest.fixture
def unlike_prices():
    """Three symbols, one of which starts later, one whose rows are not in order, with two columns each."""
    made = [prices_of(name, n, seed=k) for k, (name, n) in enumerate((("A", 40), ("B", 25), ("C", 40)))]
    made[2] = made[2].take(np.r_[1, 0, 2:40])
    return made, [np.random.default_rng(k).normal(size=(len(one), 2)) for k, one in enumerate(made)]


def test_a_panel_in_files_holds_what_one_in_memory_holds(unlike_prices, monkeypatch):
    prices, tables = unlike_prices
    here = gather(prices, ["u", "v"], iter(tables))
    monkeypatch.setattr(mapped, "LARGE", 0)
    there = gather(prices, ["u", "v"], iter(tables))
    assert mapped.place_of(there.x) is not None
    assert mapped.place_of(here.x) is None
    for name in ROWS:
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    for code in range(3):
        (rows, own), (_, same) = there.of_symbol(code), here.of_symbol(code)
        np.testing.assert_array_equal(own.x, same.x)
        np.testing.assert_array_equal(own.x, here.x[rows])
        assert np.shares_memory(own.x, there.by_symbol["x"])
    fewer, small = only_columns(there, ["v"]), only_columns(here, ["v"])
    np.testing.assert_array_equal(fewer.x, small.x)
    np.testing.assert_array_equal(fewer.of_symbol(1)[1].x, small.of_symbol(1)[1].x)
    np.testing.assert_array_equal(complete_rows(there.x), np.isfinite(here.x).all(axis=1))
