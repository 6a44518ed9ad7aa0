"""Losses made to measure."""

import numpy as np

from beatnaive.core.types import Losses


def losses(
    y, forecasts, *, horizon=1, symbols=("X",), symbol=None, seeds=None, loss="squared", invalid=None, days=None
):
    """Squared (or absolute) errors of log returns `y` (n,) and {model: (n,)} forecasts; naive is added."""
    n = len(y)
    forecast = {"naive": np.zeros(n), **{name: np.asarray(values, float) for name, values in forecasts.items()}}
    power = {"squared": 2, "absolute": 1}[loss]
    code = np.zeros(n, np.int32) if symbol is None else np.asarray(symbol, np.int32)
    session = np.datetime64("2020-01-01") + (np.arange(n) if days is None else np.asarray(days))
    return Losses(
        symbols=tuple(symbols),
        symbol=code,
        session=session,
        origin=session.astype("datetime64[s]"),
        horizon=horizon,
        y=np.asarray(y, float),
        close=np.full(n, 100.0),
        forecast=forecast,
        loss={name: np.abs(y - values) ** power for name, values in forecast.items()},
        seed_loss={
            name: np.stack([np.abs(y - one) ** power for one in values]) for name, values in (seeds or {}).items()
        },
        scale=np.full(n, float(np.mean(y**2))),
        benchmarks=("naive",),
        loss_name=loss,
        invalid=invalid or {},
    )


def panel(returns, forecasts, **options):
    """Losses of a (sessions, symbols) array of returns and {model: array} forecasts, sorted by session."""
    sessions, count = returns.shape
    return losses(
        returns.ravel(),
        {name: values.ravel() for name, values in forecasts.items()},
        symbols=tuple(f"S{k}" for k in range(count)),
        symbol=np.tile(np.arange(count), sessions),
        days=np.repeat(np.arange(sessions), count),
        **options,
    )


def noise(n=250, models=3, seed=0, size=0.1):
    """Returns of 1 % a day and forecasts that know nothing."""
    rng = np.random.default_rng(seed)
    y = 0.01 * rng.standard_normal(n)
    return y, {f"m{k}": size * 0.01 * rng.standard_normal(n) for k in range(models)}
