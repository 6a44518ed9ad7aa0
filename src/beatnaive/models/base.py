"""What every model file shares: design matrices, scaling, price targets, JSON, and `PerSymbol`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from zlib import crc32

import numpy as np

from beatnaive.core.arrays import by_code
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.types import BARS, Fit, Fitted, Floats, Forecast, Forecaster, Inputs, Ints, Samples


@dataclass(frozen=True)
class Recipe:
    """Base of the shipped forecasters: the facts that a study reads off a model before it is fitted.

    lookback: sessions of history a forecast needs, its own row included; stochastic: fitted once per seed;
    per_symbol: fitted symbol by symbol unless the study says otherwise; targets: the studies it serves; least_squares:
    fitted by ordinary least squares of the return, so that fewer columns make a model that is nested in it; light:
    fitted on all symbols it reads its rows once and keeps sums, which is less work than sending a panel to a cluster;
    copies: bytes a fit on all symbols needs, as a share of its training rows' columns, at least.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    stochastic: ClassVar[bool] = False
    per_symbol: ClassVar[bool] = True
    targets: ClassVar[tuple[str, ...]] = ("return",)
    least_squares: ClassVar[bool] = False
    light: ClassVar[bool] = False
    copies: ClassVar[float] = 0.0
    reference: ClassVar[str] = ""

    @property
    def lookback(self) -> int:
        """Sessions of history a forecast needs, its own row included."""
        return 1

    @property
    def devices(self) -> int:
        """Host devices of a process that fits the model: two where JAX splits large batches."""
        return 1

    def require_memory(self, rows: int) -> None:
        """Raise InputError where training on so many rows needs more memory than there is: asked before any fit."""


def design(inputs: Inputs, rows: Ints, columns: Sequence[str] | None = None) -> Floats:
    """(len(rows), columns) values of these columns, features or bars by name; None = all features.

    Raises UnknownName for a column that the study does not have.
    """
    if columns is None:
        return inputs.x[rows]
    if not columns:  # a twin that is left with nothing forecasts by its constant
        return np.empty((len(rows), 0))
    return np.column_stack([_column(inputs, name)[rows] for name in columns])


def _column(inputs: Inputs, name: str) -> Floats:
    if name in inputs.features:
        return inputs.x[:, inputs.features.index(name)]
    if name in BARS:
        return inputs.bars[:, BARS.index(name)]
    raise UnknownName("column", name, [*inputs.features, *BARS])


def require_rows(train: Samples, needed: int, model: str) -> None:
    """Raise InputError when there are fewer training rows than a model needs; says needed and given.

    To be called first in every `fit`: the message is all that a user sees of a period that is too short.
    """
    if len(train) < needed:
        raise InputError(
            f"{model} needs at least {needed} training rows, {len(train)} given: "
            "take a longer period or a shorter lookback"
        )


@dataclass(frozen=True, eq=False)
class Scaling:
    """x -> (x - shift) / scale, per column; estimated on training rows only. A constant column gets scale 1."""

    shift: Floats
    scale: Floats

    @classmethod
    def standard(cls, x: Floats) -> Scaling:
        """Mean and population standard deviation of the training rows x (n, p).

        >>> Scaling.standard(np.array([[1.0, 5.0], [3.0, 5.0]]))(np.array([[4.0, 6.0]]))
        array([[2., 1.]])
        """
        return cls(x.mean(0), _nonzero(x.std(0), x))

    @classmethod
    def minmax(cls, low: Floats, high: Floats) -> Scaling:
        """The training rows' range, low and high (p,), onto 0..1."""
        return cls(low, _nonzero(high - low, np.stack([low, high])))

    def __call__(self, x: Floats) -> Floats:
        """Scaled values."""
        return (x - self.shift) / self.scale

    def undo(self, x: Floats) -> Floats:
        """Back to the original unit."""
        return x * self.scale + self.shift

    def to_json(self) -> dict[str, list[float]]:
        """Plain lists; floats survive JSON exactly."""
        return {"shift": np.ravel(self.shift).tolist(), "scale": np.ravel(self.scale).tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, list[float]]) -> Scaling:
        """The inverse of `to_json`."""
        return cls(np.array(data["shift"]), np.array(data["scale"]))


def _nonzero(spread: Floats, x: Floats) -> Floats:
    """Spreads that are mere rounding of a constant column count as constant."""
    tiny = 1e-12 * np.maximum(np.abs(x).max(0), np.finfo(float).tiny)
    return np.where(spread > tiny, spread, 1.0)


def price_to_return(price: Floats, close: Floats) -> Floats:
    """r = log(price / close), (n,) log returns from forecast prices and the closes they start from, in one currency.

    NaN where the forecast price is not positive: the model is then invalid.

    >>> price_to_return(np.array([110.0, -1.0]), np.array([100.0, 100.0])).round(4)
    array([0.0953,    nan])
    """
    return np.log(np.where(price > 0, price, np.nan) / close)


