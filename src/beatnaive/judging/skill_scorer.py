"""Skill against naive as a scorer for scikit-learn's `cross_val_score` and searches."""

from __future__ import annotations

from typing import Any

import numpy as np


def skill_score(estimator: Any, X: Any, y: Any) -> float:
    """Skill of a fitted regressor of returns, %: 100 (1 - sqrt(mean (y - f)^2 / mean y^2)); naive forecasts 0.

    Positive = closer than naive on these rows, which says nothing about luck: `bn.judge` does. 0 where naive makes no
    error. estimator: fitted; X (n, features); y (n,) returns. To be given as `scoring`.

    >>> class Half:
    ...     def predict(self, X): return X[:, 0] / 2
    >>> x = np.array([[0.02], [-0.04]])
    >>> round(skill_score(Half(), x, x[:, 0]), 6)
    50.0
    """
    outcome = np.asarray(y, np.float64).reshape(-1)
    error = outcome - np.asarray(estimator.predict(X), np.float64).reshape(-1)
    naive = float(np.mean(outcome**2))
    return 0.0 if naive == 0 else float(100 * (1 - np.sqrt(np.mean(error**2) / naive)))
