"""Saved networks are ordinary Keras files: another backend, in another process without BeatNaive, says the same.

NumPy's backend comes with Keras. TensorFlow and PyTorch: `benchmarks/networks/backends.py`, table in docs/speed.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from beatnaive.models.networks.backend import quiet
from beatnaive.models.networks.seeds import fresh
from beatnaive.models.spec import ModelSpec, build

NETWORKS = ("lstm", "gru", "tcn", "mlp", "nlinear", "dlinear", "patchtst", "simple_rnn")
ELSEWHERE = """
import sys
import keras, numpy as np
assert keras.backend.backend() == "numpy"
for name in sys.argv[1:]:
    model = keras.saving.load_model(f"{name}.keras")
    np.save(f"{name}-said.npy", model.predict(np.load(f"{name}.npy"), verbose=0))
assert not [name for name in sys.modules if name.split(".")[0] == "beatnaive"]
"""


def rounded(values: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """The neighbouring numbers, up or down at random."""
    return np.nextafter(values, draw.choice([-np.inf, np.inf], values.shape).astype(np.float32))


def test_every_network_of_the_shelf_loads_under_another_backend(tmp_path: Path) -> None:
    """To 1e-6, or twice what the last digit of inputs and weights moves: products of thousands make rounding grow."""
    noise, said, moved = np.random.default_rng(0), {}, {}
    for name in NETWORKS:
        with quiet():
            model = fresh(build(name, ModelSpec(name)).network(), noise)
            model.set_weights([w + noise.normal(0, 0.05, w.shape) for w in model.get_weights()])
            windows = noise.normal(size=(16, *model.input_shape[1:])).astype(np.float32)
            said[name] = model.predict(windows, verbose=0)
            moves = [np.abs(model.predict(rounded(windows, noise), verbose=0) - said[name]).max()]
            model.save(tmp_path / f"{name}.keras")
            weights, other = model.get_weights(), np.random.default_rng(1)
            for _ in range(4):
                model.set_weights([rounded(one, other) for one in weights])
                moves.append(np.abs(model.predict(rounded(windows, other), verbose=0) - said[name]).max())
            moved[name] = max(moves)
        np.save(tmp_path / f"{name}.npy", windows)
    environment = dict(os.environ, KERAS_BACKEND="numpy")
    subprocess.run([sys.executable, "-c", ELSEWHERE, *NETWORKS], cwd=tmp_path, env=environment, check=True)
    for name in NETWORKS:
        there = np.load(tmp_path / f"{name}-said.npy")
        assert said[name].std() > 1e-3
        np.testing.assert_allclose(there, said[name], rtol=0, atol=max(1e-6, 2 * moved[name]), err_msg=name)
