"""Naive as a scikit-learn regressor: the baseline that every pipeline should have stood beside."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from beatnaive.core.types import Floats


class Naive(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Tomorrow = today, with scikit-learn's `fit` and `predict`.

    column: None where y holds returns, whose naive forecast is 0; else the position of the column of X that holds the
    last price, where y holds prices. Nothing is learnt from y.

    >>> model = Naive().fit([[1.0], [2.0]], [0.01, -0.02])
    >>> model.predict([[3.0]]).tolist()
    [0.0]
    >>> Naive(column=0).fit([[1.0], [2.0]], [2.0, 3.0]).predict([[3.0]]).tolist()
    [3.0]
    """

    def __init__(self, column: int | None = None) -> None:
        self.column = column

    def fit(self, X: Any, y: Any) -> Naive:
        """Check X and y, learn nothing. Raises ValueError as scikit-learn's own regressors do."""
        validate_data(self, X, y, y_numeric=True)
        self.is_fitted_ = True
        return self

    def predict(self, X: Any) -> Floats:
        """(n,) zero returns, or the last prices."""
        check_is_fitted(self)
        checked = validate_data(self, X, reset=False)
        if self.column is None:
            return np.zeros(len(checked))
        return np.asarray(checked[:, self.column], dtype=np.float64)

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn's checks may expect: it is not a good regressor, and is not meant to be."""
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags
