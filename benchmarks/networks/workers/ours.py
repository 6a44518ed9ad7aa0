"""BeatNaive's own trainer, through its public forecaster."""

import numpy as np
from job import BATCH, closes, serve

from beatnaive.backtest.targets import target
from beatnaive.core.types import Inputs, Samples
from beatnaive.models.lstm import LSTM


def samples(windows: int) -> Samples:
    close = 100 + 50 * closes(windows).astype(float)
    bars = np.full((len(close), 5), np.nan)
    bars[:, 3] = close
    session = np.datetime64("2000-01-01") + np.arange(len(close))
    origin, n = session.astype("datetime64[s]"), len(close)
    inputs = Inputs(
        symbols=("X",), symbol=np.zeros(n, np.int32), session=session, origin=origin, bars=bars, x=np.empty((n, 0)),
        features=(), filled=np.zeros(n, bool),
    )  # fmt: skip
    return Samples(inputs, np.arange(n - 1), np.diff(np.log(close)), origin[1:], target("return", 1))


def fits(jobs: list[list[int]], epochs: int, batch: int = BATCH) -> None:
    model = LSTM(target="price", epochs=epochs, batch=batch, validation=0.0)
    for windows, seed in jobs:
        model.fit(samples(windows), np.random.default_rng(seed))


if __name__ == "__main__":
    serve({"fits": fits})
