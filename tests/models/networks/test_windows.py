"""Windows as indices against the slow way: `Inputs.history` and one window at a time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import closes, inputs_of, market, samples_of

from beatnaive.models.networks.base import tail
from beatnaive.models.networks.scaling import Scalings
from beatnaive.models.networks.windows import Panel


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=40), st.integers(1, 6), st.data())
def test_a_whole_window_is_a_complete_history(symbols: list[int], steps: int, pick: st.DataObject) -> None:
    missing = pick.draw(st.lists(st.booleans(), min_size=len(symbols), max_size=len(symbols)))
    close = np.where(missing, np.nan, np.arange(1.0, len(symbols) + 1))
    inputs = inputs_of(closes(*close), symbols)
    panel = Panel.of(inputs, ("Close",), "price", steps)
    history = inputs.history(np.arange(len(inputs)), steps)
    expected = ((history >= 0) & np.isfinite(inputs.close[history])).all(axis=1)
    np.testing.assert_array_equal(panel.whole[panel.rank], expected)
    for row in np.flatnonzero(expected):
        end = panel.rank[row]
        np.testing.assert_array_equal(panel.values[end - steps + 1 : end + 1, 0], inputs.close[history[row]])


def test_changes_are_log_returns_inside_a_symbol() -> None:
    inputs = inputs_of(closes(100, 10, 110, 11, 121, 22), [0, 1, 0, 1, 0, 1])
    panel = Panel.of(inputs, ("Close",), "return", 2)
    values = panel.values[panel.rank, 0]
    np.testing.assert_allclose(np.exp(values), [np.nan, np.nan, 1.1, 1.1, 1.1, 2.0])
    assert panel.whole[panel.rank].tolist() == [False] * 4 + [True] * 2


def test_covered_rows_are_those_of_the_windows() -> None:
    panel = Panel.of(inputs_of(closes(*range(1, 11))), ("Close",), "price", 3)
    assert np.flatnonzero(panel.covered(np.array([3, 4, 8]))).tolist() == [1, 2, 3, 4, 6, 7, 8]


def test_prices_are_scaled_by_the_training_windows_or_by_the_declared_range() -> None:
    samples = samples_of(inputs_of(closes(*range(1, 21))))
    train = samples.take(np.arange(4, 10))
    panel = Panel.of(train.inputs, ("Close",), "price", 3)
    own = Scalings.of(train, panel, ("Close",), "price")
    assert own.columns.to_json() == {"shift": [3.0], "scale": [7.0]}  # windows of origins 5..10 hold 3..10
    np.testing.assert_allclose(own.label(train), (train.inputs.close[train.rows] + 1 - 3) / 7)
    declared = Scalings.of(train, panel, ("Close",), "price", declared=(0.0, 40.0))
    np.testing.assert_allclose(declared.label(train), (train.inputs.close[train.rows] + 1) / 40)


def test_each_symbol_is_scaled_by_itself() -> None:
    rng = np.random.default_rng(0)
    samples = samples_of(market(rng.normal(0, 1, (80, 2)) * [0.01, 0.05], lags=1))
    panel = Panel.of(samples.inputs, ("Close",), "return", 5)
    train = samples.take(panel.whole[panel.rank[samples.rows]])
    label = Scalings.of(train, panel, ("Close",), "return").label(train)
    for code in (0, 1):
        mine = train.inputs.symbol[train.rows] == code
        expected = train.y[mine] / train.y[mine].std()
        np.testing.assert_allclose(label[mine], expected)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 6), st.floats(0, 0.9), st.integers(1, 3))
def test_no_label_of_the_learning_part_is_known_after_the_held_part_begins(
    horizon: int, share: float, symbols: int
) -> None:
    samples = samples_of(market(np.full((40, symbols), 0.01), lags=1), horizon=horizon)
    learn, held = tail(samples, share)
    origin = samples.inputs.origin[samples.rows]
    if len(held):
        assert samples.known_at[learn].max(initial=np.datetime64("1900")) <= origin[held].min()
        assert len(held) >= round(share * len(samples))
        assert held[-1] == len(samples) - 1
    else:
        assert len(learn) == len(samples)
