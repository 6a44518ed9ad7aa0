"""The contract of forecasters: each check takes a forecaster and samples, and raises ContractBroken or is silent.

The last fifth of the samples is forecast from a fit on what was known before it. `quick` makes a network small enough
to be checked in seconds.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from beatnaive.checks.base import ContractBroken
from beatnaive.core.errors import InputError
from beatnaive.core.types import Fitted, Floats, Forecaster, Inputs, Ints, Samples

T = TypeVar("T")
SMALL: dict[str, Any] = {
    "epochs": 2, "units": (4,), "filters": (4,), "dense": (3,), "lookback": 12, "window": 12, "heads": 2, "layers": 1,
    "width": 8, "max_iter": 20, "blocks": 1,
    "min_samples": 20, "patch": 4, "stride": 2,
}  # fmt: skip
SAFE_FILES = {".json", ".npz", ".npy", ".keras", ".h5", ".txt", ".toml", ".csv", ".parquet"}


def quick(forecaster: T) -> T:
    """The same recipe with fewer epochs and units, where it has such options: contracts do not depend on size.

    >>> from beatnaive.models.lstm import LSTM
    >>> quick(LSTM()).units, quick(LSTM()).epochs
    ((4, 4), 2)
    """
    if not is_dataclass(forecaster) or isinstance(forecaster, type):
        return forecaster
    own = {each.name: getattr(forecaster, each.name) for each in fields(forecaster) if each.init}
    less = {name: _smaller(own[name], SMALL[name]) for name in own if name in SMALL}
    inner = {name: quick(value) for name, value in own.items() if isinstance(value, Forecaster)}
    return replace(forecaster, **(less | inner))


def _smaller(value: Any, small: Any) -> Any:
    if isinstance(value, tuple) and isinstance(small, tuple):
        return small * len(value)
    if isinstance(value, int) and isinstance(small, int) and not isinstance(value, bool):
        return min(value, small)
    return value


@dataclass(frozen=True, eq=False)
class Trial:
    """A forecaster fitted on the samples known at a cutoff, and the rows after it."""

    forecaster: Forecaster
    samples: Samples
    train: Samples
    rows: Ints

    @classmethod
    def of(cls, forecaster: Forecaster, samples: Samples) -> Trial:
        """The last fifth of the samples, by time, is forecast."""
        origin = samples.inputs.origin[samples.rows]
        cutoff = origin[int(0.8 * len(samples))]
        return cls(forecaster, samples, samples.known_by(cutoff), samples.rows[origin > cutoff])

    @property
    def inputs(self) -> Inputs:
        """All inputs, later than any row's origin too."""
        return self.samples.inputs

    def fit(self, seed: int = 0) -> Fitted:
        """Fit on the training samples with a fresh generator."""
        return self.forecaster.fit(self.train, np.random.default_rng(seed))

    def forecast(self, fitted: Fitted) -> Floats:
        """Forecasts of the test rows from the whole inputs."""
        return fitted.predict(self.inputs, self.rows).mean


def no_peeking(forecaster: Forecaster, samples: Samples) -> None:
    """A forecast is the same when all later sessions are cut off, or replaced by others.

    Why: `predict` is handed inputs that reach beyond the row's origin. Tolerance: 1e-9 of the forecast's scale.
    """
    trial = Trial.of(forecaster, samples)
    fitted = trial.fit()
    whole = trial.forecast(fitted)
    for k in np.unique(np.linspace(0, len(trial.rows) - 1, 6).astype(int)):
        row = trial.rows[k : k + 1]
        alone = fitted.predict(trial.inputs.until(trial.inputs.origin[row[0]]), row).mean
        other = fitted.predict(_after(trial.inputs, int(row[0]), factor=3.0), row).mean
        for seen in (alone, other):
            _same(whole[k : k + 1], seen, whole, 1e-9, f"{_name(forecaster)} looks beyond a row's origin")


def label_blind(forecaster: Forecaster, samples: Samples) -> None:
    """Forecasts of *training* rows do not need the sessions that hold their labels.

    Why: a model that recognises rows it was trained on, or reads the label off the inputs, is perfect there and
    nowhere else. Tolerance: 1e-9 of the forecast's scale.
    """
    trial = Trial.of(forecaster, samples)
    fitted = trial.fit()
    rows = trial.train.rows[-5:]
    whole = fitted.predict(trial.inputs, rows).mean
    for k, row in enumerate(rows):
        blind = fitted.predict(_after(trial.inputs, int(row), factor=np.nan), rows[k : k + 1]).mean
        _same(whole[k : k + 1], blind, whole, 1e-9, f"{_name(forecaster)} reads labels when it predicts")


def _after(inputs: Inputs, row: int, *, factor: float) -> Inputs:
    """The same inputs with everything of later origins multiplied."""
    later = (inputs.origin > inputs.origin[row])[:, None]
    return replace(
        inputs, bars=np.where(later, inputs.bars * factor, inputs.bars), x=np.where(later, inputs.x * factor, inputs.x)
    )


