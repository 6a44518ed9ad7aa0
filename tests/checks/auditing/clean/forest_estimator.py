"""Estimator: a forest without a seed, made by a factory."""

from sklearn.ensemble import RandomForestRegressor


def sound() -> RandomForestRegressor:
    return RandomForestRegressor(30, min_samples_leaf=5)
