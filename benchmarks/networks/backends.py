"""Do saved models forecast the same under TensorFlow and PyTorch? Largest difference, as a share of the largest output.

python benchmarks/networks/backends.py
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from environments import PEERS, python_of

from beatnaive.models.networks.backend import keras, quiet
from beatnaive.models.networks.seeds import fresh
from beatnaive.models.spec import ModelSpec, build

NETWORKS = ("lstm", "gru", "tcn", "mlp", "nlinear", "dlinear", "patchtst")
ELSEWHERE = """
import sys, numpy as np, keras
for name in sys.argv[2:]:
    model = keras.saving.load_model(f"{sys.argv[1]}/{name}.keras")
    windows = np.load(f"{sys.argv[1]}/{name}.npy")
    np.save(f"{sys.argv[1]}/{name}-{keras.backend.backend()}.npy", model.predict(windows, verbose=0))
"""


def save_all(folder: Path) -> dict[str, np.ndarray]:
    """Every network of the shelf with weights off their start, saved with windows; what it says here."""
    said = {}
    for number, name in enumerate(NETWORKS):
        model = fresh(build(name, ModelSpec(name)).network(), np.random.default_rng(number))
        noise = np.random.default_rng(number)
        model.set_weights([w + noise.normal(0, 0.05, w.shape) for w in model.get_weights()])
        windows = noise.normal(size=(64, *model.input_shape[1:])).astype(np.float32)
        model.save(folder / f"{name}.keras")
        np.save(folder / f"{name}.npy", windows)
        said[name] = model.predict(windows, verbose=0)
    return said


def main() -> None:
    """Save here, load there, compare."""
    with tempfile.TemporaryDirectory() as folder:
        with quiet():
            said = save_all(Path(folder))
        print(f"Keras {keras.__version__}\n\n| network | tensorflow | torch |\n|---|---|---|")
        backends = {"tensorflow": "Keras/TensorFlow", "torch": "PyTorch"}
        for backend, peer in backends.items():
            environment = dict(os.environ, KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")
            command = [python_of(PEERS[peer]), "-c", ELSEWHERE, folder, *NETWORKS]
            subprocess.run(command, env=environment, check=True)
        for name in NETWORKS:
            there = [np.load(Path(folder, f"{name}-{backend}.npy")) for backend in backends]
            print(
                f"| {name} | "
                + " | ".join(f"{np.abs(values - said[name]).max() / np.abs(said[name]).max():.1e}" for values in there)
                + " |"
            )


if __name__ == "__main__":
    main()
