"""Estimator: predictions standardised over the batch that is asked for."""

import numpy as np
from sklearn.linear_model import Ridge

CAUGHT_BY = "batch dependence"


class Standardised(Ridge):
    def predict(self, X: np.ndarray) -> np.ndarray:
        raw = super().predict(X)
        return (raw - raw.mean()) / (raw.std() + 1e-12)


def leak() -> Standardised:
    return Standardised()
