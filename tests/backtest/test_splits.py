from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markets import prices_of

from beatnaive.backtest.samples import assemble, gather
from beatnaive.backtest.splits import Split, walk_forward, warmup_fold
from beatnaive.backtest.targets import target
from beatnaive.core.errors import InputError
from beatnaive.core.types import WARMUP


def made(n=300, horizon=1, hours=(21,)):
    prices = [prices_of(f"S{k}", n, seed=k, hour=hour) for k, hour in enumerate(hours)]
    return assemble(gather(prices, [], [np.empty((n, 0))] * len(prices)), target("return", horizon))


def test_single_split_by_share_and_by_date():
    samples = made(101)
    (by_share,) = walk_forward(samples, Split(train=0.8))
    assert (len(by_share.train), len(by_share.test)) == (80, 20)
    (by_date,) = walk_forward(samples, Split(train=date(2020, 3, 21)))
    assert (by_date.train == by_share.train).all()
    assert (by_date.test == by_share.test).all()


@given(
    horizon=st.integers(1, 12),
    window=st.sampled_from(["expanding", "rolling"]),
    first=st.integers(20, 100),
    every=st.integers(1, 60),
)
def test_no_fold_learns_a_label_that_its_first_forecast_could_not_know(horizon, window, first, every):
    samples = made(150, horizon, hours=(6, 21))
    folds = walk_forward(samples, Split("walk_forward", window=window, first=first, refit_every=every, least=1))
    tested = np.concatenate([fold.test for fold in folds])
    assert len(np.unique(tested)) == len(tested)
    for fold in folds:
        first_origin = samples.inputs.origin[samples.rows[fold.test]].min()
        assert (samples.known_at[fold.train] <= first_origin).all()
        assert fold.cutoff == first_origin


def test_expanding_keeps_the_past_and_rolling_forgets_it():
    samples = made(201)
    expanding = walk_forward(samples, Split("walk_forward", first=100, refit_every=50))
    rolling = walk_forward(samples, Split("walk_forward", window="rolling", first=100, refit_every=50))
    assert [len(fold.train) for fold in expanding] == [100, 150]
    assert [len(fold.train) for fold in rolling] == [100, 100]
    assert [len(fold.test) for fold in expanding] == [50, 50]


def test_the_warmup_fold_lies_inside_the_first_training_set():
    samples = made(301)
    (first,) = walk_forward(samples, Split(train=0.8))
    warm = warmup_fold(samples, first)
    assert warm.number == WARMUP
    assert set(warm.train) | set(warm.test) <= set(first.train)
    assert (samples.known_at[warm.train] <= warm.cutoff).all()
    assert len(warm.test) == 48


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (Split(train=1.0), "to test on"),
        (Split(train=0.0), "to learn from"),
        (Split(train=date(2030, 1, 1)), "to test on"),
        (Split("walk_forward"), "needs `first`"),
        (Split("walk_forward", first=50, refit_every=0), "refit_every"),
    ],
)
def test_an_empty_side_is_refused_with_its_numbers(split, words):
    with pytest.raises(InputError, match=words):
        walk_forward(made(100), split)


def test_a_symbol_without_a_past_is_not_forecast_until_it_has_one():
    old, young = prices_of("OLD", 400), prices_of("YOUNG", 400, seed=1).take(slice(250, None))
    samples = assemble(gather([old, young], [], [np.empty((400, 0)), np.empty((150, 0))]), target("return"))
    folds = walk_forward(samples, Split("walk_forward", first=300, refit_every=40, least=60))
    tested = [set(samples.inputs.symbol[samples.rows[fold.test]].tolist()) for fold in folds]
    assert tested == [{0}, {0, 1}, {0, 1}]
