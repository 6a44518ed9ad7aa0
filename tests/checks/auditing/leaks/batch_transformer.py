"""Transformer: a transformer that standardises the rows it is given, whatever it was fitted on."""

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

CAUGHT_BY = "perturb the future"


class Standardise(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    def fit(self, x: pd.DataFrame, y: object = None) -> "Standardise":
        return self

    def transform(self, x: pd.DataFrame) -> pd.DataFrame:
        return (x - x.mean()) / x.std()


leak = Standardise