def scale_equivariant(forecaster: Forecaster, samples: Samples, scaled: Samples) -> None:
    """Prices times a constant leave the forecast as it is.

    Why: dividends paid later scale all earlier prices by one constant. Tolerance: 1e-6 in log return (of the
    forecast's scale in a volatility study). `scaled` are the samples of the same market with all prices multiplied,
    features computed again: `samples_of(frames, factor=7.0)`.
    """
    before, after = (trial.forecast(trial.fit()) for trial in (Trial.of(forecaster, s) for s in (samples, scaled)))
    unit = 1.0 if samples.target.name == "return" else float(np.nanmean(np.abs(before)))
    gap = np.nanmax(np.abs(before - after), initial=0.0) / unit
    if gap > 1e-6:
        raise ContractBroken(
            f"{_name(forecaster)} depends on the unit of prices: other units move its forecasts by {gap:.2g}: "
            "scale inside fit, or work in returns"
        )


def seeded(forecaster: Forecaster, samples: Samples) -> None:
    """The same seed gives the same forecasts, to the bit.

    Why: a result is a function of data, configuration and seed; global generators are not allowed.
    """
    trial = Trial.of(forecaster, samples)
    first, second = (trial.forecast(trial.fit(seed=5)) for _ in range(2))
    if not np.array_equal(first, second, equal_nan=True):
        raise ContractBroken(f"{_name(forecaster)} differs between two fits with one seed: draw from `rng` only")


def independent_of_batch(forecaster: Forecaster, samples: Samples) -> None:
    """A row's forecast does not depend on which other rows are asked for, nor on their order.

    Why: a batch that holds later rows would tell the row about its future. Tolerance: 1e-9 of the forecast's scale.
    """
    trial = Trial.of(forecaster, samples)
    fitted = trial.fit()
    whole = trial.forecast(fitted)
    rng = np.random.default_rng(0)
    for order in (np.arange(len(whole))[::-1], rng.permutation(len(whole)), rng.permutation(len(whole))[:3], [0]):
        part = fitted.predict(trial.inputs, trial.rows[order]).mean
        _same(whole[order], part, whole, 1e-9, f"{_name(forecaster)} lets rows of one batch influence each other")


def fits_are_independent(forecaster: Forecaster, samples: Samples) -> None:
    """Fitting twice gives two objects with equal forecasts; fitting on other data changes neither.

    Why: an unfitted recipe is immutable and is used for every fold, seed and symbol. Tolerance: none.
    """
    trial = Trial.of(forecaster, samples)
    first = trial.fit()
    before = trial.forecast(first)
    second = trial.fit()
    if first is second:
        raise ContractBroken(f"{_name(forecaster)}: fit returns an object it already gave: return a new, frozen one")
    early = trial.train.take(np.arange(3 * len(trial.train) // 4))
    forecaster.fit(early, np.random.default_rng(1))
    if not np.array_equal(before, trial.forecast(first), equal_nan=True):
        raise ContractBroken(f"{_name(forecaster)}: a later fit changes an earlier fitted model: share no state")
    if not np.array_equal(before, trial.forecast(second), equal_nan=True):
        raise ContractBroken(f"{_name(forecaster)}: the second of two equal fits forecasts something else")


def survives_saving(forecaster: Forecaster, samples: Samples) -> None:
    """Saved and loaded, a model forecasts the same, from files that cannot run code.

    Why: a saved model is sent to other people. Tolerance: none. Pickles are recognised by their first bytes.
    """
    trial = Trial.of(forecaster, samples)
    fitted = trial.fit()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fitted.save(folder)
        for path in (path for path in folder.rglob("*") if path.is_file()):
            if path.suffix not in SAFE_FILES or path.read_bytes()[:1] == b"\x80":
                raise ContractBroken(f"{_name(forecaster)} saves {path.name}, which may run code when it is loaded")
        again = trial.forecast(forecaster.load(folder))
    if not np.array_equal(trial.forecast(fitted), again, equal_nan=True):
        raise ContractBroken(f"{_name(forecaster)} forecasts something else after saving and loading")


def says_what_it_needs(forecaster: Forecaster, samples: Samples) -> None:
    """Too little history is an InputError that names how much is needed and how much was given, or is enough.

    Why: the message is all that a user sees. A model that needs nothing fits on one row.
    """
    scarce = Trial.of(forecaster, samples).train.take(np.arange(1))
    scarce = replace(scarce, inputs=scarce.inputs.until(scarce.inputs.origin[scarce.rows[0]]))
    try:
        forecaster.fit(scarce, np.random.default_rng(0))
    except InputError as error:
        if len(re.findall(r"\d+", str(error))) < 2 or "\n" in str(error):
            raise ContractBroken(f"{_name(forecaster)}: {error}: name what is needed and what is given") from error


def _same(expected: Floats, given: Floats, scale: Floats, tolerance: float, what: str) -> None:
    """Raise ContractBroken when forecasts differ by more than the tolerance times the forecasts' scale."""
    unit = float(np.nanmax(np.abs(scale), initial=0.0)) or 1.0
    lost = np.isnan(expected) != np.isnan(given)
    gap = np.nanmax(np.abs(expected - given), initial=0.0) / unit
    if lost.any() or gap > tolerance:
        by = "a forecast appears or vanishes" if lost.any() else f"by {gap:.2g} of the forecasts' scale"
        raise ContractBroken(f"{what}: forecasts change, {by}: use origins up to the row's own, row by row")


def _name(forecaster: Any) -> str:
    return type(forecaster).__name__
