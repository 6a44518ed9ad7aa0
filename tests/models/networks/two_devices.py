"""Run by test_large_batch.py in a process that has two host devices."""

from __future__ import annotations

import numpy as np
import pytest
from compared_networks import ADAM, NETWORKS, STEPS

from beatnaive.models.networks.backend import keras, quiet
from beatnaive.models.networks.compiled import Optimisation, program_of
from beatnaive.models.networks.seeds import fresh


def test_a_large_batch_on_two_devices_learns_what_keras_fit_learns() -> None:
    """Batch 256 is split over two shards; 300 windows leave a second batch that lies in the first shard alone."""
    rng = np.random.default_rng(0)
    panel, label = rng.normal(size=(320, 2)).astype(np.float32), rng.normal(size=320).astype(np.float32)
    rows = np.arange(STEPS, STEPS + 300, dtype=np.int32)
    template = NETWORKS["lstm"](2)
    program = program_of(template, Optimisation(ADAM, 256))
    assert program.shards == 2
    model = fresh(template, np.random.default_rng(1))
    state = program.start(model)
    for _ in range(4):
        state, loss = program.epoch(state, (panel, label), rows)
    windows = np.stack([panel[row - STEPS + 1 : row + 1] for row in rows])
    with quiet():
        model.compile(keras.optimizers.Adam(0.01), "mse")
        history = model.fit(windows, label[rows], batch_size=256, epochs=4, shuffle=False, verbose=0).history
    assert loss == pytest.approx(history["loss"][-1], rel=1e-5)
    for ours, theirs in zip(state[0], model.trainable_variables, strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs.value), atol=2e-5)
