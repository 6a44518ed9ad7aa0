"""A study on a GPU, acted out on a processor: what is asked of JAX is replaced, what it computes is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from panels import ar1, market, samples_of

from beatnaive.backtest.engines.gpu import Accelerator
from beatnaive.backtest.splits import Split, walk_forward
from beatnaive.backtest.units import Job, Serial
from beatnaive.backtest.walk import walk
from beatnaive.models.networks import batched
from beatnaive.models.spec import ModelSpec

SMALL = {"lookback": 6, "units": [3], "dense": [], "epochs": 2}
MODELS = {
    "naive": ModelSpec("naive"),
    "lstm": ModelSpec("lstm", SMALL),
    "each": ModelSpec("lstm", SMALL, per_symbol=True),
    "brought": ModelSpec("builders:small", {"lookback": 6, "epochs": 2}),
}


class Elsewhere(Serial):
    """This process, with a list of what it was given."""

    def __init__(self) -> None:
        self.models: set[str] = set()

    def run(self, jobs: Sequence[Job]) -> Iterator:
        self.models |= {job.key.model for job in jobs}
        yield from super().run(jobs)


def forecasts(engine) -> dict[str, np.ndarray]:
    samples = samples_of(market(ar1(300, 0.3, symbols=2)))
    folds = walk_forward(samples, Split("walk_forward", first=200, refit_every=50))
    tracks = walk(samples, folds, MODELS, seeds=2, engine=engine)
    assert all(track.failure is None for track in tracks.values())
    return {name: track.forecast.mean for name, track in tracks.items()}


def test_fits_made_at_once_forecast_what_fits_made_one_by_one_do(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = forecasts(Serial())
    sizes = []

    def counted(model, many, schedule, rngs):
        sizes.append(len(many))
        return train_together(model, many, schedule, rngs)

    train_together = batched.train_together
    monkeypatch.setattr(batched, "train_together", counted)
    monkeypatch.setattr(batched, "pays", lambda model: True)
    monkeypatch.setattr("beatnaive.backtest.engines.gpu.finds_accelerator", lambda: True)
    elsewhere = Elsewhere()
    at_once = forecasts(Accelerator(elsewhere))
    assert elsewhere.models == {"naive"}
    assert sorted(set(sizes)) == [2, 4]  # the symbols of one fold and seed; two folds by two seeds
    for name, mean in alone.items():
        np.testing.assert_allclose(at_once[name], mean, rtol=1e-3, atol=1e-7, err_msg=name)


def test_without_an_accelerator_everything_runs_elsewhere() -> None:
    elsewhere = Elsewhere()
    forecasts(Accelerator(elsewhere))
    assert elsewhere.models == set(MODELS)
