"""`Network`: everything that networks share. A model file holds only `architecture` and its options."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError
from beatnaive.core.jax_environment import devices_of, prepare
from beatnaive.core.limits import Count, Natural, Positive, Sessions, ShareOrNone, memory
from beatnaive.core.types import BARS, Fit, Floats, Forecast, Inputs, Ints, Samples
from beatnaive.models.base import Recipe, read_json, require_rows, write_json
from beatnaive.models.networks.scaling import Scalings
from beatnaive.models.networks.windows import Panel, WindowUnit

if TYPE_CHECKING:
    import keras

    from beatnaive.models.networks.forward import Forward
    from beatnaive.models.networks.trainer import Schedule, TrainingLog, Windows
    from beatnaive.models.networks.weights import Weights


WHOLE, WEIGHTS = "model.keras", "model.weights.h5"
LARGE, LARGE_BATCH = 256, 8192
"""A network all of whose sizes are below these fits any machine."""
DURATIONS = frozenset({"epochs", "patience", "updates", "batch"})
"""Options that are numbers, and no sizes of arrays."""


@dataclass(frozen=True)
class Network(Recipe):
    """Options that all networks share.

    lookback: sessions in a window, the origin's included. columns: bars or features by name. target: "return" feeds log
    changes and forecasts the log return in units of its training deviation; "price" feeds prices scaled to the training
    rows' range and forecasts the price. validation: share of the training rows, the latest, that is held out for early
    stopping (0 = none), with `patience` epochs. updates: gradient steps in all, in `epochs` parts, however many windows
    there are (None = whole passes); fewer windows are then seen more often. scale_range: a declared price range in
    place of the training rows' (the published study's leak).
    """

    lookback: Sessions = 60
    columns: tuple[str, ...] = ("Close",)
    target: WindowUnit = "return"
    epochs: Count = 50
    batch: Sessions = 32
    learning_rate: Positive = 0.001
    validation: ShareOrNone = 0.1
    patience: Natural = 10
    updates: Sessions | None = None
    scale_range: tuple[float, float] | None = None

    stochastic: ClassVar[bool] = True
    per_symbol: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for option in fields(self):
            if isinstance(value := getattr(self, option.name), list):
                object.__setattr__(self, option.name, tuple(value))
        _check(self)

    @property
    def steps(self) -> int:
        """Time steps of a window: changes of bars need the session before, so there is one fewer."""
        changes = self.target == "return" and any(name in BARS for name in self.columns)
        return self.lookback - changes

    @property
    def devices(self) -> int:
        """Host devices that training is spread over."""
        return devices_of(self.batch)

    @abstractmethod
    def architecture(self, features: int) -> keras.Model:
        """The network: input (batch, steps, features), output (batch, 1)."""

    def network(self) -> keras.Model:
        """The untrained network for the recipe's own columns. Raises InputError where memory cannot hold it."""
        from beatnaive.models.networks.seeds import default_seeds

        self.require_memory(0)
        with default_seeds(0):
            return self.architecture(len(self.columns))

    def require_memory(self, rows: int) -> None:
        """Raise InputError where memory cannot hold the network, or, with rows, its training on them.

        What is counted is a lower bound: 4 bytes per parameter; in training 16 (the gradient and Adam's two averages),
        and every layer's output for each window of a batch. Nothing is allocated. Networks whose sizes are all at
        most 256 are small, and an architecture of a user's own is its author's affair.
        """
        if not self._is_large or not type(self).architecture.__module__.startswith("beatnaive."):
            return
        prepare(self.devices)
        from beatnaive.models.networks.backend import keras

        with keras.StatelessScope(initialize_variables=False):  # shapes without arrays
            model = self.architecture(len(self.columns))
        # Keras would give arrays to these variables together with those of the next network that is built
        from keras.src.backend.common import global_state

        global_state.set_global_attribute("uninitialized_variables", [])
        outputs = sum(prod(layer.output.shape[1:]) for layer in model.layers)
        need = model.count_params() * (16 if rows else 4) + 4 * min(self.batch, rows) * outputs
        if need > memory():
            raise InputError(
                f"{type(self).__name__.lower()} with {model.count_params():.3g} parameters needs at least "
                f"{need / 1e9:,.0f} GB of memory{' for its training' if rows else ''}, and there are "
                f"{memory() / 1e9:,.0f}: take smaller layers, a shorter lookback or smaller batches"
            )

    @property
    def _is_large(self) -> bool:
        """Whether any size, be it of layers or windows, could be too much; else Keras is not even imported."""
        found = [getattr(self, option.name) for option in fields(self) if option.name not in DURATIONS]
        sizes = [one for size in found for one in (size if isinstance(size, tuple) else (size,)) if type(one) is int]
        return max(sizes) > LARGE or self.batch > LARGE_BATCH

    def fit(self, train: Samples, rng: np.random.Generator) -> NetworkFitted:
        """Train on every complete window of the training rows, all symbols together."""
        prepare(self.devices)
        from beatnaive.models.networks.compiled import is_cloneable
        from beatnaive.models.networks.trainer import train as train_compiled
        from beatnaive.models.networks.uncompiled import train_plain

        start = time.perf_counter()
        windows, scalings = self._prepared(train)
        if is_cloneable(template(self)):
            weights, log = train_compiled(template(self), windows, self._schedule, rng)
        else:
            weights, log = train_plain(lambda: self.architecture(len(self.columns)), windows, self._schedule, rng)
        return self._fitted(scalings, windows, weights, log, seconds=time.perf_counter() - start)

    def fit_many(self, jobs: Sequence[tuple[Samples, np.random.Generator]]) -> list[NetworkFitted]:
        """A fit per job: on an accelerator all of them at once, as one vectorised computation; else one by one."""
        prepare(self.devices)
        from beatnaive.models.networks.batched import pays, train_together
        from beatnaive.models.networks.compiled import is_cloneable

        model = template(self)
        if not (is_cloneable(model) and pays(model)):
            return [self.fit(train, rng) for train, rng in jobs]
        start = time.perf_counter()
        prepared = [self._prepared(train) for train, _ in jobs]
        results = train_together(model, [windows for windows, _ in prepared], self._schedule, [rng for _, rng in jobs])
        each = (time.perf_counter() - start) / len(jobs)
        return [
            self._fitted(scalings, windows, weights, log, seconds=each)
            for (windows, scalings), (weights, log) in zip(prepared, results, strict=True)
        ]

    @property
    def _schedule(self) -> Schedule:
        from beatnaive.models.networks.trainer import Schedule

        return Schedule(self.epochs, self.batch, self.patience, self.learning_rate, self.updates)

    def _prepared(self, train: Samples) -> tuple[Windows, Scalings]:
        """Scaled arrays with the rows split into training and its purged chronological tail, and the scalings."""
        from beatnaive.models.networks.trainer import Windows

        panel = Panel.of(train.inputs, self.columns, self.target, self.steps)
        usable = train.take(panel.whole[panel.rank[train.rows]])
        require_rows(usable, 2, f"{type(self).__name__.lower()} with lookback {self.lookback}")
        scalings = Scalings.of(usable, panel, self.columns, self.target, declared=self.scale_range)
        ends = panel.rank[usable.rows].astype(np.int32)
        label = np.zeros(len(panel.values), dtype=np.float32)
        label[ends] = scalings.label(usable)
        learn, held = tail(usable, self.validation)
        values = scalings.inputs(panel.values, panel.symbol).astype(np.float32)
        return Windows(np.nan_to_num(values), label, ends[learn], ends[held]), scalings

    def _fitted(
        self, scalings: Scalings, windows: Windows, weights: Weights, log: TrainingLog, *, seconds: float
    ) -> NetworkFitted:
        facts = Fit(
            parameters=sum(value.size for value in weights.trainable), windows=len(windows.train),
            history=log.history, best_epoch=log.best_epoch, seconds=seconds, warnings=log.warnings,
        )  # fmt: skip
        return NetworkFitted(self, weights, scalings, facts)

    def load(self, folder: Path) -> NetworkFitted:
        """The inverse of `NetworkFitted.save`: the network is rebuilt from these options, then filled."""
        prepare(self.devices)
        data = read_json(folder)
        facts = Fit(parameters=data["parameters"], windows=data["windows"])
        return NetworkFitted(self, self.saved_weights(folder), Scalings.from_json(data["scaling"]), facts)

    def saved_weights(self, folder: Path) -> Weights:
        """The weights that `NetworkFitted.save` left."""
        from beatnaive.models.networks.weights import Weights

        model = template(self)
        model.load_weights(folder / (WHOLE if (folder / WHOLE).exists() else WEIGHTS))
        return Weights.of(model)

    def forward(self) -> Forward:
        """How the trained network forecasts."""
        from beatnaive.models.networks.compiled import forward_of

        return forward_of(template(self))


