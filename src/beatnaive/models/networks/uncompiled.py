"""`keras.Model.fit` for models that cannot be made again from a configuration: slower, but it runs any code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from beatnaive.models.networks.backend import keras, quiet
from beatnaive.models.networks.compiled import MEAN_SQUARED_ERROR
from beatnaive.models.networks.forward import Index, Single
from beatnaive.models.networks.seeds import default_seeds
from beatnaive.models.networks.trainer import Schedule, TrainingLog, Windows
from beatnaive.models.networks.weights import Weights


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Windows gathered batch by batch, in a new random order every epoch where there is a generator."""

    def __init__(self, windows: Windows, rows: Index, shape: tuple[int, int], rng: np.random.Generator | None) -> None:
        super().__init__()
        self.windows, self.rows, self.rng = windows, rows, rng
        self.batch, self.steps = shape
        self.on_epoch_end()

    def __len__(self) -> int:
        return (len(self.rows) + self.batch - 1) // self.batch

    def __getitem__(self, k: int) -> tuple[Single, Single]:
        rows = self.rows[k * self.batch : (k + 1) * self.batch]
        return self.windows.panel[rows[:, None] + np.arange(1 - self.steps, 1)], self.windows.label[rows]

    def on_epoch_end(self) -> None:
        """Draw the next order."""
        if self.rng is not None:
            self.rows = self.rng.permutation(self.rows)


def train_plain(
    make: Callable[[], keras.Model], windows: Windows, schedule: Schedule, rng: np.random.Generator
) -> tuple[Weights, TrainingLog]:
    """Build a model and train it with `keras.Model.fit`."""
    with default_seeds(int(rng.integers(2**31))), quiet():
        model = make()
        if not model.compiled:
            model.compile(keras.optimizers.Adam(schedule.learning_rate), MEAN_SQUARED_ERROR)
        shape = (schedule.batch, int(model.input_shape[1]))
        held = Batches(windows, windows.validation, shape, None) if len(windows.validation) else None
        stop = keras.callbacks.EarlyStopping(patience=schedule.patience, restore_best_weights=True)
        learn = Batches(windows, windows.train, shape, rng)
        history = model.fit(
            learn, validation_data=held, epochs=schedule.epochs, verbose=0, callbacks=[stop] if held else []
        ).history
        best = int(np.argmin(history["val_loss"])) + 1 if held else None
        losses = {name: [float(value) for value in history[name]] for name in ("loss", "val_loss") if name in history}
        return Weights.of(model), TrainingLog(losses, best)
