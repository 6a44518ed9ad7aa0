"""Which days and features moved the forecast: integrated gradients, with the completeness check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats
from beatnaive.explain.cell import Array
from beatnaive.explain.network import predict


@dataclass(frozen=True, eq=False)
class Attribution:
    """values (steps, features): what each day and feature added to the forecast, in the unit of the output.

    output and reference: the network's output for the window, and for the baseline that it is compared with.
    """

    values: Floats
    output: float
    reference: float

    @property
    def by_day(self) -> Floats:
        """(steps,) summed over features."""
        return np.asarray(self.values.sum(axis=1))

    @property
    def by_feature(self) -> Floats:
        """(features,) summed over days."""
        return np.asarray(self.values.sum(axis=0))

    @property
    def gap(self) -> float:
        """Completeness: |sum of values - (output - reference)|, as a share of |output - reference|."""
        difference = self.output - self.reference
        return float(abs(self.values.sum() - difference) / max(abs(difference), np.finfo(np.float32).eps))


def integrated_gradients(model: Any, window: Array, baseline: Array, *, points: int = 64) -> Attribution:
    """Attribute the difference between two outputs to the inputs, along the straight line between two windows.

        a = (x - x0) * integral over s in 0..1 of df/dx at x0 + s (x - x0)

    The integral is Gauss-Legendre quadrature with `points` nodes. window and baseline: (steps, features), as the
    network receives them. Raises InputError when their shapes differ or the network does not run on JAX.
    Sundararajan, Taly and Yan 2017, arXiv:1703.01365.
    """
    x, start = np.asarray(window, np.float64), np.asarray(baseline, np.float64)
    if x.ndim != 2 or x.shape != start.shape:
        raise InputError(f"window {x.shape} and baseline {start.shape} must both be (steps, features)")
    nodes, weights = np.polynomial.legendre.leggauss(points)
    path = start + (nodes[:, None, None] + 1) / 2 * (x - start)
    mean = np.tensordot(weights / 2, gradients(model, path), axes=1)
    ends = predict(model, np.stack([x, start]))
    return Attribution((x - start) * mean, float(ends[0]), float(ends[1]))


def gradients(model: Any, windows: Array) -> Floats:
    """(batch, steps, features) derivative of each window's own output with respect to its inputs."""
    trainable = [v.value for v in model.trainable_variables]
    other = [v.value for v in model.non_trainable_variables]
    return np.asarray(_derivative(model)(np.asarray(windows, np.float32), trainable, other), np.float64)


@lru_cache(maxsize=4)
def _derivative(model: Any) -> Callable[..., Any]:
    """Compiled once per network; weights are arguments, so a network trained further stays right."""
    import jax
    import keras

    if keras.config.backend() != "jax":
        raise InputError("gradients are taken by JAX: set KERAS_BACKEND=jax before Keras is imported")

    def total(x: Any, trainable: Any, other: Any) -> Any:
        output = model.stateless_call(trainable, other, x, training=False)[0]
        return output.reshape(len(x), -1)[:, 0].sum()

    return jax.jit(jax.grad(total))


def flat(window: Array) -> Floats:
    """The baseline of choice: a window in which every day equals the window's own mean, so that only movement counts.

    >>> flat(np.array([[1.0], [3.0]])).ravel().tolist()
    [2.0, 2.0]
    """
    return np.broadcast_to(np.mean(window, axis=0, dtype=np.float64), np.shape(window)).copy()