@dataclass(frozen=True, eq=False)
class NetworkFitted:
    """A trained network: its recipe, weights and scalings; nothing of the training data."""

    recipe: Network
    weights: Weights
    scalings: Scalings
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """Log returns; NaN for symbols never trained on and where the window is incomplete."""
        recipe = self.recipe
        panel = Panel.of(inputs, recipe.columns, recipe.target, recipe.steps)
        codes = self.scalings.codes(inputs, inputs.symbol[rows])
        able = np.flatnonzero((codes >= 0) & panel.whole[panel.rank[rows]])
        values = self.scalings.inputs(panel.values, self.scalings.codes(inputs, panel.symbol))
        mean = np.full(len(rows), np.nan)
        out = self._outputs(values.astype(np.float32), panel.rank[rows[able]])
        mean[able] = self.scalings.forecast(out, codes[able], inputs.close[rows[able]])
        return Forecast(mean)

    def _outputs(self, panel: NDArray[np.float32], ends: Ints) -> Floats:
        forward = self.recipe.forward()
        return forward.forecast(self.weights.trainable, self.weights.other, panel, ends).astype(np.float64)

    def model(self) -> keras.Model:
        """An ordinary Keras model with the trained weights."""
        return self.weights.give(self.recipe.network())

    def save(self, folder: Path) -> None:
        """`model.keras`, an ordinary Keras file (weights only where there is no configuration), and `model.json`."""
        from beatnaive.models.networks.backend import quiet
        from beatnaive.models.networks.compiled import is_cloneable

        with quiet():
            if is_cloneable(template(self.recipe)):
                self.model().save(folder / WHOLE)
            else:
                self.model().save_weights(folder / WEIGHTS)
        facts = {"parameters": self.facts.parameters, "windows": self.facts.windows}
        write_json(folder, {**facts, "scaling": self.scalings.to_json()})


