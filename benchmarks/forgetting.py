"""The measured numbers of `beatnaive explain memory`: python benchmarks/forgetting.py [--seeds 3]

Real Keras layers of 16 units and one output, a SimpleRNN, a GRU and an LSTM, learn the adding task (two flagged values
of a sequence are to be summed: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735) at lengths 10 to 200,
with the same windows, batches and optimiser (Adam, rate 0.005, batches of 64, 30 epochs on 8,000 windows; one setting
was tried). Written to src/beatnaive/explain/forgetting.json:
  adding     R2 on 2,000 new windows per cell, length and seed, gradients clipped to norm 1;
  weights    of the first seed's layers at length 60, before and after training;
  gradients  norm of the loss's gradient over all batches at length 60, with and without clipping, also for a SimpleRNN
             whose recurrent matrix starts at one and a half times its size.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from beatnaive.core.jax_environment import prepare

prepare()

from beatnaive.explain.adding_task import draw  # noqa: E402
from beatnaive.models.networks.backend import jax, jnp, keras  # noqa: E402

FILE = Path(__file__).parents[1] / "src" / "beatnaive" / "explain" / "forgetting.json"
CELLS = {"simple_rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
LENGTHS, LENGTH = (10, 30, 100, 200), 60
UNITS, TRAIN, TEST, BATCH, EPOCHS, RATE, CLIP = 16, 8000, 2000, 64, 30, 0.005, 1.0


def network(cell: str, length: int, seed: int, scale: float = 1.0) -> Any:
    """Keras' own initial weights, the recurrent matrix times `scale`."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((length, 2)), CELLS[cell](UNITS), keras.layers.Dense(1)])
    recurrent = model.layers[0].cell.recurrent_kernel
    recurrent.assign(scale * np.asarray(recurrent.value))
    return model


def trained(model: Any, length: int, seed: int, clip: float | None) -> tuple[float, np.ndarray]:
    """R2 on new windows, and the norm of the gradient before clipping in every batch; `model` is left trained."""
    learn, new = draw(TRAIN, seed=100 + seed, steps=length), draw(TEST, seed=200 + seed, steps=length)
    x, y = jnp.asarray(learn.windows, jnp.float32), jnp.asarray(learn.answer, jnp.float32)
    optimizer = keras.optimizers.Adam(RATE, clipnorm=None, global_clipnorm=clip)
    optimizer.build(model.trainable_variables)

    def loss(weights: Any, fixed: Any, rows: Any) -> Any:
        said, _ = model.stateless_call(weights, fixed, x[rows])
        return jnp.mean((said[:, 0] - y[rows]) ** 2)

    @jax.jit
    def epoch(weights: Any, slots: Any, order: Any) -> Any:
        def batch(carry: Any, rows: Any) -> Any:
            weights, slots = carry
            slopes = jax.grad(loss)(weights, fixed, rows)
            norm = jnp.sqrt(sum(jnp.sum(one**2) for one in slopes))
            return optimizer.stateless_apply(slots, slopes, weights), norm

        fixed = [v.value for v in model.non_trainable_variables]
        return jax.lax.scan(batch, (weights, slots), order)

    rng, norms = np.random.default_rng(seed), []
    weights, slots = [v.value for v in model.trainable_variables], [v.value for v in optimizer.variables]
    for _ in range(EPOCHS):
        order = rng.permutation(TRAIN)[: TRAIN // BATCH * BATCH].reshape(-1, BATCH)
        (weights, slots), found = epoch(weights, slots, order)
        norms.append(np.asarray(found))
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    said = model.predict(new.windows.astype(np.float32), batch_size=500, verbose=0)[:, 0]
    r2 = 1 - np.mean((new.answer - said) ** 2) / np.mean(new.answer**2)
    return float(r2), np.concatenate(norms)


def layer_weights(model: Any) -> list[Any]:
    return [np.asarray(v.value).astype(float).round(5).tolist() for v in model.layers[0].weights]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="seeds of weights and data per cell and length")
    seeds = range(parser.parse_args().seeds)
    adding, weights, gradients = [], {}, []
    for cell in CELLS:
        model = network(cell, LENGTH, 0)
        before = layer_weights(model)
        trained(model, LENGTH, 0, CLIP)
        weights[cell] = {"before": before, "after": layer_weights(model)}
    for cell, scale in (*((cell, 1.0) for cell in CELLS), ("simple_rnn", 1.5)):
        for clip in (None, CLIP):
            r2, norms = trained(network(cell, LENGTH, 0, scale), LENGTH, 0, clip)
            row = {"cell": cell, "scale": scale, "clip": clip, "r2": r2, "above": float(np.mean(norms > CLIP)),
                   "median": float(np.median(norms)), "largest": float(norms.max())}  # fmt: skip
            gradients.append(row)
            print(row, flush=True)
    for length in LENGTHS:
        for cell in CELLS:
            r2 = [trained(network(cell, length, seed), length, seed, CLIP)[0] for seed in seeds]
            adding.append({"cell": cell, "length": length, "r2": r2})
            print(adding[-1], flush=True)
    setting = {"units": UNITS, "train": TRAIN, "test": TEST, "epochs": EPOCHS, "clip": CLIP, "length": LENGTH}
    report = {"setting": setting, "adding": adding, "gradients": gradients, "weights": weights}
    FILE.write_text(json.dumps(report, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
