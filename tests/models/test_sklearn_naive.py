"""Naive, the scorer and the splitter under scikit-learn's own eyes."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import check_scoring
from sklearn.model_selection import GridSearchCV, check_cv, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import beatnaive as bn
from beatnaive.core.errors import InputError


@parametrize_with_checks([bn.Naive()])
def test_naive_passes_scikit_learns_checks(estimator, check):
    check(estimator)


def test_naive_of_prices_is_the_last_price():
    x = np.array([[100.0, 5.0], [101.0, 6.0]])
    assert bn.Naive(column=0).fit(x, [101.0, 99.0]).predict(x).tolist() == [100.0, 101.0]


def market(n=400, edge=0.0):
    rng = np.random.default_rng(4)
    x = rng.standard_normal((n, 2))
    return x, 0.01 * (np.sqrt(edge) * x[:, 0] + np.sqrt(1 - edge) * rng.standard_normal(n))


def test_the_scorer_is_skill_in_cross_val_score_and_searches():
    x, y = market(edge=0.5)
    assert check_scoring(LinearRegression(), bn.skill_score) is bn.skill_score
    folds = bn.PurgedWalkForward(n_splits=4, horizon=1)
    scores = cross_val_score(LinearRegression(), x, y, cv=folds, scoring=bn.skill_score)
    for score, (train, test) in zip(scores, folds.split(x), strict=True):
        f = LinearRegression().fit(x[train], y[train]).predict(x[test])
        assert score == pytest.approx(100 * (1 - np.sqrt(((y[test] - f) ** 2).mean() / (y[test] ** 2).mean())))
    assert scores.mean() > 20
    assert cross_val_score(bn.Naive(), x, y, cv=folds, scoring=bn.skill_score).tolist() == [0.0] * 4
    pipe = make_pipeline(StandardScaler(), LinearRegression())
    search = GridSearchCV(pipe, {"linearregression__fit_intercept": [True, False]}, cv=folds, scoring=bn.skill_score)
    assert search.fit(x, y).best_score_ > 20


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("window", [None, 30])
def test_no_training_label_reaches_beyond_the_first_test_origin(horizon, window):
    """By brute force: a label of date d is known at d + horizon, which must not be later than any test origin."""
    dates = np.repeat(np.arange(120), 3)
    folds = bn.PurgedWalkForward(n_splits=5, horizon=horizon, window=window)
    assert check_cv(folds).get_n_splits() == 5
    seen = []
    for train, test in folds.split(np.zeros((360, 1)), groups=dates):
        assert all(dates[i] + horizon <= dates[test].min() for i in train)
        assert dates[train].max() + horizon == dates[test].min()  # and none is wasted
        assert len(train) % 3 == 0
        assert window is None or len(np.unique(dates[train])) <= window
        seen += test.tolist()
    assert seen == sorted(set(seen))
    assert seen[-1] == 359


def test_a_splitter_that_cannot_be():
    with pytest.raises(InputError, match="too few"):
        list(bn.PurgedWalkForward(n_splits=5).split(np.zeros((4, 1))))
    with pytest.raises(InputError, match="not in time order"):
        list(bn.PurgedWalkForward().split(np.zeros((50, 1)), groups=np.arange(50)[::-1]))
