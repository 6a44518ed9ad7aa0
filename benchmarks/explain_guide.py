"""The measured numbers of `beatnaive explain guide`: python benchmarks/explain_guide.py

Trains small networks on two made-up tasks and writes src/beatnaive/explain/measured.json:
  adding   60 steps of (value, flag), two flags; the answer is the sum of the two flagged values
           (Hochreiter and Schmidhuber 1997): long memory and a product of inputs, so a network should win;
  walk     60 independent normal returns; the answer is the next one: nothing can be learnt.
Everything is seeded; about fifteen minutes on two busy cores.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from beatnaive.core.jax_environment import prepare

prepare()

STEPS, TEST = 60, 4000
FILE = Path(__file__).parents[1] / "src" / "beatnaive" / "explain" / "measured.json"
SIZES, DEPTHS, SEEDS = (2, 8, 32), (1, 2), (0, 1, 2)
WALKS, WINDOWS = 5, (500, 2000, 8000)


def adding(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows (n, 60, 2) and answers (n,) of unit variance."""
    rng = np.random.default_rng(seed)
    value, flag = rng.normal(size=(n, STEPS)), np.zeros((n, STEPS))
    first, second = rng.integers(0, STEPS // 2, n), rng.integers(STEPS // 2, STEPS, n)
    rows = np.arange(n)
    flag[rows, first] = flag[rows, second] = 1.0
    answer = (value[rows, first] + value[rows, second]) / np.sqrt(2)
    return np.stack([value, flag], axis=2).astype(np.float32), answer.astype(np.float32)


def walk(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows (n, 60, 1) of a random walk's returns, and the next return (n,), unit variance."""
    returns = np.random.default_rng(seed).normal(size=n + STEPS).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(returns, STEPS)[:n]
    return windows[..., None], returns[STEPS:]


def network(units: tuple[int, ...], inputs: int, seed: int) -> Any:
    import keras

    layers: list[Any] = [keras.Input((STEPS, inputs))]
    for k, size in enumerate(units):
        more = k < len(units) - 1
        layers.append(keras.layers.LSTM(
            size, return_sequences=more,
            kernel_initializer=keras.initializers.GlorotUniform(seed=10 * seed + k),
            recurrent_initializer=keras.initializers.Orthogonal(seed=10 * seed + k),
        ))  # fmt: skip
    layers.append(keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed=10 * seed + 9)))
    return keras.Sequential(layers)


def trained(units: tuple[int, ...], data: tuple[np.ndarray, np.ndarray], seed: int, epochs: int, rate: float) -> Any:
    import keras

    model = network(units, data[0].shape[2], seed)
    model.compile(keras.optimizers.Adam(rate, clipnorm=1.0), "mse")
    keras.utils.set_random_seed(seed)
    model.fit(*data, epochs=epochs, batch_size=64, verbose=0)
    return model


def r2(model: Any, data: tuple[np.ndarray, np.ndarray]) -> float:
    """1 - mean squared error / mean squared answer."""
    said = np.asarray(model.predict(data[0], batch_size=500, verbose=0))[:, 0]
    return float(1 - np.mean((data[1] - said) ** 2) / np.mean(data[1] ** 2))


def linear_r2(train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray]) -> float:
    """Ordinary least squares on the same inputs, flattened."""
    flat = [np.column_stack([np.ones(len(x)), x.reshape(len(x), -1)]) for x in (train[0], test[0])]
    weights = np.linalg.lstsq(flat[0], train[1], rcond=None)[0]
    return float(1 - np.mean((test[1] - flat[1] @ weights) ** 2) / np.mean(test[1] ** 2))


def sizes() -> list[dict[str, Any]]:
    train, test = adding(8000, 1), adding(TEST, 2)
    rows = []
    for depth in DEPTHS:
        for units in SIZES:
            models = [trained((units,) * depth, train, seed, 30, 0.01) for seed in SEEDS]
            scores = [r2(model, test) for model in models]
            rows.append({"units": units, "layers": depth, "parameters": models[0].count_params(), "r2": scores})
            print(rows[-1], flush=True)
    return rows


def walks() -> list[dict[str, Any]]:
    rows = []
    for n in WINDOWS:
        scores, linear = [], []
        for k in range(WALKS):
            train, test = walk(n, 100 + k), walk(TEST, 200 + k)
            scores.append(r2(trained((16,), train, k, 20, 0.003), test))
            linear.append(linear_r2(train, test))
        rows.append({"windows": n, "r2": scores, "linear_r2": linear})
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    start = time.perf_counter()
    train, test = adding(8000, 1), adding(TEST, 2)
    model = trained((16,), train, 0, 40, 0.01)
    found = {"lstm": r2(model, test), "linear": linear_r2(train, test), "windows": len(train[1]), "test": TEST}
    print(found, flush=True)
    weights = [np.asarray(v.value).astype(float).round(5).tolist() for v in model.weights]
    report = {"adding": found, "weights": weights, "sizes": sizes(), "walk": walks()}
    FILE.write_text(json.dumps(report, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{time.perf_counter() - start:.0f} s; wrote {FILE}")


if __name__ == "__main__":
    main()