@cache
def template(recipe: Network) -> keras.Model:
    """The recipe's network, built once per process: its configuration is used; what its weights are is left open."""
    return recipe.network()


def tail(samples: Samples, share: float) -> tuple[Ints, Ints]:
    """Indices to learn from, and of the latest `share` of the samples, which are held out for early stopping.

    Purged: the labels of the former are all known when the latter begin. share 0 holds nothing out.
    """
    index = np.arange(len(samples))
    origin = samples.inputs.origin[samples.rows]
    held = round(share * len(samples))
    if held == 0:
        return index, index[:0]
    begins = origin[len(samples) - held]
    return index[samples.known_at <= begins], index[origin >= begins]


def _check(recipe: Network) -> None:
    """Raise InputError for options that mean nothing."""
    name = type(recipe).__name__.lower()
    for option in ("lookback", "epochs", "batch", "patience"):
        if getattr(recipe, option) < 1:
            raise InputError(f"{name}: {option} is {getattr(recipe, option)}, it must be at least 1")
    if recipe.updates is not None and recipe.updates < recipe.epochs:
        raise InputError(f"{name}: updates is {recipe.updates}, it must be at least epochs, {recipe.epochs}")
    if recipe.steps < 1:
        raise InputError(f"{name}: lookback 1 holds no change of price: take 2 or more")
    if not 0 <= recipe.validation < 1:
        raise InputError(f"{name}: validation is {recipe.validation}, it is a share: take 0 <= validation < 1")
    if recipe.target not in ("return", "price"):
        raise InputError(f"{name}: target is {recipe.target!r}, it is 'return' or 'price'")
    if recipe.scale_range is not None and recipe.target != "price":
        raise InputError(f"{name}: scale_range is a range of prices: it needs target = 'price'")
