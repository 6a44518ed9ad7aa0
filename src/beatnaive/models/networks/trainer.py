"""One trainer for every Keras network: epochs in a fresh random order, early stopping, the best weights restored."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from beatnaive.models.networks.backend import keras, quiet
from beatnaive.models.networks.compiled import Optimisation, State, padded, program_of
from beatnaive.models.networks.epoch_orders import orders
from beatnaive.models.networks.forward import Index, Single
from beatnaive.models.networks.seeds import fresh
from beatnaive.models.networks.weights import Weights


@dataclass(frozen=True, eq=False)
class Windows:
    """What a fit learns from: panel (n, features) and label (n,), scaled; the rows that end windows of each part."""

    panel: Single
    label: Single
    train: Index
    validation: Index


@dataclass(frozen=True)
class Schedule:
    """At most `epochs` passes in batches of `batch`; stop `patience` passes after the best validation loss.

    With `updates`, that many batches in all, in `epochs` parts, however many windows there are.
    """

    epochs: int
    batch: int
    patience: int
    learning_rate: float
    updates: int | None = None


@dataclass(eq=False)
class TrainingLog:
    """How a fit went: losses per epoch, and the best state so far (epochs count from one)."""

    history: dict[str, list[float]] = field(default_factory=lambda: {"loss": []})
    best_epoch: int | None = None
    best: State | None = None
    warnings: tuple[str, ...] = ()


def train(
    model: keras.Model, windows: Windows, schedule: Schedule, rng: np.random.Generator
) -> tuple[Weights, TrainingLog]:
    """Fit a fresh network of `model`'s configuration; initial weights, masks and orders follow from `rng` alone."""
    program, log = program_of(model, optimisation_of(model, schedule)), TrainingLog()
    state = program.start(fresh(model, rng))
    data = (padded(windows.panel), padded(windows.label))
    parts = orders(windows.train, schedule.epochs, rng, updates=schedule.updates, batch=schedule.batch)
    for epoch, order in enumerate(parts, start=1):
        state, loss = program.epoch(state, data, order)
        val_loss = program.validate(state, data, windows.validation)
        if not go_on(log, epoch, state, (loss, val_loss), schedule.patience):
            break
    return Weights.at(log.best or state), log


def optimisation_of(model: keras.Model, schedule: Schedule) -> Optimisation:
    """The optimiser and the loss that the model was compiled with, else Adam on the mean squared error."""
    if not model.compiled:
        return Optimisation({"class_name": "Adam", "config": {"learning_rate": schedule.learning_rate}}, schedule.batch)
    with quiet():
        return Optimisation(keras.optimizers.serialize(model.optimizer), schedule.batch, model.loss)


def go_on(log: TrainingLog, epoch: int, state: State, losses: tuple[float, float], patience: int) -> bool:
    """Note an epoch; False when training should stop.

    It stops when the training loss is not finite, or `patience` epochs after the best validation loss. losses: the
    training and the validation loss of this epoch; a NaN validation loss means that nothing is held out.

    >>> log = TrainingLog()
    >>> [go_on(log, k, ([], [], []), (1.0, held), patience=2) for k, held in enumerate((0.9, 0.8, 0.85, 0.81), start=1)]
    [True, True, True, False]
    >>> log.best_epoch
    2
    """
    loss, val_loss = losses
    log.history["loss"].append(loss)
    if not np.isfinite(loss):
        log.warnings = (f"training diverged in epoch {epoch}: lower the learning rate",)
        return False
    if np.isnan(val_loss):
        return True
    held = log.history.setdefault("val_loss", [])
    held.append(val_loss)
    if val_loss <= min(held):
        log.best, log.best_epoch = state, epoch
    return epoch - (log.best_epoch or 0) < patience
