"""Audit of scikit-learn style estimators and Keras models: fit on the past, predict the rest in several ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from beatnaive.checks.auditing.causes import OF_TEST
from beatnaive.checks.auditing.findings import Experiment, Sighting, experiment, sighting
from beatnaive.checks.auditing.foresight import foresight
from beatnaive.checks.base import difference
from beatnaive.checks.markets import index_frame, samples_of, walk_frame
from beatnaive.core.types import Floats

Predict: TypeAlias = Callable[[Floats], Floats]
Fit: TypeAlias = Callable[[Floats, Floats], Predict]

ROWS, SHARE = 900, 0.7
SKILL = 5.0
"""t value of the correlation with outcomes that nothing can forecast, above which they are known."""
FOUND = 0.3
"""Correlation with outcomes that a planted feature must reach to count as found."""


@dataclass(frozen=True)
class Learner:
    """How to fit a fresh model and to predict with it; rows of x are vectors (n, p), or windows (n, steps, p).

    tolerance: in standard deviations of the predictions; larger for single precision.
    """

    fit: Fit
    tolerance: float
    windows: tuple[int, int] | None = None
    columns: int | None = None


@dataclass(frozen=True, eq=False)
class Data:
    """Training rows, test rows after them, and the dates of the latter; returns in units of their deviation."""

    x: Floats
    y: Floats
    x_test: Floats
    y_test: Floats
    dates: tuple[str, ...]

    @classmethod
    def of(cls, learner: Learner, *, noise: bool = False, planted: bool = False) -> Data:
        """Lagged returns of the index, or of a random walk; `planted` puts the outcome into the last feature."""
        frame = walk_frame(ROWS, seed=5) if noise else index_frame(ROWS)
        samples = samples_of({"MARKET": frame}, ("returns",))
        x = samples.inputs.x[samples.rows]
        x, y = x / x.std(axis=0), samples.y / samples.y.std()
        x = np.column_stack([x, y if planted else np.roll(x[:, 0], 7)])
        if learner.columns:
            x = x[:, -learner.columns :] if learner.columns <= x.shape[1] else np.resize(x, (len(x), learner.columns))
        if learner.windows:
            steps, width = learner.windows  # the last `steps` rows and the last `width` columns
            wide = x[:, -width:] if width <= x.shape[1] else np.resize(x, (len(x), width))
            view = np.lib.stride_tricks.sliding_window_view(wide, steps, axis=0)
            x, y = np.ascontiguousarray(np.moveaxis(view, 2, 1)), y[steps - 1 :]
        first = round(SHARE * len(y))
        days = samples.inputs.session[samples.rows][-len(y) :]
        return cls(x[:first], y[:first], x[first:], y[first:], tuple(str(day) for day in days[first:]))


def audit_learner(learner: Learner) -> tuple[Experiment, ...]:
    """All experiments on something that learns y from x."""
    data = Data.of(learner)
    predict = learner.fit(data.x, data.y)
    whole = predict(data.x_test)
    shuffled_y = np.random.default_rng(3).permutation(data.y)
    noise, told = Data.of(learner, noise=True), Data.of(learner, planted=True)
    return (
        _batches(learner, predict, data, whole),
        _futures(learner, predict, data, whole, "truncate the future"),
        _futures(learner, predict, data, whole, "perturb the future"),
        no_skill("shuffle the labels", learner.fit(data.x, shuffled_y)(data.x_test), data.y_test, data.dates),
        no_skill("pure noise", learner.fit(noise.x, noise.y)(noise.x_test), noise.y_test, noise.dates),
        finds("planted signal", learner.fit(told.x, told.y)(told.x_test), told.y_test, told.dates),
    )


def _batches(learner: Learner, predict: Predict, data: Data, whole: Floats) -> Experiment:
    """The same rows in other orders and company."""
    n = len(whole)
    rng = np.random.default_rng(2)
    orders = [np.arange(n)[::-1], rng.permutation(n), rng.permutation(n)[: n // 3], np.array([0]), np.array([n - 1])]
    changed, size = np.zeros(n, bool), 0.0
    for order in orders:
        found = difference(
            whole[order, None], predict(data.x_test[order])[:, None],
            tolerance=learner.tolerance, spread=np.array([whole.std() or 1.0]),
        )  # fmt: skip
        changed[order] |= found.changed[:, 0]
        size = max(size, float(found.size[0]))
    seen = _moved("batch dependence", changed, size, data, "when other rows are asked for with them")
    return experiment("batch dependence", len(orders), seen, "a row's prediction does not depend on the other rows")


def _futures(learner: Learner, predict: Predict, data: Data, whole: Floats, test: str) -> Experiment:
    """Test rows after a point are cut off, or replaced: predictions before it must stay."""
    n = len(whole)
    changed, size = np.zeros(n, bool), 0.0
    # few distinct lengths: a Keras model is compiled for each
    points = [1, n // 3] if test == "truncate the future" else [int(share * n) for share in (0.1, 0.25, 0.5, 0.75, 0.9)]
    for point in points:
        if test == "truncate the future":
            other = predict(data.x_test[:point])
        else:
            x = data.x_test.copy()
            x[point:] = -3.0 * x[point:] + 1.0
            other = predict(x)[:point]
        found = difference(
            whole[:point, None], other[:, None], tolerance=learner.tolerance, spread=np.array([whole.std() or 1.0])
        )
        changed[:point] |= found.changed[:, 0]
        size = max(size, float(found.size[0]))
    when = "when later rows are cut off" if test == "truncate the future" else "when later rows are others"
    return experiment(test, len(points), _moved(test, changed, size, data, when), f"nothing changes {when}")


def _moved(test: str, changed: Any, size: float, data: Data, when: str) -> list[Sighting]:
    rows = [day for day, moved in zip(data.dates, changed, strict=True) if moved]
    if not rows:
        return []
    words = f"{len(rows)} of {len(data.dates)} predictions change {when}, by up to {size:.2g} standard deviations"
    return [
        sighting(
            test, "prediction", rows, size, words, advice=OF_TEST["batch dependence"], possible=len(data.dates)
        )
    ]  # fmt: skip


def no_skill(test: str, prediction: Floats, outcome: Floats, days: tuple[str, ...]) -> Experiment:
    """Outcomes that cannot be forecast must not be."""
    t, n = foresight(prediction, outcome)
    what = {"shuffle the labels": "shuffled labels", "pure noise": "a random walk"}[test]
    seen = []
    if t > SKILL:
        words = f"predictions fitted to {what} are correlated with the outcomes, t = {t:.1f} over {n} rows"
        seen.append(sighting(test, "prediction", days, t, words))
    return experiment(test, 1, seen, f"fitted to {what} it forecasts nothing (t = {t:.1f})")


def finds(test: str, prediction: Floats, outcome: Floats, days: tuple[str, ...]) -> Experiment:
    """Given the outcome as a feature, a model must forecast it; else the audit sees little."""
    both = np.isfinite(prediction) & np.isfinite(outcome)
    varies = both.sum() > 2 and np.std(prediction[both]) > 0
    r = float(np.corrcoef(prediction[both], outcome[both])[0, 1]) if varies else 0.0
    words = (
        f"given the outcome as a feature, its predictions have correlation {r:.2f} with it: it may see no leak either"
    )
    seen = [] if r > FOUND else [sighting(test, "prediction", days, r, words)]
    return experiment(test, 1, seen, f"given the outcome as a feature it finds it (correlation {r:.2f})", doubt=True)


def estimator_learner(make: Callable[[], Any]) -> Learner:
    """A scikit-learn style estimator; a classifier learns whether the return is positive."""
    from sklearn.base import is_classifier

    def fit(x: Floats, y: Floats) -> Predict:
        made = make()
        votes = getattr(made, "_estimator_type", None) == "classifier"
        votes = votes or (hasattr(made, "__sklearn_tags__") and is_classifier(made))
        labels = (y > 0).astype(int) if votes else y
        fitted = made.fit(x, labels)
        model = made if fitted is None else fitted
        return lambda rows: np.asarray(model.predict(rows), dtype=np.float64).reshape(len(rows), -1)[:, -1]

    return Learner(fit, tolerance=1e-6)


def keras_learner(build: Callable[[], Any], epochs: int = 12) -> Learner:
    """A function that builds a Keras model; its input shape says whether it takes vectors or windows.

    It is built and compiled once, and put back to its first weights for every fit: compiling takes most of the time.
    """
    model = build()
    if not model.compiled:
        model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    untrained = _state(model)
    shape = model.input_shape
    windows = (shape[1] or 20, shape[2] or 4) if len(shape) == 3 else None

    def fit(x: Floats, y: Floats) -> Predict:
        _restore(model, untrained)
        model.fit(x.astype(np.float32), y.astype(np.float32), epochs=epochs, batch_size=32, verbose=0)
        learned = _state(model)

        def predict(rows: Floats) -> Floats:
            _restore(model, learned)
            out = np.asarray(model.predict_on_batch(rows.astype(np.float32)), dtype=np.float64)
            return out.reshape(len(rows), -1)[:, -1]

        return predict

    return Learner(fit, tolerance=1e-3, windows=windows, columns=None if windows else shape[1])


def _state(model: Any) -> list[Any]:
    return [variable.numpy().copy() for variable in (*model.variables, *model.optimizer.variables)]


def _restore(model: Any, state: list[Any]) -> None:
    for variable, value in zip((*model.variables, *model.optimizer.variables), state, strict=True):
        variable.assign(value)