def mean_of(forecast: Forecast, rows: Ints) -> Floats:
    """The forecast's mean as floats, one per row asked for. Raises InputError for any other shape."""
    mean = np.asarray(forecast.mean, dtype=float)
    if mean.shape != rows.shape:
        raise InputError(f"returned forecasts of shape {mean.shape} for {len(rows)} rows: give one number per row")
    return mean


def write_json(folder: Path, data: Mapping[str, Any], name: str = "model.json") -> None:
    """Parameters as JSON: exact floats, no code."""
    (folder / name).write_text(json.dumps(data, indent=1), encoding="utf-8")


def read_json(folder: Path, name: str = "model.json") -> dict[str, Any]:
    """The inverse of `write_json`."""
    data: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return data


@dataclass(frozen=True)
class PerSymbol:
    """One model per symbol, each trained on that symbol's rows alone, each with randomness of its own."""

    inner: Forecaster

    def fit(self, train: Samples, rng: np.random.Generator) -> PerSymbolFitted:
        """Fit the inner model on each symbol that has training rows."""
        names, groups = train.inputs.symbols, by_code(train.inputs.symbol[train.rows])
        jobs = ((_own(train, code, mine), _for_symbol(rng, names[code])) for code, mine in groups.items())
        parts = dict(zip(groups, fit_each(self.inner, jobs), strict=True))
        return PerSymbolFitted(parts, train.inputs.symbols, pooled_facts([part.facts for part in parts.values()]))

    def load(self, folder: Path) -> PerSymbolFitted:
        """Load every symbol's folder."""
        symbols = tuple(read_json(folder, "symbols.json")["symbols"])
        parts = {int(path.name): self.inner.load(path) for path in sorted(folder.iterdir()) if path.is_dir()}
        return PerSymbolFitted(parts, symbols, pooled_facts([part.facts for part in parts.values()]))


@dataclass(frozen=True, eq=False)
class PerSymbolFitted:
    """Fitted models by symbol code; a symbol never seen in training gets NaN."""

    parts: Mapping[int, Fitted]
    symbols: tuple[str, ...]
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        """Each row from its own symbol's model."""
        mean = np.full(len(rows), np.nan)
        for code, requested in by_code(inputs.symbol[rows]).items():
            if code in self.parts:
                positions, part = inputs.of_symbol(code)
                own = np.searchsorted(positions, rows[requested])
                mean[requested] = mean_of(self.parts[code].predict(part, own), own)
        return Forecast(mean)

    def save(self, folder: Path) -> None:
        """A sub-folder per symbol code."""
        write_json(folder, {"symbols": list(self.symbols)}, "symbols.json")
        for code, fitted in self.parts.items():
            (folder / str(code)).mkdir()
            fitted.save(folder / str(code))


def fit_each(model: Forecaster, jobs: Iterable[tuple[Samples, np.random.Generator]]) -> Iterable[Fitted]:
    """A fit per job, in their order: by the model's own `fit_many` where it has one, else one by one.

    Networks have one: on a GPU all fits are then a single computation.
    """
    many: Callable[..., Iterable[Fitted]] | None = getattr(model, "fit_many", None)
    return many(list(jobs)) if many else (model.fit(*job) for job in jobs)


def _for_symbol(rng: np.random.Generator, symbol: str) -> np.random.Generator:
    """The symbol's own stream: it does not depend on which other symbols are fitted beside it."""
    seeds = rng.bit_generator.seed_seq.entropy  # type: ignore[attr-defined]
    return np.random.default_rng([*np.atleast_1d(seeds).tolist(), crc32(symbol.encode())])


def _own(samples: Samples, code: int, mine: Ints) -> Samples:
    """The samples `mine` of one symbol, over inputs that hold that symbol alone."""
    positions, inputs = samples.inputs.of_symbol(code)
    return Samples(
        inputs, np.searchsorted(positions, samples.rows[mine]), samples.y[mine], samples.known_at[mine], samples.target
    )


def pooled_facts(facts: Sequence[Fit]) -> Fit:
    """The facts of several fits that make one model: sums, and each warning once; the history of a single fit stays.

    >>> pooled_facts([Fit(parameters=2, windows=10), Fit(parameters=2, windows=12)]).parameters
    4
    """
    if len(facts) == 1:
        return facts[0]
    return Fit(
        parameters=sum(fact.parameters for fact in facts),
        windows=sum(fact.windows for fact in facts),
        seconds=sum(fact.seconds for fact in facts),
        warnings=tuple(dict.fromkeys(text for fact in facts for text in fact.warnings)),
    )
